// One action, from its inputs to its outputs: makes its directories, starts its command or calls its function, and takes over
// what it wrote. Nothing here decides whether it should run.

import { appendFileSync, closeSync, copyFileSync, mkdirSync, openSync, readdirSync, writeFileSync } from "node:fs"
import { dirname, join, relative } from "node:path"
import { BuildError } from "../base/diagnostic.ts"
import { makeParent, readIfThere, statIfThere, walk } from "../base/files.ts"
import { start } from "../base/process.ts"
import { type Command, type Step, stepLabel } from "../graph/command.ts"
import { extraOutputFailure, noOutputFailure, strangeFileFailure } from "../graph/errors.ts"
import type { Key } from "../graph/manifest.ts"
import type { Output, Target } from "../graph/target.ts"
import type { Content } from "../store/content.ts"
import { builtinOutputs, isBuiltin } from "./builtin.ts"
import { callFunction } from "./call.ts"
import { contentOfInput, type ReadInput } from "./inputs.ts"
import { outputPath, rootsBelow, sandboxRoots, usesWorkspace, workspacePath } from "./layout.ts"
import { commandOf, type FailedStep, type Order, storedPath } from "./order.ts"
import { isResumable, resumeDirectory } from "./resume.ts"
import { type Box, launchFor, type Mount, makeDirectories } from "./sandbox.ts"

/** How a run ended, and the directory that it leaves (none for what the engine does itself). */
export type Ran =
  | { readonly outputs: Readonly<Record<string, Content>>; readonly directory: string | undefined }
  | { readonly step: string; readonly how: string; readonly directory: string }

/** Runs the action. `again`: another engine ran it meanwhile. Throws a BuildError where what it wrote is not what it declared. */
export async function runAction(order: Order, key: Key): Promise<Ran | "again"> {
  const { action, target, store } = order
  if (action.rule.kind !== "call" && isBuiltin(commandOf(target)))
    return { outputs: builtinOutputs(order), directory: undefined }
  writeFileSync(order.log, `# ${target.name}\n`)
  if (!isResumable(order)) return runIn(order, store.makeWork())
  const resumed = await resumeDirectory(order, key)
  if (resumed === "again") return "again"
  try {
    if (resumed.goesOn) appendFileSync(order.log, "# goes on where an earlier run ended\n")
    const ran = await runIn(order, resumed.directory)
    return "outputs" in ran ? { ...ran, directory: resumed.spend() } : ran
  } finally {
    resumed.release()
  }
}

async function runIn(order: Order, directory: string): Promise<Ran> {
  const { action, target } = order
  makeDirectories(directory)
  makeOutputs(target, directory)
  const failed = action.rule.kind === "call" ? await callFunction(order, directory) : await runCommand(order, directory)
  if (failed !== undefined) return { ...failed, directory }
  return { outputs: await takeOutputs(order, directory), directory }
}

/** Trees are there, empty, and so are the directories that files go into. */
export function makeOutputs(target: Target, directory: string): void {
  for (const output of Object.values(target.outputs)) {
    const path = join(directory, outputPath(output))
    mkdirSync(output.form === "file" ? dirname(path) : path, { recursive: true })
  }
}

async function runCommand(order: Order, directory: string): Promise<FailedStep | undefined> {
  const command = commandOf(order.target, order.bwrap === undefined ? rootsBelow(directory) : sandboxRoots)
  const box = await boxFor(order, directory, command)
  const { argv, environment, directory: cwd } = launchFor(order.bwrap, box, stepsArgv(command.steps))
  appendFileSync(order.log, command.steps.map((step, i) => `# step ${i + 1}: ${stepLabel(step)}\n`).join(""))
  const log = openSync(order.log, "a")
  let step = 0
  const tell = (i: number) => {
    step = i
    order.emit({ type: "step", target: order.target, step: stepLabel(command.steps[i] as Step) })
  }
  tell(0)
  try {
    const output = order.verbose ? "pipe" : log
    const { process: child, exit } = start(argv, {
      cwd,
      env: environment,
      signal: order.signal,
      stdio: ["ignore", output, output, "pipe"],
    })
    if (order.verbose)
      for (const stream of [child.stdout, child.stderr]) stream?.on("data", (piece: Buffer) => tee(order, piece))
    child.stdio[3]?.on("data", (numbers: Buffer) => tell(Number(String(numbers).trim().split("\n").at(-1))))
    const { status, signal } = await exit
    if (status === 0) return undefined
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

/** The sandbox of an action: its inputs mounted, or, without one, copied. */
export async function boxFor(order: Order, directory: string, command: Command): Promise<Box> {
  const start = usesWorkspace(order.target) ? "project" : "build"
  const mounts: Mount[] = []
  for (const input of order.inputs) {
    const path = workspacePath(input.input)
    const from = await storedPath(order, input)
    if (order.bwrap !== undefined)
      mounts.push({ from, at: path === undefined ? `/in/${input.name}` : `/project/${path}` })
    else
      await copyInput(order, input, from, join(directory, path === undefined ? `in/${input.name}` : `project/${path}`))
  }
  const environment = { ...order.action.environment, ...command.environment }
  return { directory, mounts, tools: order.tools, environment, start, jobs: order.jobs }
}

async function copyInput({ store, target }: Order, input: ReadInput, from: string, to: string): Promise<void> {
  makeParent(to)
  if (input.input.kind === "source") return copyFileSync(from, to)
  const content = contentOfInput(store, target, input)
  if (content.form !== "tree") return copyFileSync(from, to)
  mkdirSync(to)
  await store.copyTree(store.listing(content.digest) ?? [], to, (blob, path) => copyFileSync(blob, path))
}

const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`

/** One program for all steps: the only step itself, or a shell that says on descriptor 3 which step it begins. */
function stepsArgv(steps: readonly Step[]): readonly string[] {
  const [only] = steps
  if (steps.length === 1 && only?.does === "argv") return only.argv
  const lines = steps.map((step, i) => {
    const words = step.does === "argv" ? step.argv : step.does === "shell" ? ["sh", "-eu", "-c", step.script] : []
    return `echo ${i} >&3; (exec ${words.map(quoted).join(" ")} 3>&-) || exit $?`
  })
  return ["sh", "-c", lines.join("\n")]
}

async function takeOutputs(
  { target, store, log: path, workspaceRoot }: Order,
  directory: string,
): Promise<Record<string, Content>> {
  const log = relative(workspaceRoot, path)
  const outputs = Object.values(target.outputs)
  const isWritten = (output: Output) => isOutput(output, join(directory, outputPath(output)))
  const missing = outputs.filter((output) => !isWritten(output))
  const wrote = writtenFiles(directory, target)
  if (missing.length > 0)
    throw new BuildError(
      noOutputFailure(
        target,
        missing.map(({ at, name }) => at ?? name),
        wrote,
        log,
      ),
    )
  const declared = outputs.map((output) => outputPath(output))
  const extra = wrote.filter((path) => !declared.some((own) => path === own || path.startsWith(`${own}/`)))
  if (extra.length > 0)
    throw new BuildError(
      extraOutputFailure(
        target,
        extra.map((path) => path.replace(/^(project|out)\//, "")),
        log,
      ),
    )
  const contents: Record<string, Content> = {}
  for (const output of outputs) {
    const path = join(directory, outputPath(output))
    contents[output.name] =
      output.form === "file"
        ? store.takeFile(path)
        : await store.takeTree(path, (bad) => strangeFileFailure(target, bad))
  }
  return contents
}

function isOutput({ form }: Output, path: string): boolean {
  const stat = statIfThere(path)
  if (form === "file") return stat?.isFile() === true
  return stat?.isDirectory() === true && readdirSync(path).length > 0
}

/** Every file written below project/ and out/, but for the places that inputs were mounted on. */
function writtenFiles(directory: string, { action }: Target): readonly string[] {
  const mounted = Object.values(action?.inputs ?? {})
    .flat()
    .flatMap((input) => workspacePath(input as never) ?? [])
  return ["project", "out"].flatMap((room) =>
    [...walk(join(directory, room))]
      .filter(({ stat }) => !stat.isDirectory())
      .map(({ path }) => `${room}/${path}`)
      .filter((path) => !mounted.some((own) => path === `project/${own}` || path.startsWith(`project/${own}/`))),
  )
}

/** The last lines of a log, for a message. */
export function lastLines(log: string, count: number): readonly string[] {
  const lines = (readIfThere(log) ?? "").trimEnd().split("\n")
  return lines.filter((line) => !line.startsWith("# ")).slice(-count)
}
