// What a build must give, worked out from contents alone: the bytes of every output, who fails, and for each action the identity
// that decides whether it was ever run before. It knows nothing of times, journals or stores.

import { globPattern, type Project, type Source, sourcePaths } from "./model.ts"
import { isWithin, needsOf, type Reference, type Step, stopWord } from "./plan.ts"

/** One path of a tree, or a file. */
export type Entry =
  | { readonly form: "file"; readonly text: string; readonly isExecutable: boolean }
  | { readonly form: "link"; readonly to: string }
  | { readonly form: "directory" }

/** What an output holds: a file, or a tree's entries by path. */
export type Value =
  | Extract<Entry, { form: "file" }>
  | { readonly form: "tree"; readonly entries: ReadonlyMap<string, Entry> }

/** How one step must end. */
export type Expected =
  | { readonly ends: "done"; readonly value: Value; readonly identity: string }
  | { readonly ends: "failed" | "skipped" }

/** What a step reads, in order. */
interface Read {
  readonly name: string
  readonly value: Value
}

/** How every step must end. `sandbox` is part of what a command is. */
export function expectedOf(
  project: Project,
  steps: readonly Step[],
  sandbox: "bwrap" | "off",
): ReadonlyMap<Step, Expected> {
  const made = new Map<Step, Expected>()
  for (const step of steps) made.set(step, expectedFrom(project, step, made, sandbox))
  return made
}

function expectedFrom(
  project: Project,
  step: Step,
  made: ReadonlyMap<Step, Expected>,
  sandbox: "bwrap" | "off",
): Expected {
  if (needsOf(step).some((need) => made.get(need)?.ends !== "done")) return { ends: "skipped" }
  const reads = readsOf(project, step, made)
  if (reads === undefined) return { ends: "failed" }
  const said = saidBy(project, step)
  const joined = joinedOf(step, reads) + said
  const value = step.rule === "copy" ? copied(step, reads) : written(step, joined.slice(0, step.keep))
  const fails = step.failsOn !== "" && step.rule !== "copy" && step.rule !== "write" && joined.includes(step.failsOn)
  return fails
    ? { ends: "failed" }
    : { ends: "done", value, identity: identityOf(project, step, reads, value, sandbox) }
}

/** What a step adds to what it read. */
export function saidBy({ environment, rule, shared, tool }: Project, step: Step): string {
  const outside = step.reads === "environment" ? (environment ?? "none") : ""
  const code = step.rule === "call" ? rule + shared : ""
  return step.word + outside + code + (step.reads === "tool" && step.rule === "shell" ? tool : "")
}

/** The inputs, or undefined if a source is not there. */
function readsOf(project: Project, step: Step, made: ReadonlyMap<Step, Expected>): readonly Read[] | undefined {
  const files = step.files.flatMap((reference) => fileReads(project, reference, made))
  const trees = step.trees.map((tree): Read => ({ name: tree.name, value: valueFrom(made, tree) }))
  const all = [...files, ...trees, ...foundReads(project, step, made)]
  return all.every((read) => read !== undefined) ? all : undefined
}

function fileReads(project: Project, reference: Reference, made: ReadonlyMap<Step, Expected>): (Read | undefined)[] {
  if ("step" in reference) return [{ name: reference.step.name, value: valueFrom(made, reference.step) }]
  if ("glob" in reference) return globbed(project).map((path) => fileAt(project, path))
  return [fileAt(project, reference.source)]
}

/** What a step finds, up to the last that it reads. */
function foundReads(project: Project, { found }: Step, made: ReadonlyMap<Step, Expected>): (Read | undefined)[] {
  const reads: (Read | undefined)[] = []
  for (const { path, step } of found) {
    const value = step === undefined ? fileAt(project, path)?.value : entryAt(step, valueFrom(made, step), path)
    reads.push(value === undefined ? undefined : { name: path, value })
    if (value === undefined || (value.form === "file" && value.text.includes(stopWord))) break
  }
  return reads
}

/** The file that a step left at a path. */
function entryAt({ at }: Step, value: Value, path: string): Value | undefined {
  if (value.form === "file") return value
  const entry = value.entries.get(path.slice(`${at}/`.length))
  return entry?.form === "file" ? entry : undefined
}

/** The paths that the glob gives: those that hold a file, links followed. */
export const globbed = (project: Project): string[] =>
  sourcePaths
    .filter((path) => isWithin(path, globPattern.replace("/**", "")) && fileAt(project, path) !== undefined)
    .sort()

function valueFrom(made: ReadonlyMap<Step, Expected>, step: Step): Value {
  const expected = made.get(step)
  if (expected?.ends !== "done") throw new Error(`${step.name} is not done`)
  return expected.value
}

function fileAt({ sources }: Project, path: string): Read | undefined {
  let at: Source | undefined = sources[sourcePaths.indexOf(path)]
  for (let links = 0; at?.form === "link" && links <= sources.length; links++) at = sources[at.to % sources.length]
  return at?.form === "file" ? { name: path, value: at } : undefined
}

/** A tree's text is that of the file `f` in each of its directories; laid over each other, trees are read in order of path. */
function joinedOf({ merges }: Step, reads: readonly Read[]): string {
  const files = reads.flatMap(({ value }) => (value.form === "file" ? [value.text] : []))
  const trees = reads.flatMap(({ value }) =>
    value.form === "tree" ? [...value.entries].filter(([path]) => path.endsWith("/f")) : [],
  )
  if (merges) trees.sort(([a], [b]) => (a < b ? -1 : 1))
  return [...files, ...trees.map(([, entry]) => (entry.form === "file" ? entry.text : ""))].join("")
}

function copied(step: Step, reads: readonly Read[]): Value {
  if (step.form === "file") return reads[0]?.value as Value
  const entries = reads.flatMap(({ value }) => (value.form === "tree" ? [...value.entries] : []))
  return { form: "tree", entries: new Map(entries) }
}

const fileOf = (text: string): Extract<Entry, { form: "file" }> => ({
  form: "file",
  text,
  isExecutable: text.startsWith("b"),
})

/** The shapes that a tree takes, by the length of its text: nothing besides `f`, a file, a directory, a link. */
function written({ form, name, rule }: Step, text: string): Value {
  if (form === "file") return fileOf(text)
  const entries = new Map<string, Entry>([
    [name, { form: "directory" }],
    [`${name}/f`, fileOf(text)],
  ])
  const plain = (text: string): Entry => ({ form: "file", text, isExecutable: false })
  if (text.length % 4 === 1) entries.set(`${name}/x`, plain("x"))
  if (text.length % 4 === 2) entries.set(`${name}/x`, { form: "directory" }).set(`${name}/x/y`, plain("y"))
  // The engine itself writes no links.
  if (text.length % 4 === 3 && rule !== "write") entries.set(`${name}/x`, { form: "link", to: "f" })
  return { form: "tree", entries }
}

/** Everything that the result depends on, and nothing else. */
function identityOf(project: Project, step: Step, reads: readonly Read[], value: Value, sandbox: string): string {
  const { rule, form, at, keep, failsOn, name, merges, trees, files } = step
  if (rule === "write") return JSON.stringify([rule, form, at, plain(value)])
  // A command's text holds the paths of what it reads; a function is told them, and only sources count by name.
  const paths = [...files, ...trees].map((read) => pathOf(read, rule !== "call", merges))
  const isNamed = ({ name }: Read) => sourcePaths.includes(name) || step.found.some(({ path }) => path === name)
  const contents = reads.map((read) => [isNamed(read) ? read.name : "", plain(read.value)])
  const isLaid = merges && trees.length > 0
  if (rule === "copy") return JSON.stringify([rule, form, at, isLaid, paths, contents])
  const tool = step.reads === "tool" ? project.tool : ""
  const code = rule === "call" ? [project.rule, project.shared] : sandbox
  const own = [form === "file" ? "" : name, trees.map(({ holds }) => holds), step.found.map(({ path }) => path)]
  return JSON.stringify([
    rule,
    form,
    at,
    isLaid,
    paths,
    contents,
    keep,
    failsOn,
    own,
    saidBy(project, step),
    tool,
    code,
  ])
}

const plain = (value: Value): unknown => (value.form === "tree" ? [...value.entries].sort() : value)

function pathOf(read: Reference | Step, isCommand: boolean, merges: boolean): string {
  const step = "step" in read ? read.step : "name" in read ? read : undefined
  if (step === undefined || !isCommand || (merges && step.form !== "file")) return ""
  return step.form === "layer" ? "" : (step.at ?? "")
}
