// A project's actions, worked out: what each reads by name, and what it writes where. Both the real targets and the oracle are
// made from this, so that they differ in nothing but how they come to the bytes.

import { type Action, globPattern, type Project, places, sourcePaths } from "./model.ts"

/** Something that an action reads: a source by its path, the glob, or an earlier step. */
export type Reference = { readonly source: string } | { readonly glob: string } | { readonly step: Step }

/** What an action reads without declaring it: a file of the workspace, of a source or left by an earlier step. */
export interface Found {
  readonly path: string
  readonly step: Step | undefined
}

/** One action with its place in the graph. */
export interface Step {
  readonly name: string
  readonly rule: Action["rule"]
  readonly form: Action["form"]
  /** A path in the workspace; undefined: in the store only. */
  readonly at: string | undefined
  /** The directories at the top of its tree; empty for a file. */
  readonly holds: readonly string[]
  readonly files: readonly Reference[]
  readonly trees: readonly Step[]
  /** What it reads besides, one after the other, up to the first that says `stopWord`. */
  readonly found: readonly Found[]
  readonly merges: boolean
  readonly after: Step | undefined
  readonly keep: number
  /** What it adds to what it joined, besides what the environment and the tool say. */
  readonly word: string
  readonly reads: Action["reads"]
  readonly failsOn: string
}

/** A found file that holds this is the last that is read. */
export const stopWord = "bb"

/** Where layers are laid. */
export const layerDirectory = "out/root"

/** The steps in order; each reads only earlier ones. */
export function stepsOf(project: Project): readonly Step[] {
  const steps: Step[] = []
  for (const action of project.actions) steps.push(stepOf(project, action, steps))
  return steps
}

/** The steps that are asked for. */
export function wantedOf({ wanted }: Project, steps: readonly Step[]): readonly Step[] {
  return wanted.length === 0 ? steps : [...new Set(wanted.map((i) => steps[i % steps.length] as Step))]
}

/** Every step that the given ones need, themselves included. */
export function closureOf(wanted: readonly Step[]): ReadonlySet<Step> {
  const closure = new Set(wanted)
  for (const step of closure) for (const need of needsOf(step)) closure.add(need)
  return closure
}

/** What must be done before a step. */
export const needsOf = ({ files, trees, found, after }: Step): readonly Step[] => [
  ...found.flatMap(({ step }) => step ?? []),
  ...files.flatMap((file) => ("step" in file ? [file.step] : [])),
  ...trees,
  ...(after === undefined ? [] : [after]),
]

function stepOf(project: Project, action: Action, before: readonly Step[]): Step {
  const { id, rule, merges, keep, reads, failsOn } = action
  const name = `t${id}`
  const references = referencesOf(action, before)
  const word = action.word + (reads === "variable" ? project.variable : "")
  const after = action.after === undefined ? undefined : before[action.after % Math.max(1, before.length)]
  const common = { name, merges, after, keep, word, reads, failsOn }
  if (mayFind(action)) {
    const found = references.flatMap((reference) => foundAt(reference))
    const at = placeOf(action, before, "file") ?? `out/t${id}`
    return { ...common, rule, form: "file", at, holds: [], files: [], trees: [], found, merges: false }
  }
  const trees: Step[] = []
  for (const reference of references) {
    if (!("step" in reference) || reference.step.form === "file") continue
    const { step } = reference
    // Two trees that hold the same path cannot be laid over each other.
    const isTwice = trees.some(
      (tree) => tree === step || (merges && tree.holds.some((top) => step.holds.includes(top))),
    )
    if (!isTwice) trees.push(step)
  }
  const files = references.filter((reference) => !("step" in reference) || reference.step.form === "file")
  if (rule === "copy")
    return { ...common, ...copyOf(files, trees, merges), rule, found: [], at: placeOf(action, before, "tree") }
  const read = rule === "write" ? { files: [], trees: [] } : { files, trees }
  const holds = action.form === "file" ? [] : [name]
  return { ...common, ...read, rule, found: [], form: action.form, holds, at: placeOf(action, before, action.form) }
}

const mayFind = ({ finds, rule }: Action): boolean => finds && (rule === "shell" || rule === "call")

/** Where a reference can be read by its path. A depfile cannot name what has a newline in its name. */
function foundAt(reference: Reference): readonly Found[] {
  if ("source" in reference) {
    const { source } = reference
    return source.includes("\n") ? [] : [{ path: source, step: undefined }]
  }
  if ("glob" in reference || reference.step.at === undefined || reference.step.form === "layer") return []
  const { step } = reference
  const [top] = step.holds
  if (step.form === "file") return [{ path: step.at ?? "", step }]
  return top === undefined ? [] : [{ path: `${step.at}/${top}/f`, step }]
}

/** A copy copies one thing: the trees, laid over each other or the first, or else one file. */
function copyOf(files: readonly Reference[], trees: readonly Step[], merges: boolean) {
  if (trees.length > 0) {
    const copied = merges ? trees : trees.slice(0, 1)
    return { form: "tree", files: [], trees: copied, holds: copied.flatMap(({ holds }) => holds) } as const
  }
  const file = files.find((reference) => !("glob" in reference)) ?? { source: sourcePaths[0] ?? "" }
  return { form: "file", files: [file], trees: [], holds: [] } as const
}

function referencesOf({ inputs }: Action, before: readonly Step[]): Reference[] {
  const all: Reference[] = [
    ...sourcePaths.slice(0, 4).map((source) => ({ source })),
    { glob: globPattern },
    ...before.map((step) => ({ step })),
  ]
  return [...new Set(inputs.map((i) => i % all.length))].map((i) => all[i] as Reference)
}

/** A free place for an output: neither it, nor what is above or below it, belongs to an earlier step. */
function placeOf({ place, id }: Action, before: readonly Step[], form: Action["form"]): string | undefined {
  if (form === "layer") return layerDirectory
  const at = places[place % places.length]
  if (at === undefined) return undefined
  const isTaken = before.some((step) => step.at !== undefined && (isWithin(at, step.at) || isWithin(step.at, at)))
  return isTaken ? `out/t${id}` : at
}

/** Whether a path is, or lies below, another. */
export const isWithin = (path: string, other: string): boolean => path === other || path.startsWith(`${other}/`)
