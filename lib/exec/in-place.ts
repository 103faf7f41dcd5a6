// A command without a sandbox: it runs in the workspace itself, and its outputs are there when it ends. What it wrote is copied into
// the store. Nothing keeps it from reading or writing what it does not declare.

import { dirname, join } from "node:path"
import { errorCode, makeParent, removeAll, statIfThere, unlinkIfThere } from "../base/files.ts"
import { appendFileSync, mkdirSync } from "../base/fs.ts"
import { quoted } from "../base/quote.ts"
import { type Command, type Step, stepLabel } from "../graph/command.ts"
import { ask } from "./ask.ts"
import { environmentOf, type FailedStep, inheritedPipe, logHead, type Order } from "./order.ts"
import { type PlainStep, withResponses } from "./response.ts"
import type { Ended } from "./shell.ts"
import type { Shells } from "./shells.ts"
import { programNamed } from "./tools.ts"

/** Runs the command; what it writes gets into its log, and nothing makes a log if it writes nothing. `again`: it was not begun. */
export async function runInPlace(
  order: Order,
  command: Command,
  shells: Shells,
): Promise<FailedStep | "again" | undefined> {
  const { target, log, workspaceRoot } = order
  const clear = () => {
    clearOutputs(order)
    const depfile = command.depfilePath === undefined ? undefined : join(workspaceRoot, command.depfilePath)
    if (depfile !== undefined && statIfThere(depfile) !== undefined) removeWhatever(depfile)
  }
  order.aside.clear(target)
  clear()
  if (order.attempt.number === 1 && statIfThere(log) !== undefined) unlinkIfThere(log)
  const ended = await ask(order, command, shells, (scratch) => {
    const steps = withResponses(target, command.steps, { directory: scratch, seen: scratch })
    return scriptOf(order, command, steps, scratch)
  })
  if (ended === undefined) return "again"
  if (ended.output.length > 0 || ended.status !== 0 || order.attempt.number > 1) writeLog(order, command, ended)
  if (ended.status === 0) return undefined
  clear()
  const how = ended.status === undefined ? "was ended" : `exited with ${ended.status}`
  return { step: stepLabel(command.steps[ended.step] as Step), how }
}

function writeLog(order: Order, { steps }: Command, { output }: Ended): void {
  // The command may have removed what was there.
  makeParent(order.log)
  const heads = steps.map((step, i) => `# step ${i + 1}: ${stepLabel(step)}\n`)
  appendFileSync(order.log, `${logHead(order)}${heads.join("")}`)
  appendFileSync(order.log, output)
}

/** The outputs are not there, the directories that they go into are. */
export function clearOutputs({ workspaceRoot, target }: Pick<Order, "workspaceRoot" | "target">): void {
  for (const { at = "", form } of Object.values(target.outputs)) {
    const path = join(workspaceRoot, at)
    // What is thrown costs more than a look.
    if (statIfThere(path) !== undefined) removeWhatever(path)
    if (form === "tree") mkdirSync(path, { recursive: true })
    else if (statIfThere(dirname(path)) === undefined) makeParent(path)
  }
}

function removeWhatever(path: string): void {
  try {
    unlinkIfThere(path)
  } catch (thrown) {
    if (!["EISDIR", "EPERM"].includes(errorCode(thrown) ?? "")) throw thrown
    removeAll(path)
  }
}

/** One step after the other, until one fails. */
function scriptOf(
  order: Order,
  { directory, environment = {} }: Command,
  steps: readonly PlainStep[],
  scratch: string,
): string {
  const { action, tools, toolDirectory, jobserver } = order
  const places = { TMPDIR: scratch, SCRATCH: scratch }
  const own: Readonly<Record<string, string>> = {
    ...places,
    ...environmentOf(order, jobserver),
    ...action.environment,
    ...environment,
  }
  const { PATH, ...rest } = own
  const path = PATH === undefined ? toolDirectory : `${PATH}:${toolDirectory}`
  const assigned = Object.entries({ ...rest, PATH: path }).map(([name, value]) => `${name}=${quoted(value)}`)
  const inherited = jobserver?.style === "pipe" ? ` ${inheritedPipe(jobserver.path)}` : ""
  const lines = steps.map((step) => {
    const words = step.does === "shell" ? ["/bin/sh", "-eu", "-c", step.script] : step.does === "argv" ? step.argv : []
    const [program = "", ...args] = words
    const path = program.includes("/") ? program : (programNamed(tools, program) ?? program)
    const run = `${assigned.join(" ")} ${[path, ...args].map(quoted).join(" ")} 3>&- 4>&- 5>&-${inherited}`
    return directory === undefined ? run : `(cd ${quoted(directory)} && ${run})`
  })
  return lines.map((line, i) => `s=${i} && ${line}`).join(" && ")
}
