// The whole of what there is to do for some wanted targets: in order, without cycles, every path with one owner. Pure.

import { dirname } from "node:path"
import {
  cycleError,
  madeSourceError,
  nameTwiceError,
  ownSourceError,
  pathFormError,
  pathTwiceError,
  pathWithinError,
  rootToolError,
} from "./errors.ts"
import { type Input, type Inputs, type Output, rootOf, type Target } from "./target.ts"
import { checkTerms } from "./terms.ts"
import type { Tool } from "./tool.ts"

/** Targets in an order in which each comes after all that it needs. */
export interface Graph {
  /** What was asked for, each once. */
  readonly wanted: readonly Target[]
  /** That, and all that it needs. */
  readonly targets: readonly Target[]
}

/** One input by the name it is mounted under: `source`, or `objects/0` for one of a list. */
export interface NamedInput {
  readonly name: string
  readonly input: Input
}

/** The inputs one by one, in the order in which they are declared. */
export function eachInput(inputs: Inputs): NamedInput[] {
  return Object.entries(inputs).flatMap(([name, input]) =>
    isList(input) ? input.map((one, i) => ({ name: `${name}/${i}`, input: one })) : [{ name, input }],
  )
}

export const isList = (input: Input | readonly Input[]): input is readonly Input[] => Array.isArray(input)

/** The outputs of other targets that an input stands for. */
export function outputsOf(input: Input): readonly Output[] {
  if (input.kind === "output") return [input]
  return input.kind === "layers" ? input.trees : []
}

/** The targets that must be done before this one, each once. */
export function needsOf(target: Target): readonly Target[] {
  const needs = new Set(target.members)
  for (const { input } of eachInput(target.action?.inputs ?? {})) {
    for (const output of outputsOf(input)) needs.add(output.target)
  }
  return [...needs]
}

/** Who makes what in the workspace, and what that needs: of a whole graph, whatever part of it is looked at. */
export interface Makers {
  /** The target that makes a path, or the tree that it lies in. A layer has no maker: others put things there, too. */
  makerOf(path: string): Target | undefined
  /** Whether a path is an output that is no layer. */
  isMade(path: string): boolean
  needsOf(target: Target): readonly Target[]
}

/** Who makes what of these targets, which are a whole graph. */
export function makersOf(targets: readonly Target[]): Makers {
  let found: ReadonlyMap<string, Target> | undefined
  const makers = () => {
    found ??= makersByPath(targets)
    return found
  }
  return { makerOf: (path) => makerIn(makers(), path), isMade: (path) => makers().has(path), needsOf }
}

/** The target that makes a path, or the tree that it lies in. */
function makerIn(makers: ReadonlyMap<string, Target>, path: string): Target | undefined {
  for (let at = path; at !== "." && at !== "/"; at = dirname(at)) {
    const maker = makers.get(at)
    if (maker !== undefined) return maker
  }
  return undefined
}

const makersByPath = (targets: readonly Target[]): ReadonlyMap<string, Target> =>
  new Map(
    targets.flatMap((target) =>
      Object.values(target.outputs).flatMap(({ at, form }) =>
        at === undefined || form === "layer" ? [] : [[at, target] as const],
      ),
    ),
  )

/** The paths in the workspace that these targets are about: what they write, but for layers, and the sources that they read. */
export const claimsOf = (targets: readonly Target[]): ReadonlySet<string> =>
  new Set(
    targets.flatMap(({ outputs, action }) => [
      ...Object.values(outputs).flatMap(({ at, form }) => (form === "layer" ? [] : (at ?? []))),
      ...eachInput(action?.inputs ?? {}).flatMap(({ input }) => (input.kind === "source" ? input.path : [])),
    ]),
  )

/** The target itself and all that must be done before it. */
export function closureOf(target: Target, { needsOf }: Pick<Makers, "needsOf">): ReadonlySet<Target> {
  const closure = new Set([target])
  for (const one of closure) for (const need of needsOf(one)) closure.add(need)
  return closure
}

/** Puts in order all that the wanted targets need. Throws a BuildError for a cycle, a name or path of two targets, or wrong terms. */
export function graphOf(wanted: readonly Target[]): Graph {
  const targets = inOrder(wanted)
  checkOwners(targets)
  checkTerms(targets)
  return { wanted: [...new Set(wanted)], targets }
}

/** The targets and all that they need, each after what it needs. Not by calls: chains may be longer than a stack is deep. */
function inOrder(wanted: readonly Target[]): Target[] {
  const done = new Set<Target>()
  const open = new Set<Target>()
  const chain: { readonly target: Target; readonly needs: Iterator<Target> }[] = []
  const enter = (target: Target) => {
    if (done.has(target)) return
    if (open.has(target)) {
      const targets = chain.map((link) => link.target)
      throw cycleError([...targets.slice(targets.indexOf(target)), target])
    }
    open.add(target)
    chain.push({ target, needs: needsOf(target).values() })
  }
  for (const target of wanted) {
    enter(target)
    for (let link = chain.at(-1); link !== undefined; link = chain.at(-1)) {
      const { done: isThrough, value: need } = link.needs.next()
      if (isThrough !== true) enter(need)
      else {
        chain.pop()
        open.delete(link.target)
        done.add(link.target)
      }
    }
  }
  return [...done]
}

/** Throws a BuildError for an action that has a root of its own, and names a tool all the same. */
export function checkRoots({ targets }: Graph): void {
  for (const target of targets) {
    const [tool] = target.action?.tools ?? []
    if (tool !== undefined && rootOf(target.action) !== undefined) throw rootToolError(target, tool.name)
  }
}

function checkOwners(targets: readonly Target[]): void {
  const names = new Map<string, Target>()
  const paths = new Map<string, Target>()
  const layers = new Map<string, Target>()
  for (const target of targets) {
    if (names.has(target.name)) throw nameTwiceError(target)
    names.set(target.name, target)
    for (const { input } of eachInput(target.action?.inputs ?? {}))
      if (input.kind === "source" && !isPlain(input.path)) throw pathFormError(target, input.path)
    for (const { at, form } of Object.values(target.outputs)) {
      if (at === undefined) continue
      if (!isPlain(at)) throw pathFormError(target, at)
      if (form === "layer") {
        layers.set(at, target)
        continue
      }
      const other = paths.get(at)
      if (other !== undefined) throw pathTwiceError(at, other, target)
      paths.set(at, target)
    }
  }
  for (const [path, target] of [...paths, ...layers]) checkNotWithin(path, target, paths)
  for (const [path, target] of layers) {
    const other = paths.get(path)
    if (other !== undefined) throw pathTwiceError(path, other, target)
  }
  if (paths.size > 0) checkSources(targets, paths)
}

/** Throws if a source is what a target makes that is not needed: it would be read before that is made, or after, as it happens. */
function checkSources(targets: readonly Target[], makers: ReadonlyMap<string, Target>): void {
  for (const target of targets) {
    let needed: ReadonlySet<Target> | undefined
    for (const { input } of eachInput(target.action?.inputs ?? {})) {
      if (input.kind !== "source") continue
      const maker = makerIn(makers, input.path)
      if (maker === undefined) continue
      if (maker === target) throw ownSourceError(target, input.path)
      needed ??= closureOf(target, { needsOf })
      if (!needed.has(maker)) throw madeSourceError(target, input.path, maker)
    }
  }
}

/** Whether a path below the workspace's root is written in the one form that it has. */
const isPlain = (path: string): boolean => !/(?:^|\/)\.{0,2}(?:\/|$)|\0/.test(path) && path.isWellFormed()

/** Throws if a directory above a path is itself an output. */
function checkNotWithin(path: string, target: Target, paths: ReadonlyMap<string, Target>): void {
  for (let slash = path.lastIndexOf("/"); slash > 0; slash = path.lastIndexOf("/", slash - 1)) {
    const other = paths.get(path.slice(0, slash))
    if (other !== undefined) throw pathWithinError(path, target, path.slice(0, slash), other)
  }
}

/** Every tool that these targets, and what they need, declare: for a target that runs what they were built with. */
export const toolsOf = (wanted: readonly Target[]): readonly Tool[] => [
  ...new Set(graphOf(wanted).targets.flatMap(({ action }) => action?.tools ?? [])),
]

/** For each target, how long (in ms) the longest chain from its start to the end of the build is. */
export function remainingPaths(
  { targets }: Graph,
  durationMs: (target: Target) => number,
): ReadonlyMap<Target, number> {
  const remaining = new Map<Target, number>()
  for (const target of targets.toReversed()) {
    const own = (remaining.get(target) ?? 0) + durationMs(target)
    remaining.set(target, own)
    for (const need of needsOf(target)) remaining.set(need, Math.max(remaining.get(need) ?? 0, own))
  }
  return remaining
}

/** A shortest chain of needs from a wanted target to this one, both included. */
export function chainTo({ wanted }: Graph, sought: Target): readonly Target[] {
  const from = new Map<Target, Target | undefined>(wanted.map((target) => [target, undefined]))
  for (const target of from.keys()) {
    if (target === sought) break
    for (const need of needsOf(target)) if (!from.has(need)) from.set(need, target)
  }
  const chain: Target[] = []
  for (let at: Target | undefined = sought; at !== undefined; at = from.get(at)) chain.unshift(at)
  return chain
}
