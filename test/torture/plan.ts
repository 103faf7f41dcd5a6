// A project's actions, worked out: what each reads by name, and what it writes where. Both the real targets and the oracle are
// made from this, so that they differ in nothing but how they come to the bytes.

import { type Action, globPattern, type Project, places, sourcePaths } from "./model.ts"

/** Something that an action reads: a source by its path, the glob, or an earlier step. */
export type Reference = { readonly source: string } | { readonly glob: string } | { readonly step: Step }

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
  readonly merges: boolean
  readonly after: Step | undefined
  readonly keep: number
  /** What it adds to what it joined, besides what the environment and the tool say. */
  readonly word: string
  readonly reads: Action["reads"]
  readonly failsOn: string
}

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
export const needsOf = ({ files, trees, after }: Step): readonly Step[] => [
  ...files.flatMap((file) => ("step" in file ? [file.step] : [])),
  ...trees,
  ...(after === undefined ? [] : [after]),
]

function stepOf(project: Project, action: Action, before: readonly Step[]): Step {
  const { id, rule, merges, keep, reads, failsOn } = action
  const name = `t${id}`
  const references = referencesOf(action, before)
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
  const word = action.word + (reads === "variable" ? project.variable : "")
  const after = action.after === undefined ? undefined : before[action.after % Math.max(1, before.length)]
  const common = { name, merges, after, keep, word, reads, failsOn }
  if (rule === "copy") return { ...common, ...copyOf(files, trees, merges), rule, at: placeOf(action, before, "tree") }
  const read = rule === "write" ? { files: [], trees: [] } : { files, trees }
  const holds = action.form === "file" ? [] : [name]
  return { ...common, ...read, rule, form: action.form, holds, at: placeOf(action, before, action.form) }
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
