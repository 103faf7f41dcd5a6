// What one run of an action is given: everything is decided before; running it only carries it out.

import { join } from "node:path"
import { placedError } from "../base/diagnostic.ts"
import { appendFileSync } from "../base/fs.ts"
import { quoted } from "../base/quote.ts"
import type { Command } from "../graph/command.ts"
import { brokenRuleError } from "../graph/errors.ts"
import type { BuildEvent } from "../graph/event.ts"
import { checkCommand } from "../graph/shape.ts"
import type { Action, Target } from "../graph/target.ts"
import { tool } from "../graph/tool.ts"
import type { Store } from "../store/store.ts"
import type { Aside } from "./aside.ts"
import { contentOfInput, type ReadInput } from "./inputs.ts"
import { commandPath, inputPaths, outputPaths, sandboxRoots } from "./layout.ts"
import type { Machinery } from "./machinery.ts"
import { makeflagsFor } from "./makeflags.ts"
import type { Account } from "./meter.ts"
import type { HeldDirectory } from "./resume.ts"
import type { Slot } from "./slot.ts"
import type { Surroundings } from "./surroundings.ts"
import type { ToolRoots } from "./tool-root.ts"
import type { FoundTool } from "./tools.ts"

/** Everything that one run needs. */
export interface Order {
  readonly target: Target
  readonly action: Action
  readonly inputs: readonly ReadInput[]
  /** The command, for the fixed places of a sandbox; none of a function. */
  readonly command: Command | undefined
  readonly tools: readonly FoundTool[]
  readonly toolRoots: ToolRoots
  /** The path of a program that is no declared tool. */
  readonly installed: (name: string) => string | undefined
  readonly bwrap: string | undefined
  readonly store: Store
  readonly workspaceRoot: string
  readonly aside: Aside
  readonly log: string
  /** A directory that holds the declared tools' programs, for a PATH. */
  readonly toolDirectory: string
  /** How many processes it may start. */
  readonly jobs: number
  /** The jobserver of its children: a named pipe, and what they are told of it. */
  readonly jobserver: { readonly path: string; readonly style: "pipe" | "fifo"; readonly jobs: number } | undefined
  /** Which of how many attempts this is, from 1. */
  readonly attempt: { readonly number: number; readonly of: number }
  /** Whether what it writes is told as events, besides being logged. */
  readonly verbose: boolean
  readonly signal: AbortSignal
  readonly emit: (event: BuildEvent) => void
  /** What it uses is told this. */
  readonly account: Account
  /** The directory that it runs in, and may go on in; none if it gets one of its own. */
  readonly held: HeldDirectory | undefined
  readonly surroundings: Surroundings
  /** What it runs in; undefined for what takes none. */
  readonly slot: Slot | undefined
  /** To be called when its command begins. */
  readonly begin: () => void
  /** To be called when its command will end in next to no time: another may prepare to have its slot. */
  readonly lead: () => void
  /** To be called when its command has ended well. True if others have its slot now: let them start before going on. */
  readonly release: () => boolean
}

/** How much of a run is told, to whom, and what ends it; and how much at once it may start. */
export type Told = Pick<
  Order,
  | "verbose"
  | "signal"
  | "emit"
  | "jobserver"
  | "jobs"
  | "attempt"
  | "slot"
  | "begin"
  | "lead"
  | "release"
  | "account"
  | "held"
  | "surroundings"
>

/** The order for a target's action with these inputs. */
export function orderFor(
  { store, workspace, toolbox, toolRoots, bwrap, toolDirectory, aside }: Machinery,
  target: Target,
  { inputs, command }: Pick<Order, "inputs" | "command">,
  told: Told,
): Order {
  const { action, name } = target
  if (action === undefined) throw new Error(`${name} has no action`)
  const tools = toolbox.forAction(action)
  return {
    target,
    action,
    inputs,
    command,
    tools,
    toolRoots,
    installed: (name) => toolbox.locate(tool({ name }))?.programs[0]?.path,
    bwrap,
    store,
    workspaceRoot: workspace.root,
    aside,
    log: workspace.log(name),
    toolDirectory: bwrap === undefined ? toolDirectory(tools) : "",
    ...told,
  }
}

/** The descriptor by which children inherit their jobserver, opened by the shell that starts them. */
const pipeDescriptor = 4
export const inheritedPipe = (path: string): string => `${pipeDescriptor}<>${quoted(path)}`

/** What an action finds in its environment of how it is run. `jobserver`: as the action sees it. */
export function environmentOf({ jobs, action }: Order, jobserver: Order["jobserver"]): Record<string, string> {
  const said: Record<string, string> = { JOBS: String(jobs) }
  if (jobserver !== undefined) said.MAKEFLAGS = makeflagsOf(jobserver)
  if (action.terms.terminal === true) said.TERM = process.env.TERM ?? "dumb"
  return said
}

function makeflagsOf({ style, path, jobs }: NonNullable<Order["jobserver"]>): string {
  const inherited = { kind: "pipe", read: pipeDescriptor, write: pipeDescriptor } as const
  return makeflagsFor(jobs, style === "fifo" ? { kind: "fifo", path } : inherited)
}

/** How the log of an attempt begins; what an earlier one wrote is left before it. */
export const logHead = ({ target, attempt: { number, of } }: Order): string =>
  number === 1 ? `# ${target.name}\n` : `# attempt ${number} of ${of}\n`

/** Writes what a child says into a log. Nobody would hear what is thrown while it says it: `check` throws that, once the child has ended. */
export function logWriter(log: string): { readonly write: (piece: Uint8Array) => void; readonly check: () => void } {
  let trouble: unknown
  return {
    write(piece) {
      try {
        appendFileSync(log, piece)
      } catch (thrown) {
        trouble ??= thrown
      }
    },
    check() {
      if (trouble !== undefined) throw trouble
    },
  }
}

/** A failed step. */
export interface FailedStep {
  readonly step: string
  readonly how: string
}

/** A rule's command for these directories. Throws a BuildError, with the place in the workspace where that is known, if the rule does. */
export function commandOf(target: Target, roots = sandboxRoots, workspace?: string): Command {
  const { action } = target
  if (action === undefined || action.rule.kind === "call") throw new Error(`${target.name} has no command`)
  const rule = action.rule.kind === "session" ? "session" : "run"
  try {
    const command = action.rule.run(inputPaths(target, commandPath(roots)), outputPaths(target, roots))
    checkCommand(command, rule, target.name)
    return command
  } catch (thrown) {
    throw placedError(thrown, workspace, (reason) => brokenRuleError(target.name, rule, reason))
  }
}

/** Where the content of an input lies on this machine; it must not be written to. */
export async function storedPath({ store, target, workspaceRoot }: Order, input: ReadInput): Promise<string> {
  if (input.input.kind === "source") return join(workspaceRoot, input.input.path)
  const content = contentOfInput(store, target, input)
  store.use(content.digest)
  return content.form === "tree" ? store.checkout(content.digest) : store.blobPath(content)
}
