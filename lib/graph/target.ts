// Targets and their outputs are values: referred to by name in the language, never by a string. This file holds what one
// can say of them and touches nothing.

import type { BuildError } from "../base/diagnostic.ts"
import type { Command } from "./command.ts"
import { noName } from "./errors.ts"
import type { Running } from "./running.ts"
import { checkGroup, checkTarget, checkText } from "./shape.ts"
import { type Terms, termsOf } from "./terms.ts"
import type { Tool } from "./tool.ts"

/** A file of the workspace, by its path below the root, with `/`. */
export interface SourceFile {
  /** What it is. */
  readonly kind: "source"
  /** Its path, `src/main.c`. */
  readonly path: string
  /** The file's name without its last extension. */
  readonly stem: string
}

/** What a target writes. `at` is a path in the workspace; without it the output lies in the store only. */
export interface Output {
  /** What it is. */
  readonly kind: "output"
  /** file; tree: a directory that belongs to this output; layer: a tree laid into a directory shared with others. */
  readonly form: "file" | "tree" | "layer"
  /** What its target calls it. */
  readonly name: string
  /** Its path in the workspace, if it has one. */
  readonly at: string | undefined
  /** What makes it. */
  readonly target: Target
}

/** Several trees laid over each other, seen as one. Two that hold the same path are an error naming both. */
export interface Layers {
  /** What it is. */
  readonly kind: "layers"
  /** The trees, in order. */
  readonly trees: readonly Output[]
  /** Patterns of paths to leave out: `*` within a name, `**` across names; a path's own pattern takes all below it. */
  readonly without: readonly string[]
}

/** What an action can read: a file of the workspace, another target's output, or several outputs laid over each other. */
export type Input = SourceFile | Output | Layers
/** Inputs by the names that the rule gives them: each one input, or a list. */
export type Inputs = Readonly<Record<string, Input | readonly Input[]>>

/** What a rule may declare as an output: a workspace path (a file there), or what `file`, `tree`, `layer` give. */
export type OutputDeclaration =
  | string
  | {
      /** What it is: see {@link Output}. */
      readonly form: Output["form"]
      /** Its path in the workspace, if it has one. */
      readonly at?: string
    }
/** Outputs by the names that the rule gives them. */
export type OutputDeclarations = Readonly<Record<string, OutputDeclaration>>

/**
 * The paths that a rule is given in the place of its inputs: what has a path in the workspace is called by that, relative to where a
 * command starts; for a function they are absolute. They must not be written to.
 */
export type InputPaths<I extends Inputs> = { readonly [K in keyof I]: PathsOf<I[K]> }
/** The path of one input; of a list, a list of paths. */
export type PathsOf<T> = T extends readonly Input[] ? { readonly [K in keyof T]: string } : string
/** The paths that a rule is given in the place of its outputs, as for inputs. All must be there when it ends. */
export type OutputPaths<O extends OutputDeclarations> = { readonly [K in keyof O]: string }

/**
 * The name among an action's inputs of the tree that is its root.
 * @internal
 */
export const rootName = "/"

/**
 * The tree that an action has for its root; undefined: it has none of its own, and its tools are the build machine's.
 * @internal
 */
export const rootOf = (action: Action | undefined): Input | undefined => action?.inputs[rootName] as Input | undefined

/**
 * A rule as data (`command`), as code (`call`), or as a program that takes over the terminal (`session`).
 * @internal
 */
export type Rule =
  | { readonly kind: "command"; readonly run: (inputs: never, outputs: never) => Command }
  | {
      readonly kind: "session"
      readonly run: (inputs: never, words: never) => Command
      readonly before: (() => Promise<void>) | undefined
    }
  | {
      readonly kind: "call"
      readonly call: (inputs: never, outputs: never, running: Running) => Promise<void>
      readonly module: string
    }

/**
 * One rule with what it reads and writes.
 * @internal
 */
export interface Action {
  readonly rule: Rule
  readonly inputs: Inputs
  readonly tools: readonly Tool[]
  readonly environment: Readonly<Record<string, string>>
  /** What counts for the key of a function rule besides its inputs: anything that it closes over. */
  readonly parameters: string
  /** Whether a run that was interrupted may be gone on with: its steps can be repeated in the scratch directory that it left. */
  readonly isResumable: boolean
  readonly terms: Terms
}

/** A named thing one can ask to have built: one action, or none (a group). */
export interface Target<O extends OutputDeclarations = OutputDeclarations> {
  /** What it is. */
  readonly kind: "target"
  /** Unique in a graph; the log file and the journal know the target by it. */
  readonly name: string
  /** What a person is told of it; may be empty. */
  readonly about: string
  /** What it writes: values that other targets take as inputs. One that it does not declare does not compile. */
  readonly outputs: { readonly [K in keyof O]: Output }
  /** @internal */
  readonly action: Action | undefined
  /** What a group is made of, or what must be there first without counting (order-only). */
  readonly members: readonly Target[]
  /** Of a group: a workspace directory whose layers are this group's only; others are taken away once it is built. */
  readonly directory?: string | undefined
  /**
   * Why it cannot be built.
   * @internal
   */
  readonly refusal?: () => BuildError
  /** `file:line` of what declared it, for messages. */
  readonly where: string | undefined
  /** How long it may take, in ms, as long as it has not been seen to run. */
  readonly expectedMs: number | undefined
}

/** What one says of any target, besides its rule. */
export interface CommonOptions<I extends Inputs, O extends OutputDeclarations> extends Terms {
  /** Unique in a graph. Default: the path of its first output; where it has none, what the Buildfile returns the target as. */
  readonly name?: string | undefined
  /** What it is, in a few words: `list`, `help` and completion show it. */
  readonly about?: string | undefined
  /** `file:line` of what declares it, for messages. */
  readonly where?: string | undefined
  /** What its action reads. */
  readonly inputs?: I
  /** What its action writes. A path belongs to one target only. */
  readonly outputs?: O
  /** What its action runs: in a sandbox it finds no other program. `sh` is always there. */
  readonly tools?: readonly Tool[]
  /**
   * A tree that is the root directory of a command, read-only: its programs are those in `usr/bin` of that tree, and of the build machine
   * it sees nothing. It declares no tools, and cannot run without a sandbox. A session starts there, too, with the workspace at `/project`.
   */
  readonly root?: Output | Layers | undefined
  /** What its action finds in its environment besides. */
  readonly environment?: Readonly<Record<string, string>>
  /** Targets that must be built before, but do not count (order-only). */
  readonly after?: readonly Target[]
  /** How long it may take, in ms, as long as it has not been seen to run: decides only what is started first. */
  readonly expectedMs?: number | undefined
  /** An interrupted run's scratch directory is kept, and the next run of the same key starts in it. For what takes hours. */
  readonly resumable?: boolean | undefined
}

/** A rule as data: gives the command. Called whenever a key is needed, so it must give the same each time and do nothing else. */
export interface CommandRule<I extends Inputs, O extends OutputDeclarations> {
  /** The command, for the paths that its inputs and outputs have where it runs. */
  readonly run: (inputs: InputPaths<I>, outputs: OutputPaths<O>) => Command
}

/** A program that takes over the terminal, outside the sandbox, once everything that it needs is built. Never cached. */
export interface SessionRule<I extends Inputs> {
  /** The command, for the paths of its inputs; `words` were typed after `--`. */
  readonly session: (inputs: InputPaths<I>, words: readonly string[]) => Command
  /** Called before it starts, once everything that it needs is built. A BuildError that it throws is why it does not. */
  readonly before?: () => Promise<void>
}

/** A rule as code. It runs in the engine's process, unprotected. */
export interface FunctionRule<I extends Inputs, O extends OutputDeclarations> {
  /** Makes the outputs. An Error that it throws is how the action failed. */
  readonly call: (inputs: InputPaths<I>, outputs: OutputPaths<O>, running: Running) => Promise<void>
  /** `import.meta.url` of the module that holds the function: it and all that it imports are part of the key. */
  readonly module: string
  /** Whatever else its result depends on, as text: all that it closes over. */
  readonly parameters?: string
}

/** What one says of a target: what it is, and one rule. */
export type TargetOptions<I extends Inputs, O extends OutputDeclarations> = CommonOptions<I, O> &
  (CommandRule<I, O> | SessionRule<I> | FunctionRule<I, O>)

/**
 * Declares a target with its action. Nothing happens until it is built. The rule is called with the paths of its inputs and outputs
 * under the names that they have here; a name that is not declared does not compile.
 *
 * @example
 * ```ts
 * const object = target({
 *   inputs: { source: source("src/main.c") },
 *   outputs: { object: "out/main.o" },
 *   tools: [cc],
 *   run: ({ source }, { object }) => command("cc", "-c", source, "-o", object),
 * })
 * const app = target({
 *   about: "the program",
 *   inputs: { objects: [object.outputs.object] },
 *   outputs: { program: "out/app" },
 *   tools: [cc],
 *   run: ({ objects }, { program }) => command("cc", ...objects, "-o", program),
 * })
 * ```
 * @example A function as rule, which says what it reads as it goes.
 * ```ts
 * const words = target({
 *   inputs: { list: source("lists/all.txt") },
 *   outputs: { count: "out/count.txt" },
 *   module: import.meta.url,
 *   async call({ list }, { count }, { need }) {
 *     const names = (await readFile(list, "utf8")).trim().split("\n")
 *     const texts = await Promise.all(names.map((name) => readFile(need(name), "utf8")))
 *     await writeFile(count, `${texts.join(" ").split(/\s+/).length}\n`)
 *   },
 * })
 * ```
 */
export function target<const I extends Inputs, const O extends OutputDeclarations>(
  options: TargetOptions<I, O>,
): Target<O> {
  const { about = "", inputs = {}, outputs = {}, tools = [], environment = {}, after = [], where, expectedMs } = options
  const { resumable: isResumable = false, root } = options
  checkTarget(options as unknown as Readonly<Record<string, unknown>>)
  const declared = Object.entries<OutputDeclaration>(outputs).map(
    ([name, declared]) => [name, declarationOf(declared)] as const,
  )
  const name = options.name ?? declared.find(([, { at }]) => at !== undefined)?.[1].at ?? noName
  const parameters = "parameters" in options ? (options.parameters ?? "") : ""
  const action: Action = {
    rule: ruleOf(options as unknown as TargetOptions<Inputs, OutputDeclarations>),
    inputs: root === undefined ? inputs : { ...inputs, [rootName]: root.kind === "layers" ? root : layers([root]) },
    tools,
    environment,
    parameters,
    isResumable,
    terms: termsOf(options),
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

/**
 * A name for several targets; a function gives them once they are asked for, where declaring them takes long. With `directory`, the layers
 * in that workspace directory are this group's only.
 */
export function group(
  name: string,
  members: readonly Target[] | (() => readonly Target[]),
  about = "",
  directory?: string,
): Target {
  const none = { outputs: {}, action: undefined, where: undefined, expectedMs: undefined }
  const given = { kind: "target", name, about, directory, ...none } as const
  if (typeof members !== "function") {
    checkGroup(name, members)
    return { ...given, members }
  }
  let declared: readonly Target[] | undefined
  return {
    ...given,
    get members() {
      if (declared === undefined) {
        declared = members()
        checkGroup(name, declared)
      }
      return declared
    },
  }
}

/** A name under which there is nothing to build: who asks for it is told why. */
export const refused = (name: string, refusal: () => BuildError, about = ""): Target => ({
  ...group(name, [], about),
  refusal,
})

/** Names targets without a name by what a Buildfile returns them as: `default` only where there is nothing else. */
export function nameReturned(targets: Readonly<Record<string, Target>>): void {
  const inOrder = Object.entries(targets).sort(([a], [b]) => Number(a === "default") - Number(b === "default"))
  for (const [name, target] of inOrder)
    if (target.name === noName) (target as { -readonly [K in keyof Target]: Target[K] }).name = name
}

/** Declares a file as output: at a path in the workspace (for which the path alone will do), or in the store only. */
export const file = (at?: string): OutputDeclaration => declare("file", at)
/** Declares a whole directory as output, with whatever the rule writes into it: at a path in the workspace, or in the store only. */
export const tree = (at?: string): OutputDeclaration => declare("tree", at)
/**
 * Declares a tree as output that is laid into a workspace directory, which it shares with other layers. Two layers with the same path
 * are an error that names both.
 */
export const layer = (at: string): OutputDeclaration => declare("layer", at)

/** Trees laid over each other as one input. `without` leaves paths out: see {@link Layers}. */
export const layers = (trees: readonly Output[], without: readonly string[] = []): Layers => ({
  kind: "layers",
  trees,
  without,
})

/** A file of the workspace, by its path below the root. Building what reads it is an error if it is not there. */
export function source(path: string): SourceFile {
  checkText(path, () => "the path of a `source`")
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
  if ("session" in options) return { kind: "session", run: options.session as never, before: options.before }
  return { kind: "call", call: options.call as never, module: options.module }
}
