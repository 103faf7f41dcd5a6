// A workspace as plain data: sources, actions, variables, what the environment says, the code of rules; and edits of it. All is
// made by fast-check's arbitraries, so that what fails is shrunk. Nothing here knows of an engine or of a disk.

import fc from "fast-check"
import { gaps } from "./gaps.ts"

/** What lies at a source's path. A link points to another source. */
export type Source =
  | { readonly form: "file"; readonly text: string; readonly isExecutable: boolean }
  | { readonly form: "link"; readonly to: number }
  | { readonly form: "directory" }
  | { readonly form: "absent" }

/** One action. It joins what it reads and its word, keeps so many characters, and writes them in one form. */
export interface Action {
  readonly id: number
  readonly rule: "shell" | "call" | "copy" | "write"
  readonly form: "file" | "tree" | "layer"
  /** Places among the sources, the glob and the earlier actions; taken modulo how many there are. */
  readonly inputs: readonly number[]
  /** Whether it declares none of them, and says afterwards which it has read. */
  readonly finds: boolean
  /** Whether the trees that it reads are laid over each other first. */
  readonly merges: boolean
  readonly keep: number
  readonly word: string
  /** Where its output lies: one of `places`, or in the store only. */
  readonly place: number
  /** An earlier action that must be done first without counting. */
  readonly after: number | undefined
  readonly reads: "nothing" | "variable" | "environment" | "tool"
  /** It fails if what it joined holds this. */
  readonly failsOn: string
}

export interface Project {
  readonly sources: readonly Source[]
  readonly actions: readonly Action[]
  readonly variable: "one" | "two"
  readonly environment: string | undefined
  /** The words in the module of function rules, in a module that it imports, and in the tool. */
  readonly rule: string
  readonly shared: string
  readonly tool: string
  /** Actions asked for, by place; all where there are none. */
  readonly wanted: readonly number[]
}

/** The paths of sources; those below `g/` are read by a glob. */
export const sourcePaths = ["s/a", 's/it\'s a "b"', "s/line\nbreak \u{1f600}", "s/d$x", "g/1", "g/2.txt", "g/deep/3"]
export const globPattern = "g/**"
/** Places for outputs; no two of one project are the same, or one below the other. */
export const places = gaps.inTheWay
  ? ["out/a", "out/b/c", "out/d e/f", "out/é", undefined]
  : ["out/a", "out/a/b", "out/a/b/c", "out/d e/f", "out/d e", "out/é", undefined]

/** How a source's file is written. */
export type Time = "now" | "same" | "old"

/** What is done to something below `out/`. */
export type Spoiling = "remove" | "spoil" | "same" | "directory" | "link" | "chmod" | "touch" | "stray" | "all"
/** What is done to the journal. */
export type Forgetting = "journal" | "own" | "cut" | "flip"

export type Edit =
  | {
      readonly kind: "source"
      readonly at: number
      readonly source: Source
      readonly time: Time
      readonly isMoved: boolean
    }
  | { readonly kind: "action"; readonly at: number; readonly change: Partial<Action> }
  | { readonly kind: "add"; readonly action: Omit<Action, "id"> }
  | { readonly kind: "drop"; readonly at: number }
  | { readonly kind: "words"; readonly change: Partial<Project> }
  | { readonly kind: "output"; readonly at: number; readonly spoiling: Spoiling }
  | { readonly kind: "forget"; readonly what: Forgetting; readonly at: number }

const record = <T extends object>(of: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> =>
  fc.record(of, { noNullPrototype: true }) as fc.Arbitrary<T>

const texts = fc.constantFrom("a", "b", "ab", "ba", "", "bb", "aab")
const nth = fc.nat({ max: 11 })

const file: fc.Arbitrary<Source> = record({
  form: fc.constant("file" as const),
  text: texts,
  isExecutable: fc.boolean(),
})
const sources: fc.Arbitrary<Source> = fc.oneof(
  { weight: 8, arbitrary: file },
  { weight: 1, arbitrary: record({ form: fc.constant("link" as const), to: nth }) },
  { weight: 1, arbitrary: fc.constantFrom<Source>({ form: "absent" }, { form: "directory" }) },
)

const fields = {
  rule: fc.constantFrom<Action["rule"]>("call", "shell", "call", "write", "copy"),
  form: fc.constantFrom<Action["form"]>("file", "file", "tree", "layer"),
  inputs: fc.array(nth, { minLength: 1, maxLength: 3 }),
  finds: fc.boolean(),
  merges: fc.boolean(),
  keep: fc.constantFrom(100, 1, 2, 0),
  word: fc.constantFrom("", "x", "y", "b"),
  place: nth,
  after: fc.option(nth, { nil: undefined }),
  reads: fc.constantFrom<Action["reads"]>("nothing", "variable", "environment", "tool"),
  failsOn: fc.constantFrom("", "", "", "bba"),
}
const actions: fc.Arbitrary<Omit<Action, "id">> = record(fields)

/** A whole project. */
export const projects: fc.Arbitrary<Project> = record({
  sources: fc.array(file, { minLength: sourcePaths.length, maxLength: sourcePaths.length }),
  actions: fc.array(actions, { minLength: 1, maxLength: 6 }),
}).map(({ sources, actions }) => ({
  sources,
  actions: actions.map((action, id) => ({ id, ...action })),
  variable: "one",
  environment: undefined,
  rule: "r",
  shared: "s",
  tool: "t",
  wanted: [],
}))

const words: fc.Arbitrary<Partial<Project>> = fc.oneof(
  record({ variable: fc.constantFrom<Project["variable"]>("one", "two") }),
  record({ environment: fc.constantFrom(undefined, "", "e", "f") }),
  record({ rule: fc.constantFrom("r", "q") }),
  record({ shared: fc.constantFrom("s", "p") }),
  record({ tool: fc.constantFrom("t", "u") }),
  record({ wanted: fc.array(nth, { maxLength: 2 }) }),
)

const sourceEdit: fc.Arbitrary<Edit> = record({
  kind: fc.constant("source" as const),
  at: nth,
  source: sources,
  time: fc.constantFrom<Time>("now", "same", "old"),
  isMoved: fc.boolean(),
})
const outputEdit: fc.Arbitrary<Edit> = record({
  kind: fc.constant("output" as const),
  at: fc.nat({ max: 30 }),
  spoiling: fc.constantFrom<Spoiling>("remove", "spoil", "same", "directory", "link", "chmod", "touch", "stray", "all"),
})
const forgetEdit: fc.Arbitrary<Edit> = record({
  kind: fc.constant("forget" as const),
  what: fc.constantFrom<Forgetting>("journal", "own", "cut", "flip"),
  at: fc.nat({ max: 100_000 }),
})

const edit: fc.Arbitrary<Edit> = fc.oneof(
  { weight: 6, arbitrary: sourceEdit },
  {
    weight: 4,
    arbitrary: record({
      kind: fc.constant("action" as const),
      at: nth,
      change: fc.record(fields, { requiredKeys: [], noNullPrototype: true }).map(onlyOne),
    }),
  },
  { weight: 1, arbitrary: record({ kind: fc.constant("add" as const), action: actions }) },
  { weight: 1, arbitrary: record({ kind: fc.constant("drop" as const), at: nth }) },
  { weight: 2, arbitrary: record({ kind: fc.constant("words" as const), change: words }) },
  { weight: 3, arbitrary: outputEdit },
  { weight: 1, arbitrary: forgetEdit },
)

/** Some edits at once, before the next build. */
export const rounds: fc.Arbitrary<readonly Edit[]> = fc.array(edit, { minLength: 1, maxLength: 3 })

/** One field of a record: an edit changes one thing. */
function onlyOne<T extends object>(change: T): Partial<T> {
  return Object.fromEntries(Object.entries(change).slice(0, 1)) as Partial<T>
}

/** The project after an edit; what an edit does to outputs and journals is not the project's. */
export function edited(project: Project, edit: Edit): Project {
  const at = "at" in edit ? edit.at : 0
  switch (edit.kind) {
    case "source":
      return { ...project, sources: replaced(project.sources, at, () => edit.source) }
    case "action":
      return { ...project, actions: replaced(project.actions, at, (action) => ({ ...action, ...edit.change })) }
    case "add": {
      const id = Math.max(-1, ...project.actions.map((action) => action.id)) + 1
      return { ...project, actions: [...project.actions, { id, ...edit.action }] }
    }
    case "drop": {
      const left = project.actions.filter((_, i) => i !== at % project.actions.length)
      return { ...project, actions: left.length > 0 ? left : project.actions }
    }
    case "words":
      return { ...project, ...edit.change }
    case "output":
    case "forget":
      return project
    default:
      return edit satisfies never
  }
}

const replaced = <T>(list: readonly T[], at: number, by: (old: T) => T): readonly T[] =>
  list.map((one, i) => (i === at % list.length ? by(one) : one))
