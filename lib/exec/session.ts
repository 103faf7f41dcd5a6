// Programs that take over the terminal: a session target's own, and a shell in the place where an action runs.

import { type ChildProcess, spawn } from "node:child_process"
import { availableParallelism, constants } from "node:os"
import { join, relative } from "node:path"
import { removeAll } from "../base/files.ts"
import { mkdirSync, writeFileSync } from "../base/fs.ts"
import { stepLabel, wordsOf } from "../graph/command.ts"
import { rootWithoutSandboxError } from "../graph/errors.ts"
import { eachInput, type Makers, makersOf, outputsOf } from "../graph/graph.ts"
import { rootName, rootOf, type Target } from "../graph/target.ts"
import { tool } from "../graph/tool.ts"
import { enter } from "../store/inuse.ts"
import { boxFor } from "./box.ts"
import { type ReadInput, readInputs } from "./inputs.ts"
import { inputPaths, rootsBelow, sandboxRoots } from "./layout.ts"
import type { Machinery } from "./machinery.ts"
import { Account } from "./meter.ts"
import { commandOf, orderFor, storedPath, type Told } from "./order.ts"
import { makeOutputs } from "./outputs.ts"
import { type Box, type Launch, launchFor, makeDirectories } from "./sandbox.ts"
import { Surroundings, surroundingsOf } from "./surroundings.ts"
import { programNamed } from "./tools.ts"

/**
 * Prepares a session target whose needs are built; `words` were typed after `--`. What it gives is to be called once the workspace is
 * let go: it may build there.
 */
export async function sessionFor(
  target: Target,
  machinery: Machinery,
  words: readonly string[] = [],
): Promise<() => Promise<number>> {
  const { action } = target
  if (action?.rule.kind !== "session") throw new Error(`${target.name} is no session`)
  const { root } = machinery.workspace
  const paths = new Map<string, string>()
  for (const input of inputsOf(target, machinery)) {
    const at = input.input.kind === "output" ? input.input.at : undefined
    paths.set(
      input.name,
      at === undefined
        ? await storedPath(
            orderFor(machinery, target, { inputs: [input], command: undefined }, untold(machinery)),
            input,
          )
        : join(root, at),
    )
  }
  await action.rule.before?.()
  const { steps } = action.rule.run(
    inputPaths(target, ({ name }) => paths.get(name) ?? ""),
    words as never,
  )
  const tree = paths.get(rootName)
  const place = tree === undefined ? undefined : placeFor(target, machinery, tree)
  // The system's directories are looked through before PATH, which need not name them.
  const tools = action.tools.flatMap((one) => machinery.toolbox.locate(one) ?? [])
  const launches = steps.map((step): Launch => {
    if (step.does !== "argv") throw new Error(`a session has programs only: ${target.name}`)
    const argv = wordsOf(step.argv)
    if (place !== undefined) return launchFor(machinery.bwrap, place, argv)
    const [program = "", ...args] = argv
    const path = programNamed(tools, program) ?? program
    return { argv: [path, ...args], environment: process.env as Record<string, string>, directory: root }
  })
  const leave = await enter(machinery.store)
  return async () => {
    try {
      for (const launch of launches) {
        const status = await attached(launch)
        if (status !== 0) return status
      }
      return 0
    } finally {
      leave()
      if (place !== undefined) removeAll(place.directory)
    }
  }
}

/** The place of a session that has a root of its own: private directories, and the workspace, which it may write to. */
function placeFor(target: Target, { store, workspace, bwrap }: Machinery, root: string): Box {
  if (bwrap === undefined) throw rootWithoutSandboxError(target)
  const directory = store.makeWork()
  makeDirectories(directory)
  const environment = { HOME: "/build", TERM: process.env.TERM ?? "dumb", ...target.action?.environment }
  const told = { JOBS: String(availableParallelism()) }
  return { directory, root, project: workspace.root, mounts: [], tools: [], environment, start: "project", told }
}

/** What an action's inputs are, by what their targets gave when they were last built here. */
const inputsOf = (target: Target, { workspace }: Machinery): readonly ReadInput[] =>
  readInputs(target, workspace.root, workspace.journal, ({ target: from, name }) => {
    const content = workspace.journal.built(from.name)?.outputs[name]
    if (content === undefined) throw new Error(`${from.name} is not built`)
    return content
  })

/** Nobody is told of what a session does, and it ends by itself. */
const untold = ({ workspace }: Machinery, makers: Makers = makersOf([])): Told => ({
  verbose: false,
  signal: new AbortController().signal,
  emit: () => {},
  jobs: availableParallelism(),
  jobserver: undefined,
  attempt: { number: 1, of: 1 },
  held: undefined,
  slot: undefined,
  account: new Account(),
  begin: () => {},
  lead: () => {},
  release: () => false,
  surroundings: new Surroundings(workspace.root, makers),
})

const bash = tool({ name: "bash" })
const longestName = 40

/** What a shell in an action's place starts with: its directory, and the command to start there. */
export interface ShellStart {
  /** Whether it is what a failed run left; a fresh one is empty. */
  readonly isFailedRun: boolean
  readonly run: () => Promise<number>
}

/** Prepares an interactive shell where the action of `target` runs, with its inputs, tools and environment. */
export async function shellFor(target: Target, machinery: Machinery, makers: Makers): Promise<ShellStart> {
  const { workspace, store, bwrap } = machinery
  const failed = workspace.failed(target.name)
  const directory = failed ?? store.makeWork()
  if (failed === undefined) makeDirectories(directory)
  const told = untold(machinery, makers)
  const order = orderFor(machinery, target, { inputs: inputsOf(target, machinery), command: undefined }, told)
  const found = rootOf(target.action) === undefined ? machinery.toolbox.find(bash) : undefined
  const command = commandOf(target, bwrap === undefined ? rootsBelow(directory) : sandboxRoots, workspace.root)
  const steps = join(directory, "etc", "steps")
  mkdirSync(steps, { recursive: true })
  command.steps.forEach((step, i) => {
    const name = stepLabel(step)
      .replace(/[^\w.-]+/g, "-")
      .slice(0, longestName)
    if (step.does === "shell") writeFileSync(join(steps, `${i + 1}-${name}`), `${step.script}\n`)
  })
  makeOutputs(target, directory)
  const tools = found === undefined ? order.tools : [...order.tools, found]
  const shown = { ...command, environment: { ...command.environment, TERM: process.env.TERM ?? "dumb" } }
  const box = await boxFor({ ...order, tools }, directory, shown, surroundingsOf(order, command))
  const launch = launchFor(machinery.bwrap, box, [found === undefined ? "sh" : "bash"])
  store.use(relative(store.root, directory))
  const leave = await enter(store)
  const run = async () => {
    const status = await attached(launch).finally(leave)
    if (failed === undefined) removeAll(directory)
    return status
  }
  return { isFailedRun: failed !== undefined, run }
}

/** Signals that end a process of which nothing else is asked. A terminal sends its own to whatever runs on it. */
const passedOn = ["SIGTERM", "SIGHUP"] as const

/** Runs a program on the terminal; while it does, Ctrl-C is for it alone, and what would end this process ends it. */
function attached({ argv, environment, directory }: Launch): Promise<number> {
  const [program = "", ...args] = argv
  let child: ChildProcess | undefined
  const ignore = () => {}
  const pass = (signal: NodeJS.Signals) => child?.kill(signal)
  process.on("SIGINT", ignore)
  for (const signal of passedOn) process.on(signal, pass)
  return new Promise<number>((resolve, reject) => {
    child = spawn(program, args, { cwd: directory, env: environment, stdio: "inherit" })
    child.once("error", reject)
    child.once("exit", (status, signal) => resolve(status ?? statusBy(signal)))
  }).finally(() => {
    process.off("SIGINT", ignore)
    for (const signal of passedOn) process.off(signal, pass)
  })
}

/** The status that a shell gives a program which a signal ended. */
const statusBy = (signal: NodeJS.Signals | null): number => 128 + (signal === null ? 0 : constants.signals[signal])

/** The targets whose results a shell or a session of `target` needs to be there. */
export const inputTargets = (target: Target): readonly Target[] =>
  eachInput(target.action?.inputs ?? {}).flatMap(({ input }) => outputsOf(input).map((output) => output.target))
