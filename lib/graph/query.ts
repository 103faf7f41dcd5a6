// Questions about a graph: what a target needs, what needs it, by which way, what it reads and writes. Pure: answers are values
// of the graph, and records of them for programs. Nothing here knows how an answer is shown.

import { unknownNameError } from "./errors.ts"
import { eachInput, type Graph, needsOf, outputsOf } from "./graph.ts"
import { type Input, type Output, type SourceFile, source, type Target } from "./target.ts"

/** What one can ask about: a target, or a workspace file that targets read. */
export type Thing = Target | SourceFile

/** A target as a program would read it: names and paths in the place of values. */
export interface TargetRecord {
  readonly target: string
  /** What its rule is; a group has none. */
  readonly rule: "command" | "call" | "session" | "group"
  readonly about: string
  /** `file:line` of its declaration, where known. */
  readonly where?: string
  /** The targets that must be done before it. */
  readonly needs: readonly string[]
  readonly inputs: readonly InputRecord[]
  readonly outputs: readonly OutputRecord[]
}

/**
 * One content that an action reads: by what its rule calls it, or discovered. `path` is where it lies in the workspace; `from` the
 * target that writes it.
 */
export interface InputRecord {
  readonly input?: string
  readonly discovered?: true
  readonly path?: string
  readonly from?: string
  readonly output?: string
}

/** One output; without a path it lies in the store only. */
export interface OutputRecord {
  readonly output: string
  readonly form: Output["form"]
  readonly path?: string
}

/** The workspace files that a target's action has read without declaring them, where that is known. */
export type Discovered = (target: Target) => readonly string[]

const nothing: Discovered = () => []

export const thingName = (thing: Thing): string => (thing.kind === "target" ? thing.name : thing.path)

/**
 * What a name stands for: a name under which a target is returned, a target's own, the path of an output, or a workspace file that is
 * read. `*` stands for anything within a name, `**` across `/`. Throws a BuildError, with the nearest name, if there is nothing.
 */
export function thingsNamed(
  graph: Graph,
  returned: Readonly<Record<string, Target>>,
  name: string,
  discovered = nothing,
): readonly Thing[] {
  const called: (readonly [string, Thing])[] = [
    ...Object.entries(returned),
    ...graph.targets.map((target) => [target.name, target] as const),
    ...graph.targets.flatMap((target) => placesOf(target).map((path) => [path, target] as const)),
    ...sourcesOf(graph.targets, discovered).map((source) => [source.path, source] as const),
  ]
  const isNamed = /[*?]/.test(name) ? matches(name) : (one: string) => one === name
  const found = new Set(called.flatMap(([one, thing]) => (isNamed(one) ? [thing] : [])))
  if (found.size === 0)
    throw unknownNameError(
      name,
      called.map(([one]) => one),
    )
  return [...found]
}

const placesOf = ({ outputs }: Target): readonly string[] => Object.values(outputs).flatMap(({ at }) => at ?? [])

/** Tests a name against a pattern: `*` and `?` within a name, `**` across `/`. */
export function matches(pattern: string): (name: string) => boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replace(/\*\*|\*|\?/g, (wild) => (wild === "**" ? ".*" : wild === "*" ? "[^/]*" : "[^/]"))
  const expression = new RegExp(`^${source}$`, "s")
  return (name) => expression.test(name)
}

/** All that these targets need, without themselves, in an order in which they can be built. */
export function depsOf(graph: Graph, targets: readonly Target[]): readonly Target[] {
  const own = new Set(targets)
  const reached = new Set(targets)
  for (const target of reached) for (const need of needsOf(target)) reached.add(need)
  return graph.targets.filter((target) => reached.has(target) && !own.has(target))
}

/** All that need one of these, without themselves, in an order in which they can be built. */
export function rdepsOf(graph: Graph, things: readonly Thing[], discovered = nothing): readonly Target[] {
  const own = new Set(things)
  const users = new Set<Target>()
  const paths = new Set(things.flatMap((thing) => (thing.kind === "source" ? thing.path : [])))
  for (const target of graph.targets) {
    const isReader = sourcesOf([target], discovered).some(({ path }) => paths.has(path))
    if (isReader || own.has(target) || needsOf(target).some((need) => users.has(need))) users.add(target)
  }
  return [...users].filter((target) => !own.has(target))
}

/** A shortest way by which the first needs the second, both included; undefined if it does not. */
export function pathBetween(from: Target, to: Thing, discovered = nothing): readonly Thing[] | undefined {
  const before = new Map<Target, Target | undefined>([[from, undefined]])
  for (const target of before.keys()) {
    if (to.kind === "source" && sourcesOf([target], discovered).some(({ path }) => path === to.path))
      return [...chain(before, target), to]
    if (target === to) return chain(before, target)
    for (const need of needsOf(target)) if (!before.has(need)) before.set(need, target)
  }
  return undefined
}

function chain(before: ReadonlyMap<Target, Target | undefined>, last: Target): readonly Target[] {
  const found: Target[] = []
  for (let at: Target | undefined = last; at !== undefined; at = before.get(at)) found.unshift(at)
  return found
}

/** The workspace files that the actions of these targets read and no target writes, each once, sorted by path. */
export function sourcesOf(targets: readonly Target[], discovered = nothing): readonly SourceFile[] {
  const found = new Map<string, SourceFile>()
  for (const target of targets) {
    for (const { input } of eachInput(target.action?.inputs ?? {}))
      if (input.kind === "source") found.set(input.path, input)
    for (const path of discovered(target)) if (!found.has(path)) found.set(path, source(path))
  }
  return [...found.values()].sort((a, b) => (a.path < b.path ? -1 : 1))
}

/** The record of a target. */
export const targetRecord = (target: Target, discovered = nothing): TargetRecord => ({
  target: target.name,
  rule: target.action?.rule.kind ?? "group",
  about: target.about,
  ...(target.where === undefined ? {} : { where: target.where }),
  needs: needsOf(target).map(({ name }) => name),
  inputs: inputRecords(target, discovered),
  outputs: outputRecords(target),
})

/** What a target's action reads, one content each, in the order declared, and then what is known besides. */
export const inputRecords = (target: Target, discovered = nothing): readonly InputRecord[] => [
  ...eachInput(target.action?.inputs ?? {}).flatMap(({ name, input }) => contentRecords(name, input)),
  ...discovered(target).map((path) => ({ discovered: true, path }) as const),
]

function contentRecords(name: string, input: Input): readonly InputRecord[] {
  if (input.kind === "source") return [{ input: name, path: input.path }]
  return outputsOf(input).map(({ at, target, name: output }) => ({
    input: name,
    ...(at === undefined ? {} : { path: at }),
    from: target.name,
    output,
  }))
}

/** What a target's action writes, in the order declared. */
export const outputRecords = ({ outputs }: Target): readonly OutputRecord[] =>
  Object.values(outputs).map(({ name, form, at }) => ({
    output: name,
    form,
    ...(at === undefined ? {} : { path: at }),
  }))
