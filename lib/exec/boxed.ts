// A command in a directory of its own, in a sandbox or without one: asked of a shell that stays, or, where it is told while it runs what
// it does, a child of this process.

import { join } from "node:path"
import { setImmediate as turn } from "node:timers/promises"
import { appendFileSync, closeSync, openSync, writeFileSync } from "../base/fs.ts"
import { start } from "../base/process.ts"
import { quoted } from "../base/quote.ts"
import { type Command, type Step, stepLabel } from "../graph/command.ts"
import { ask, isAsked } from "./ask.ts"
import { boxFor, served } from "./box.ts"
import { rootsBelow } from "./layout.ts"
import { commandOf, type FailedStep, inheritedPipe, logWriter, type Order } from "./order.ts"
import { type Place, type PlainStep, withResponses } from "./response.ts"
import { fixedUmask, type Launch, launchFor, type Mount } from "./sandbox.ts"
import type { Shells } from "./shells.ts"

/** Where a command runs, and who may be asked for it. */
interface Where {
  readonly directory: string
  readonly shells: Shells
  /** What it sees of the workspace besides its inputs. */
  readonly surroundings: readonly Mount[]
}

/** Runs a command in a directory of its own; what it writes gets into its log. `again`: it was not begun. */
export async function runBoxed(
  order: Order,
  declared: Command,
  { directory, shells, surroundings }: Where,
): Promise<FailedStep | "again" | undefined> {
  const command = placed(order, declared, directory)
  const box = await boxFor(order, directory, command, surroundings)
  const scripts = {
    directory: join(directory, "etc"),
    seen: order.bwrap === undefined ? join(directory, "etc") : "/etc",
  }
  const steps = withResponses(order.target, command.steps, scripts)
  const [only] = steps
  const alone = order.bwrap !== undefined && isAsked(order.target, order) ? only : undefined
  const argv = alone === undefined ? stepsArgv(steps, scripts, served(order)) : stepArgv(alone, scripts)
  const launch = launchFor(order.bwrap, box, argv)
  appendFileSync(order.log, command.steps.map((step, i) => `# step ${i + 1}: ${stepLabel(step)}\n`).join(""))
  return alone === undefined ? asChild(order, command, launch) : byShell(order, command, launch, shells)
}

async function byShell(
  order: Order,
  command: Command,
  { argv }: Launch,
  shells: Shells,
): Promise<FailedStep | "again" | undefined> {
  const step = stepLabel(command.steps[0] as Step)
  const call = `s=0 && ${argv.map(quoted).join(" ")} >>${quoted(order.log)} 2>&1 3>&- 4>&- 5>&-`
  const tell = () => order.emit({ type: "step", target: order.target, step })
  const ended = await ask(order, command, shells, () => call, tell)
  if (ended === undefined) return "again"
  if (ended.status === 0) return undefined
  const how = ended.status === undefined ? "was ended" : `exited with ${ended.status}`
  return { step, how }
}

/** What starts a program that is no shell's. */
const underUmask = ["/bin/sh", "-c", `${fixedUmask}; exec "$@"`, "sh"]

async function asChild(
  order: Order,
  command: Command,
  { argv, environment, directory: cwd }: Launch,
): Promise<FailedStep | undefined> {
  const log = openSync(order.log, "a")
  const written = logWriter(order.log)
  let step = 0
  const tell = (i: number) => {
    step = i
    order.emit({ type: "step", target: order.target, step: stepLabel(command.steps[i] as Step) })
  }
  tell(0)
  try {
    const isAttached = order.action.terms.terminal === true
    const output = isAttached ? "inherit" : order.verbose ? "pipe" : log
    const { process: child, exit } = start([...underUmask, ...argv], {
      cwd,
      env: environment,
      signal: order.signal,
      isAttached,
      stdio: [isAttached ? "inherit" : "ignore", output, output, "pipe"],
    })
    order.account.begin(child.pid)
    const tee = (piece: Buffer) => {
      written.write(piece)
      order.emit({ type: "output", target: order.target, text: String(piece) })
    }
    if (order.verbose) for (const stream of [child.stdout, child.stderr]) stream?.on("data", tee)
    child.stdio[3]?.on("data", (numbers: Buffer) => tell(Number(String(numbers).trim().split("\n").at(-1))))
    const { status, signal } = await exit
    written.check()
    if (status === 0) return order.release() ? turn() : undefined
    return {
      step: stepLabel(command.steps[step] as Step),
      how: signal === null ? `exited with ${status}` : `was ended by ${signal}`,
    }
  } finally {
    order.account.end()
    closeSync(log)
  }
}

/** The command for where it runs. */
const placed = ({ target, bwrap }: Order, command: Command, directory: string): Command =>
  bwrap === undefined ? commandOf(target, rootsBelow(directory)) : command

/** Longer ones are read from a file: no word of a command line may have 128 KB. */
const longestScript = 30_000

const wordsOf = (step: PlainStep): readonly string[] =>
  step.does === "argv" ? step.argv : step.does === "shell" ? ["sh", "-eu", "-c", step.script] : []

/** One program for all steps: the only step itself, or a shell that says on descriptor 3 which step it begins. */
function stepsArgv(steps: readonly PlainStep[], scripts: Place, jobserver: Order["jobserver"]): readonly string[] {
  const [only] = steps
  const inherited = jobserver?.style === "pipe" ? [`exec ${inheritedPipe(jobserver.path)}`] : []
  if (steps.length === 1 && only?.does === "argv" && inherited.length === 0) return only.argv
  const lines = steps.map((step, i) => {
    const words = wordsOf(step)
    return `echo ${i} >&3; (exec ${words.map(quoted).join(" ")} 3>&-) || exit $?`
  })
  return scriptArgv([...inherited, ...lines].join("\n"), scripts, [])
}

/** The program for one step of which nothing is told. */
const stepArgv = (step: PlainStep, scripts: Place): readonly string[] =>
  step.does === "shell" ? scriptArgv(step.script, scripts, ["-eu"]) : wordsOf(step)

function scriptArgv(script: string, scripts: Place, options: readonly string[]): readonly string[] {
  if (script.length < longestScript) return ["sh", ...options, "-c", script]
  writeFileSync(join(scripts.directory, "script"), script)
  return ["sh", ...options, join(scripts.seen, "script")]
}
