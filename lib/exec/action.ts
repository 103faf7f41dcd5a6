// One action, from its inputs to its outputs: makes its directories, starts its command or calls its function, and takes over
// what it wrote. Nothing here decides whether it should run.

import { appendFileSync, closeSync, openSync, writeFileSync } from "node:fs"
import { join, relative, resolve } from "node:path"
import { setImmediate as turn } from "node:timers/promises"
import { BuildError } from "../base/diagnostic.ts"
import { readIfThere } from "../base/files.ts"
import { start } from "../base/process.ts"
import { type Command, type Step, stepLabel } from "../graph/command.ts"
import { goesOnNotice, noOutputFailure, strangeFileFailure } from "../graph/errors.ts"
import type { Key } from "../graph/manifest.ts"
import type { Content } from "../store/content.ts"
import { checkRoom } from "./able.ts"
import { boxFor, served, sourceMounts } from "./box.ts"
import { builtinOutputs, isBuiltin } from "./builtin.ts"
import { callFunction } from "./call.ts"
import { takeDepfile } from "./discovered.ts"
import { isInPlace, runInPlace } from "./in-place.ts"
import { rootsBelow, usesWorkspace } from "./layout.ts"
import { commandOf, type FailedStep, inheritedPipe, logHead, type Order, quoted } from "./order.ts"
import { isOutput, makeOutputs, takeOutputs } from "./outputs.ts"
import { type Place, type PlainStep, withResponses } from "./response.ts"
import { isResumable, resumeDirectory } from "./resume.ts"
import { launchFor, makeDirectories } from "./sandbox.ts"
import type { Shells } from "./shells.ts"

/** How a run ended, and the directory that it leaves (none for what the engine does itself). */
export type Ran =
  | {
      readonly outputs: Readonly<Record<string, Content>>
      readonly directory: string | undefined
      /** What it read without declaring it. */
      readonly discovered: readonly string[]
      /** Whether the outputs lie in the workspace already. */
      readonly isPlaced: boolean
    }
  | { readonly step: string; readonly how: string; readonly directory: string | undefined }

/** Runs the action. `again`: another engine ran it meanwhile. Throws a BuildError where what it wrote is not what it declared. */
export async function runAction(order: Order, key: Key, shells: Shells): Promise<Ran | "again"> {
  const { command, target, store } = order
  if (command !== undefined && isBuiltin(command))
    return { outputs: builtinOutputs(order), directory: undefined, discovered: [], isPlaced: false }
  if (command !== undefined && isInPlace(target, order)) return inPlace(order, command, shells)
  writeFileSync(order.log, logHead(order), { flag: order.attempt.number === 1 ? "w" : "a" })
  if (!isResumable(order)) {
    checkRoom(order)
    return runIn(order, store.makeWork())
  }
  const resumed = await resumeDirectory(order, key)
  if (resumed === "again") return "again"
  try {
    if (!resumed.goesOn) checkRoom(order)
    else {
      appendFileSync(order.log, "# goes on where an earlier run ended\n")
      order.emit({ type: "notice", diagnostic: goesOnNotice(target) })
    }
    const ran = await runIn(order, resumed.directory)
    return "outputs" in ran ? { ...ran, directory: resumed.spend() } : ran
  } finally {
    resumed.release()
  }
}

async function runIn(order: Order, directory: string): Promise<Ran> {
  const { command } = order
  makeDirectories(directory)
  makeOutputs(order.target, directory)
  const needed = new Set<string>()
  const failed =
    command === undefined
      ? await callFunction(order, directory, (path) => needed.add(path))
      : await runCommand(order, directory)
  if (failed !== undefined) return { ...failed, directory }
  const discovered =
    command?.depfilePath === undefined ? [...needed].sort() : depfileIn(order, command.depfilePath, directory)
  const besides = command?.depfilePath === undefined ? [] : sourceMounts(order)
  return { outputs: await takeOutputs(order, directory, besides), directory, discovered, isPlaced: false }
}

async function inPlace(order: Order, command: Command, shells: Shells): Promise<Ran | "again"> {
  const { target, workspaceRoot: root, store } = order
  const failed = await runInPlace(order, command, shells)
  if (failed === "again") return failed
  if (failed !== undefined) return { ...failed, directory: undefined }
  const path = command.depfilePath
  const places = { start: root, workspace: root, isOpen: true }
  const discovered = path === undefined ? [] : takeDepfile(target, { path: resolve(root, path), ...places })
  const outputs: Record<string, Content> = {}
  for (const output of Object.values(target.outputs)) {
    const at = join(root, output.at ?? "")
    if (!isOutput(output, at))
      throw new BuildError(noOutputFailure(target, [output.at ?? ""], [], relative(root, order.log)))
    outputs[output.name] = await store.copyOf(at, (bad) => strangeFileFailure(target, bad))
  }
  return { outputs, directory: undefined, discovered, isPlaced: true }
}

/** What a sandboxed command says that it read; it saw the workspace at /project. */
function depfileIn({ target }: Order, path: string, directory: string): readonly string[] {
  const start = usesWorkspace(target) ? "/project" : "/build"
  const seen = resolve(start, path)
  return takeDepfile(target, { path: join(directory, seen), start, workspace: "/project", isOpen: false })
}

async function runCommand(order: Order, directory: string): Promise<FailedStep | undefined> {
  const command = placed(order, directory)
  const box = await boxFor(order, directory, command)
  const scripts = {
    directory: join(directory, "etc"),
    seen: order.bwrap === undefined ? join(directory, "etc") : "/etc",
  }
  const steps = withResponses(order.target, command.steps, scripts)
  const { argv, environment, directory: cwd } = launchFor(order.bwrap, box, stepsArgv(steps, scripts, served(order)))
  appendFileSync(order.log, command.steps.map((step, i) => `# step ${i + 1}: ${stepLabel(step)}\n`).join(""))
  const log = openSync(order.log, "a")
  let step = 0
  const tell = (i: number) => {
    step = i
    order.emit({ type: "step", target: order.target, step: stepLabel(command.steps[i] as Step) })
  }
  tell(0)
  try {
    const isAttached = order.action.terms.terminal === true
    const output = isAttached ? "inherit" : order.verbose ? "pipe" : log
    const { process: child, exit } = start(argv, {
      cwd,
      env: environment,
      signal: order.signal,
      isAttached,
      stdio: [isAttached ? "inherit" : "ignore", output, output, "pipe"],
    })
    if (order.verbose)
      for (const stream of [child.stdout, child.stderr]) stream?.on("data", (piece: Buffer) => tee(order, piece))
    child.stdio[3]?.on("data", (numbers: Buffer) => tell(Number(String(numbers).trim().split("\n").at(-1))))
    const { status, signal } = await exit
    if (status === 0) return order.release() ? turn() : undefined
    return {
      step: stepLabel(command.steps[step] as Step),
      how: signal === null ? `exited with ${status}` : `was ended by ${signal}`,
    }
  } finally {
    closeSync(log)
  }
}

function tee({ log, emit, target }: Order, piece: Buffer): void {
  appendFileSync(log, piece)
  emit({ type: "output", target, text: String(piece) })
}

/** The command for where it runs. */
function placed({ target, command, bwrap }: Order, directory: string): Command {
  return bwrap === undefined || command === undefined ? commandOf(target, rootsBelow(directory)) : command
}

/** Longer ones are read from a file: no word of a command line may have 128 KB. */
const longestScript = 30_000

/** One program for all steps: the only step itself, or a shell that says on descriptor 3 which step it begins. */
function stepsArgv(steps: readonly PlainStep[], scripts: Place, jobserver: Order["jobserver"]): readonly string[] {
  const [only] = steps
  const inherited = jobserver?.style === "pipe" ? [`exec ${inheritedPipe(jobserver.path)}`] : []
  if (steps.length === 1 && only?.does === "argv" && inherited.length === 0) return only.argv
  const lines = steps.map((step, i) => {
    const words = step.does === "argv" ? step.argv : step.does === "shell" ? ["sh", "-eu", "-c", step.script] : []
    return `echo ${i} >&3; (exec ${words.map(quoted).join(" ")} 3>&-) || exit $?`
  })
  const script = [...inherited, ...lines].join("\n")
  if (script.length < longestScript) return ["sh", "-c", script]
  writeFileSync(join(scripts.directory, "script"), script)
  return ["sh", join(scripts.seen, "script")]
}

/** The last lines of a log, for a message. */
export function lastLines(log: string, count: number): readonly string[] {
  const lines = (readIfThere(log) ?? "").trimEnd().split("\n")
  return lines.filter((line) => !line.startsWith("# ")).slice(-count)
}
