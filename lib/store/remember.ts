// Writes down a graph whose targets are all up to date, with what every file is: what remembered.ts reads.

import { pathIn } from "../base/files.ts"
import { sealed } from "../base/fingerprint.ts"
import type { Command } from "../graph/command.ts"
import { eachInput, type Graph, makersOf, outputsOf } from "../graph/graph.ts"
import { type Numbers, plainTarget } from "../graph/plain.ts"
import type { Target } from "../graph/target.ts"
import type { Tool } from "../graph/tool.ts"
import type { Journal, ToolFacts } from "./journal.ts"
import { dropLater } from "./later.ts"
import { statSince } from "./look.ts"
import { NameTable } from "./name-table.ts"
import type { RememberedHead, RememberedTarget, Search } from "./remembered.ts"
import { writeSections } from "./sections.ts"
import type { FileStat } from "./stat.ts"

export interface RememberOptions {
  /** A rule's command where it is the same wherever it runs. */
  readonly commandOf: (target: Target) => Command | undefined
  readonly reads: unknown
  readonly search: Search
  readonly variant: string | undefined
  /** The workspace. */
  readonly root: string
  /** When the build began, in ms of the system's clock. */
  readonly since: number
}

/** Writes it all to `path`. Does nothing if a target was never built, or if the journal is kept nowhere. */
export function remember(
  path: string,
  graph: Graph,
  journal: Journal,
  { commandOf, root, since, ...rest }: RememberOptions,
): void {
  const mark = journal.mark()
  const rows = mark === undefined ? undefined : rowsOf(graph, journal, { commandOf, root, since })
  if (mark === undefined || rows === undefined) return
  dropLater(path)
  writeSections(path, headOf(rows, graph, journal, { mark, ...rest }), {
    stats: bytesOf(
      Float64Array.from(rows.stats.flatMap(([, size, mtime, ctime, inode]) => [size, mtime, ctime, inode])),
    ),
    modes: bytesOf(Uint32Array.from(rows.stats, ([, , , , , mode]) => mode)),
    ...textTable(
      "path-ends",
      "paths",
      rows.stats.map(([path]) => path),
    ),
    "placed-ends": bytesOf(Uint32Array.from(rows.placedEnds)),
    digests: Buffer.from(rows.digests.join(""), "hex"),
    ...listTable("users", rows.users),
    ...listTable("dependents", rows.dependents),
    ...textTable("record-ends", "records", rows.records),
    names: bytesOf(NameTable.of(graph.targets.map(({ name }) => name)).places),
    files: bytesOf(NameTable.of(rows.stats.map(([path]) => path)).places),
  })
}

interface Rows {
  readonly sources: readonly string[]
  readonly digests: readonly string[]
  readonly stats: readonly FileStat[]
  readonly placedEnds: readonly number[]
  readonly users: readonly (readonly number[])[]
  readonly dependents: readonly (readonly number[])[]
  readonly records: readonly string[]
  readonly tools: readonly Tool[]
}

const noDigest = "0".repeat(64)

function rowsOf(
  { targets }: Graph,
  journal: Journal,
  { commandOf, root, since }: Pick<RememberOptions, "commandOf" | "root" | "since">,
): Rows | undefined {
  const targetNumbers = new Map(targets.map((target, number) => [target, number]))
  const tools = new Map<Tool, number>()
  const sources = new Map<string, number>()
  const users: number[][] = []
  const dependents: number[][] = targets.map(() => [])
  const placed: FileStat[] = []
  const { makerOf } = makersOf(targets)
  const placedEnds: number[] = []
  const records: string[] = []
  const numbers: Numbers = {
    target: (target) => targetNumbers.get(target) as number,
    tool: (tool) => numbered(tools, tool),
  }
  for (const [number, target] of targets.entries()) {
    const built = journal.built(target.name)
    if (target.action !== undefined && built === undefined) return undefined
    for (const { input } of eachInput(target.action?.inputs ?? {})) {
      if (input.kind === "source") listAt(users, numbered(sources, input.path)).push(number)
      for (const { target: from } of outputsOf(input)) listAt(dependents, numbers.target(from)).push(number)
    }
    for (const path of built?.discovered ?? []) {
      listAt(users, numbered(sources, path)).push(number)
      const maker = makerOf(path)
      if (maker !== undefined) listAt(dependents, numbers.target(maker)).push(number)
    }
    if (target.action === undefined)
      for (const member of target.members) listAt(dependents, numbers.target(member)).push(number)
    const files = Object.entries(built?.placed ?? {})
    for (const [, stats] of files) placed.push(...stats)
    placedEnds.push(placed.length)
    records.push(recordText(target, built, files, numbers, commandOf(target)))
  }
  // What a target makes is made before others read it, and who made it is asked as well whether it is as it was.
  const sinceOf = (path: string) => (makerOf(path) === undefined ? since : Number.POSITIVE_INFINITY)
  const stats = [...sources.keys()].map((path) => statSince(journal, pathIn(root, path), path, sinceOf(path)))
  return {
    sources: [...sources.keys()],
    digests: [...sources.keys()].map((path) => journal.seen(path)?.content.digest ?? noDigest),
    stats: [...stats, ...placed],
    placedEnds: placedEnds.map((end) => end + sources.size),
    users,
    dependents,
    records,
    tools: [...tools.keys()],
  }
}

function recordText(
  target: Target,
  built: ReturnType<Journal["built"]>,
  files: readonly (readonly [string, readonly FileStat[]])[],
  numbers: Numbers,
  command: Command | undefined,
): string {
  const plain = plainTarget(target, numbers, command)
  const { placed: _, ...rest } = built ?? {}
  const counts = Object.fromEntries(files.map(([output, { length }]) => [output, length]))
  const record: RememberedTarget = {
    plain,
    ...(built === undefined ? {} : { built: rest as typeof built, files: counts }),
  }
  return sealed(JSON.stringify(record))
}

type Given = Pick<RememberedHead, "mark" | "reads" | "search" | "variant">

function headOf(rows: Rows, graph: Graph, journal: Journal, given: Given): RememberedHead {
  const layered = graph.targets.flatMap(({ outputs }, number) =>
    Object.values(outputs).some(({ form }) => form === "layer") ? [number] : [],
  )
  const facts: Record<string, ToolFacts> = {}
  for (const name of given.search.tools) {
    const known = journal.tool(name)
    if (known !== undefined) facts[name] = known
  }
  return {
    ...given,
    targets: graph.targets.length,
    actions: graph.targets.filter(({ action }) => action !== undefined).length,
    sources: rows.sources.length,
    files: rows.stats.length,
    layered,
    tools: rows.tools,
    facts,
  }
}

function numbered<T>(numbers: Map<T, number>, one: T): number {
  const known = numbers.get(one)
  if (known !== undefined) return known
  numbers.set(one, numbers.size)
  return numbers.size - 1
}

function listAt(lists: number[][], at: number): number[] {
  const list = lists[at] ?? []
  lists[at] = list
  return list
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Uint32Array | Float64Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength)

function textTable(ends: string, texts: string, list: readonly string[]): Record<string, Uint8Array> {
  const bytes = list.map((text) => Buffer.from(text))
  return { [ends]: bytesOf(endsOf(bytes)), [texts]: Buffer.concat(bytes) }
}

const listTable = (name: string, lists: readonly (readonly number[])[]): Record<string, Uint8Array> => ({
  [`${name}-ends`]: bytesOf(endsOf(lists)),
  [name]: bytesOf(Uint32Array.from(lists.flat())),
})

function endsOf(lists: readonly { readonly length: number }[]): Uint32Array {
  let end = 0
  return Uint32Array.from(lists, ({ length }) => {
    end += length
    return end
  })
}
