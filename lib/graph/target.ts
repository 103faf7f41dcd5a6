// Targets and their outputs are values: referred to by name in the language, never by a string. This file holds what one
// can say of them and touches nothing.

import type { Command } from "./command.ts"
import type { Tool } from "./tool.ts"

/** A file of the workspace, by its path below the root, with `/`. */
export interface SourceFile {
  readonly kind: "source"
  readonly path: string
  /** The file's name without its last extension. */
  readonly stem: string
}

/** What a target writes. `at` is a path in the workspace; without it the output lies in the store only. */
export interface Output {
  readonly kind: "output"
  /** file; tree: a directory that belongs to this output; layer: a tree laid into a directory shared with others. */
  readonly form: "file" | "tree" | "layer"
  readonly name: string
  readonly at: string | undefined
  readonly target: Target
}

/** Several trees laid over each other, seen as one. Two that hold the same path are an error naming both. */
export interface Layers {
  readonly kind: "layers"
  readonly trees: readonly Output[]
  /** Patterns of paths to leave out: `*` within a name, `**` across names; a path's own pattern takes all below it. */
  readonly without: readonly string[]
}

export type Input = SourceFile | Output | Layers
export type Inputs = Readonly<Record<string, Input | readonly Input[]>>

/** What a rule may declare as an output: a workspace path (a file there), or what `file`, `tree`, `layer` give. */
export type OutputDeclaration = string | { readonly form: Output["form"]; readonly at?: string }
export type OutputDeclarations = Readonly<Record<string, OutputDeclaration>>

/** The paths that a rule is given in the place of its inputs. */
export type InputPaths<I extends Inputs> = {
  readonly [K in keyof I]: I[K] extends readonly Input[] ? readonly string[] : string
}
export type OutputPaths<O extends OutputDeclarations> = { readonly [K in keyof O]: string }

/** What a function rule can do besides computing. */
export interface Running {
  readonly signal: AbortSignal
  /** A private directory, empty at the start. */
  readonly scratch: string
  /** A directory kept from run to run, for downloads that are not finished; shared with other engines. */
  readonly keep: string
  /** The path of a stored file of this SHA-256, if there is one; it must not be written to. */
  stored(digest: string): string | undefined
  /**
   * The absolute path of a workspace file that the rule reads besides its inputs; from then on it counts as one, also if it is not
   * there. `path` is relative to the workspace.
   */
  need(path: string): string
  /** Adds a line to the action's log. */
  log(line: string): void
  /** Says how far it is: a fraction of 1 where known, and a few words. */
  progress(fraction: number | undefined, words: string): void
  /** The path of a declared tool's program. */
  program(name: string): string
  /** Starts a program; it is ended with the action. Rejects if it cannot be started. */
  start(argv: readonly string[], options?: StartOptions): Started
}

export interface StartOptions {
  readonly directory?: string
  readonly environment?: Readonly<Record<string, string>>
  /** Where what it writes goes: to the log (default), or to the caller by `output`. */
  readonly capture?: boolean
}

export interface Started {
  /** What it writes, piece by piece, standard error included; empty unless captured. */
  readonly output: AsyncIterable<string>
  write(text: string): void
  end(): void
  /** Ends it with all its descendants. */
  kill(): void
  readonly status: Promise<number | null>
}

/** A rule as data (`command`), as code (`call`), or as a program that takes over the terminal (`session`). */
export type Rule =
  | { readonly kind: "command"; readonly run: (inputs: never, outputs: never) => Command }
  | { readonly kind: "session"; readonly run: (inputs: never, outputs: never) => Command }
  | {
      readonly kind: "call"
      readonly call: (inputs: never, outputs: never, running: Running) => Promise<void>
      readonly module: string
    }

/** One rule with what it reads and writes. */
export interface Action {
  readonly rule: Rule
  readonly inputs: Inputs
  readonly tools: readonly Tool[]
  readonly environment: Readonly<Record<string, string>>
  /** What counts for the key of a function rule besides its inputs: anything that it closes over. */
  readonly parameters: string
  /** Whether a run that was interrupted may be gone on with: its steps can be repeated in the scratch directory that it left. */
  readonly isResumable: boolean
}

/** A named thing one can ask to have built: one action, or none (a group). */
export interface Target<O extends OutputDeclarations = OutputDeclarations> {
  readonly kind: "target"
  /** Unique in a graph; the log file and the journal know the target by it. */
  readonly name: string
  readonly about: string
  readonly outputs: { readonly [K in keyof O]: Output }
  readonly action: Action | undefined
  /** What a group is made of, or what must be there first without counting (order-only). */
  readonly members: readonly Target[]
  /** Of a group: a workspace directory whose layers are this group's only; others are taken away once it is built. */
  readonly directory?: string | undefined
  /** `file:line` of what declared it, for messages. */
  readonly where: string | undefined
  /** How long it may take, in ms, as long as it has not been seen to run. */
  readonly expectedMs: number | undefined
}

interface Common<I extends Inputs, O extends OutputDeclarations> {
  /** Default: the path of its first output. */
  readonly name?: string
  readonly about?: string
  readonly where?: string | undefined
  readonly inputs?: I
  readonly outputs?: O
  readonly tools?: readonly Tool[]
  readonly environment?: Readonly<Record<string, string>>
  /** Targets that must be built before, but do not count. */
  readonly after?: readonly Target[]
  readonly expectedMs?: number | undefined
  /** An interrupted run's scratch directory is kept, and the next run of the same key starts in it. For what takes hours. */
  readonly resumable?: boolean
}

export type TargetOptions<I extends Inputs, O extends OutputDeclarations> = Common<I, O> &
  (
    | { readonly run: (inputs: InputPaths<I>, outputs: OutputPaths<O>) => Command }
    | { readonly session: (inputs: InputPaths<I>, outputs: OutputPaths<O>) => Command }
    | {
        /** Runs in the engine's process; keyed by `module` (`import.meta.url`), all that it imports, and `parameters`. */
        readonly call: (inputs: InputPaths<I>, outputs: OutputPaths<O>, running: Running) => Promise<void>
        readonly module: string
        readonly parameters?: string
      }
  )

/** Declares a target with its action. */
export function target<const I extends Inputs, const O extends OutputDeclarations>(
  options: TargetOptions<I, O>,
): Target<O> {
  const { about = "", inputs = {}, outputs = {}, tools = [], environment = {}, after = [], where, expectedMs } = options
  const { resumable: isResumable = false } = options
  const declared = Object.entries<OutputDeclaration>(outputs).map(
    ([name, declared]) => [name, declarationOf(declared)] as const,
  )
  const name = options.name ?? declared.find(([, { at }]) => at !== undefined)?.[1].at ?? "?"
  const parameters = "parameters" in options ? (options.parameters ?? "") : ""
  const action: Action = {
    rule: ruleOf(options as unknown as TargetOptions<Inputs, OutputDeclarations>),
    inputs,
    tools,
    environment,
    parameters,
    isResumable,
  }
  const made: { -readonly [K in keyof Target]: Target[K] } = {
    kind: "target",
    name,
    about,
    action,
    members: after,
    where,
    outputs: {},
    expectedMs,
  }
  made.outputs = Object.fromEntries(
    declared.map(([name, { form, at }]) => [name, { kind: "output", name, form, at, target: made } satisfies Output]),
  )
  return made as unknown as Target<O>
}

/** A name for several targets. */
export const group = (name: string, members: readonly Target[], about = "", directory?: string): Target => ({
  kind: "target",
  name,
  about,
  members,
  directory,
  outputs: {},
  action: undefined,
  where: undefined,
  expectedMs: undefined,
})

/** Declares a file: in the workspace at a path, or in the store only. */
export const file = (at?: string) => declare("file", at)
/** Declares a whole directory, with whatever the rule writes into it. */
export const tree = (at?: string) => declare("tree", at)
/** Declares a tree laid into a workspace directory that it shares with other layers. */
export const layer = (at: string) => declare("layer", at)

/** Trees laid over each other as one input. */
export const layers = (trees: readonly Output[], without: readonly string[] = []): Layers => ({
  kind: "layers",
  trees,
  without,
})

/** A file of the workspace, by its path below the root. */
export function source(path: string): SourceFile {
  const name = path.slice(path.lastIndexOf("/") + 1)
  const dot = name.lastIndexOf(".")
  return { kind: "source", path, stem: dot > 0 ? name.slice(0, dot) : name }
}

const declare = (form: Output["form"], at?: string): OutputDeclaration => (at === undefined ? { form } : { form, at })

function declarationOf(declaration: OutputDeclaration): { form: Output["form"]; at: string | undefined } {
  if (typeof declaration === "string") return { form: "file", at: declaration }
  return { form: declaration.form, at: declaration.at }
}

function ruleOf(options: TargetOptions<Inputs, OutputDeclarations>): Rule {
  if ("run" in options) return { kind: "command", run: options.run as never }
  if ("session" in options) return { kind: "session", run: options.session as never }
  return { kind: "call", call: options.call as never, module: options.module }
}
