// The part of a remembered graph that is looked at again, as targets for a walk. What they need besides stands as known, with what it
// gave.

import { pathIn } from "../base/files.ts"
import { eachInput, type Graph, type Makers, outputsOf } from "../graph/graph.ts"
import { bareTarget, type PlainTarget, plainNeeds, wholeTarget } from "../graph/plain.ts"
import { source, type Target } from "../graph/target.ts"
import type { Tool } from "../graph/tool.ts"
import type { Built } from "./journal.ts"
import { followed, type Remembered, type RememberedTarget } from "./remembered.ts"
import type { Store } from "./store.ts"

type Given = Pick<Built, "key" | "outputs">

/** What of the graph has to be looked at again. */
export interface Part {
  readonly graph: Graph
  /** Targets that need not be looked at, with what they gave. */
  readonly known: ReadonlyMap<Target, Given>
  readonly upToDate: number
  /** Of the whole graph. */
  readonly makers: Makers
}

/**
 * Makes these targets again; undefined if one of them has a rule that did not survive. `later` is what the journal says of a target
 * that was built since.
 */
export function partOf(
  remembered: Remembered,
  stale: readonly number[],
  later: (name: string) => Given | undefined,
): Part | undefined {
  const { head } = remembered
  const isStale = new Set(stale)
  const bare = new Map<number, Target>()
  const known = new Map<Target, Given>()
  const bareOf = (number: number, { plain }: Pick<RememberedTarget, "plain"> = remembered.record(number)): Target => {
    const target = bare.get(number) ?? bareTarget(plain)
    bare.set(number, target)
    return target
  }
  const bareAt = (number: number): Target => {
    const made = bare.get(number)
    if (made !== undefined) return made
    const record = remembered.record(number)
    const { plain, built } = record
    const target = bareOf(number, record)
    if (!isStale.has(number)) known.set(target, later(plain.name) ?? built ?? { key: "" as Built["key"], outputs: {} })
    return target
  }
  // What a group needs besides is up to date: nobody asks it for anything.
  const plainAt = (number: number): PlainTarget => {
    const { plain } = remembered.record(number)
    return plain.members === undefined ? plain : { ...plain, members: plain.members.filter((one) => isStale.has(one)) }
  }
  const referred = { target: bareAt, tool: (number: number) => head.tools[number] as Tool, source }
  const targets: Target[] = []
  for (const number of stale) {
    const target = wholeTarget(plainAt(number), bareAt(number), referred)
    if (target === undefined) return undefined
    targets.push(target)
  }
  if (targets.some(({ outputs }) => Object.values(outputs).some(({ form }) => form === "layer")))
    for (const number of head.layered) bareAt(number)
  const isNeeded = (number: number) => remembered.listed("dependents", number).some((user) => isStale.has(user))
  const wanted = targets.filter((_, i) => !isNeeded(stale[i] as number))
  const actions = targets.filter(({ action }) => action !== undefined).length
  return {
    graph: { wanted, targets: [...known.keys(), ...targets] },
    known,
    upToDate: head.actions - actions,
    makers: makersIn(remembered, bareOf),
  }
}

/**
 * Whether a target of the part reads what is not there: a source, which the Buildfile may no longer name, or what the store has lost, and
 * only the whole graph can make again.
 */
export function lacksInputs({ graph, known }: Part, store: Store, root: string): boolean {
  const stale = graph.targets.filter((target) => !known.has(target))
  const inputs = stale.flatMap(({ action }) => eachInput(action?.inputs ?? {}).map(({ input }) => input))
  if (inputs.some((input) => input.kind === "source" && followed(pathIn(root, input.path)) === undefined)) return true
  const read = new Set(inputs.flatMap(outputsOf))
  for (const { target, name } of read) {
    const given = known.get(target)
    const content = given?.outputs[name]
    if (given !== undefined && (content === undefined || !store.has(content))) return true
  }
  return false
}

/** Who makes what in all that is remembered; `targetAt` gives the target of a number. */
function makersIn(remembered: Remembered, targetAt: (number: number) => Target): Makers {
  const layered = new Set(remembered.head.layered)
  const makerAt = (path: string) => {
    const number = remembered.makerAt(path)
    return number === undefined || (layered.has(number) && !isIts(remembered.record(number), path)) ? undefined : number
  }
  return {
    isMade: (path) => makerAt(path) !== undefined,
    makerOf: (path) => {
      const number = makerAt(path)
      return number === undefined ? undefined : targetAt(number)
    },
    needsOf: ({ name }) => {
      const number = remembered.targetAt(name)
      if (number === undefined) return []
      const { members = [], action } = remembered.record(number).plain
      return [...new Set([...members, ...plainNeeds(action?.inputs ?? {})])].map((need) => targetAt(need))
    },
  }
}

/** Whether a path belongs to an output that is the target's alone. */
const isIts = ({ plain }: Pick<RememberedTarget, "plain">, path: string): boolean =>
  plain.outputs.some(([, form, at]) => form !== "layer" && at !== null && (path === at || path.startsWith(`${at}/`)))
