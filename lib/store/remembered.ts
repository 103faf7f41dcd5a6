// The graph of an earlier build that ended well, and what every file was then: flat arrays, so that a build with nothing to do
// makes no object at all and only compares stats. What is stale, and no more, is made into targets again.
//
// Files are numbered: first the sources, then what each target left in the workspace, target after target. Targets are numbered
// in the graph's order, so each comes after all that it needs. How the file is written: see remember.ts.

import { lstatSync, type Stats, statSync } from "node:fs"
import type { Digest } from "../base/digest.ts"
import type { Graph } from "../graph/graph.ts"
import { bareTarget, type PlainTarget, wholeTarget } from "../graph/plain.ts"
import { source, type Target } from "../graph/target.ts"
import type { Tool } from "../graph/tool.ts"
import type { Base, Built, Seen, ToolFacts } from "./journal.ts"
import { type Later, readLater } from "./later.ts"
import { NameTable } from "./name-table.ts"
import { Sections } from "./sections.ts"
import { type FileStat, fileStat } from "./stat.ts"

/** Which tools were looked for, where, and where they were not found before they were found. */
export interface Search {
  readonly tools: readonly string[]
  readonly path: string
  readonly absent: readonly string[]
}

/** What is kept besides the arrays. `mark` says how far the journal was when this was written. */
export interface RememberedHead {
  readonly mark: { readonly id: string; readonly length: number }
  readonly targets: number
  readonly actions: number
  readonly sources: number
  readonly files: number
  /** Targets with layers; a conflict between two can only be seen when all are known. */
  readonly layered: readonly number[]
  readonly tools: readonly Tool[]
  readonly facts: Readonly<Record<string, ToolFacts>>
  readonly search: Search
  readonly variant: string | undefined
  /** What the Buildfile read, as whoever evaluates it understands it. */
  readonly reads: unknown
}

/** What is kept of each target, as JSON. `files`: how many each output has in the workspace. */
export interface RememberedTarget {
  readonly plain: PlainTarget
  readonly built?: Omit<Built, "placed">
  readonly files?: Readonly<Record<string, number>>
}

type Given = Pick<Built, "key" | "outputs">

/** What of the graph has to be looked at again. */
export interface Part {
  readonly graph: Graph
  /** Targets that need not be looked at, with what they gave. */
  readonly known: ReadonlyMap<Target, Given>
  readonly upToDate: number
}

/** The lines that were added to the journal since. */
export interface Since {
  readonly targets: Iterable<string>
  readonly files: Iterable<string>
}

const statFields = 4
/** The size noted for a file that was looked for and was not there. */
export const absentSize = -2

/** A source that is a link is what it leads to; one that leads nowhere, or in circles, is not there. */
function sourceStat(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch {
    return undefined
  }
}

export class Remembered implements Base {
  readonly head: RememberedHead
  readonly #sections: Sections
  readonly #root: string
  readonly #stats: Float64Array
  readonly #modes: Uint32Array
  readonly #pathEnds: Uint32Array
  readonly #paths: Buffer
  readonly #placedEnds: Uint32Array
  /** Targets that, built later, read what a target makes without declaring it. */
  readonly #readers = new Map<number, number[]>()
  #digests: Buffer | undefined
  readonly #tables = new Map<string, Uint32Array>()

  readonly #later: Later | undefined
  readonly path: string

  private constructor(path: string, sections: Sections, root: string) {
    this.path = path
    this.#later = readLater(path)
    this.head = sections.about as RememberedHead
    this.#sections = sections
    this.#root = root
    this.#stats = new Float64Array(sections.read("stats").buffer)
    this.#modes = new Uint32Array(sections.read("modes").buffer)
    this.#pathEnds = new Uint32Array(sections.read("path-ends").buffer)
    this.#paths = Buffer.from(sections.read("paths").buffer)
    this.#placedEnds = new Uint32Array(sections.read("placed-ends").buffer)
  }

  /** Undefined where nothing is remembered. Here and later, a DamagedError is thrown where it is not sound. */
  static open(path: string, root: string): Remembered | undefined {
    const sections = Sections.open(path)
    return sections === undefined ? undefined : new Remembered(path, sections, root)
  }

  /** Whether the build machine's tools are what they were, and would be found where they were found. */
  areToolsAsLeft(path: string): boolean {
    const { search, facts } = this.head
    const isFile = (stat: Stats | undefined, left: FileStat) =>
      stat !== undefined && fileStat(left[0], stat).join() === left.join()
    return (
      search.path === path &&
      search.absent.every((absent) => statSync(absent, { throwIfNoEntry: false }) === undefined) &&
      Object.values(facts).every(({ stats }) =>
        stats.every((left) => isFile(statSync(left[0], { throwIfNoEntry: false }), left)),
      )
    )
  }

  /**
   * Looks at every file, or at those `among` which something may have changed, and gives the numbers of the targets that need a
   * closer look, in order.
   */
  stale(since: Since | undefined, among?: ReadonlySet<string>): number[] {
    const flags = new Uint8Array(this.head.targets)
    if (since !== undefined) this.#flagSince(flags, since)
    else if (this.#later !== undefined) this.#flagLater(flags, this.#later)
    if (among === undefined || !this.#flagAmong(flags, among)) this.#flagChanged(flags)
    return this.#closure(flags)
  }

  /** False if what changed is more than files that are known. */
  #flagAmong(flags: Uint8Array, paths: ReadonlySet<string>): boolean {
    for (const path of paths) {
      const file = this.#fileAt(path)
      const isFile = lstatSync(`${this.#root}/${path}`, { throwIfNoEntry: false })?.isDirectory() === false
      if (file === undefined && !isFile) return false
      if (file === undefined || this.#isAsLeft(file)) continue
      if (file < this.head.sources) this.#flagUsers(flags, file)
      else flags[this.#ownerOf(file)] = 1
    }
    return true
  }

  /** The number of the target that left a file. */
  #ownerOf(file: number): number {
    let low = 0
    let high = this.head.targets - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#placedEnds[middle] as number) > file) high = middle
      else low = middle + 1
    }
    return low
  }

  #flagSince(flags: Uint8Array, { targets, files }: Since): void {
    for (const name of targets) {
      const number = this.#numberOf(name)
      if (number !== undefined) flags[number] = 1
    }
    for (const path of files) {
      const number = this.#sourceAt(path)
      if (number !== undefined) this.#flagUsers(flags, number)
    }
  }

  /** Takes over what was seen later, and looks at what later builds have read besides. */
  #flagLater(flags: Uint8Array, { files, targets }: Later): void {
    for (const stat of files) {
      const file = this.#sourceAt(stat[0])
      if (file !== undefined) this.#setStat(file, stat)
    }
    for (const { name, placed, reads } of targets) {
      const number = this.#numberOf(name)
      if (number === undefined) continue
      const first = this.#firstPlaced(number)
      const isSame = placed.length === (this.#placedEnds[number] as number) - first
      if (isSame && placed.every(([path], i) => this.#path(first + i) === path))
        for (const [i, stat] of placed.entries()) this.#setStat(first + i, stat)
      else flags[number] = 1
      for (const read of reads) this.#flagRead(flags, number, read)
    }
  }

  #flagRead(flags: Uint8Array, reader: number, read: FileStat): void {
    const [path] = read
    const stat = sourceStat(path.startsWith("/") ? path : `${this.#root}/${path}`)
    if (stat === undefined ? read[1] >= 0 : fileStat(path, stat).join() !== read.join()) flags[reader] = 1
    const file = this.#fileAt(path)
    if (file === undefined || file < this.head.sources) return
    const maker = this.#ownerOf(file)
    this.#readers.set(maker, [...(this.#readers.get(maker) ?? []), reader])
  }

  #setStat(file: number, [, size, mtime, ctime, inode, mode]: FileStat): void {
    this.#stats.set([size, mtime, ctime, inode], file * statFields)
    this.#modes[file] = mode
  }

  #firstPlaced(target: number): number {
    return target === 0 ? this.head.sources : (this.#placedEnds[target - 1] as number)
  }

  #flagChanged(flags: Uint8Array): void {
    const { sources, targets } = this.head
    for (let file = 0; file < sources; file++) if (!this.#isAsLeft(file)) this.#flagUsers(flags, file)
    let file = sources
    for (let target = 0; target < targets; target++) {
      const end = this.#placedEnds[target] as number
      for (; file < end && flags[target] === 0; file++) if (!this.#isAsLeft(file)) flags[target] = 1
      file = end
    }
  }

  #isAsLeft(file: number): boolean {
    const path = this.#path(file)
    const full = path.startsWith("/") ? path : `${this.#root}/${path}`
    const stat = file < this.head.sources ? sourceStat(full) : lstatSync(full, { throwIfNoEntry: false })
    return stat === undefined ? this.#stats[file * statFields] === absentSize : this.#isStat(file, stat)
  }

  #isStat(file: number, { size, mtimeMs, ctimeMs, ino, mode }: Stats): boolean {
    const at = file * statFields
    const stats = this.#stats
    return (
      stats[at] === size &&
      stats[at + 1] === mtimeMs &&
      stats[at + 2] === ctimeMs &&
      stats[at + 3] === ino &&
      this.#modes[file] === mode
    )
  }

  #flagUsers(flags: Uint8Array, file: number): void {
    for (const user of this.#listed("users", file)) flags[user] = 1
  }

  /** All that depends on what is flagged, in order. */
  #closure(flags: Uint8Array): number[] {
    const stale: number[] = []
    for (let target = flags.indexOf(1); target !== -1; target = flags.indexOf(1, target + 1)) {
      stale.push(target)
      for (const dependent of this.#listed("dependents", target)) flags[dependent] = 1
      for (const reader of this.#readers.get(target) ?? []) flags[reader] = 1
    }
    return stale
  }

  /**
   * Makes these targets again, for a walk; undefined if one of them has a rule that did not survive. `later` is what the journal
   * says of a target that was built since.
   */
  part(stale: readonly number[], later: (name: string) => Given | undefined): Part | undefined {
    const bare = new Map<number, Target>()
    const known = new Map<Target, Given>()
    const isStale = new Set(stale)
    const whole = (number: number): Target => {
      const made = bare.get(number)
      if (made !== undefined) return made
      const { plain, built } = this.#record(number)
      const target = bareTarget(plain)
      bare.set(number, target)
      if (!isStale.has(number))
        known.set(target, later(plain.name) ?? built ?? { key: "" as Built["key"], outputs: {} })
      return target
    }
    const targets: Target[] = []
    const needed = new Set<number>()
    for (const number of stale) {
      const referred = { target: whole, tool: (n: number) => this.head.tools[n] as Tool, source }
      const target = wholeTarget(this.#record(number).plain, whole(number), referred)
      if (target === undefined) return undefined
      targets.push(target)
      for (const dependent of this.#listed("dependents", number)) if (isStale.has(dependent)) needed.add(number)
    }
    if (targets.some(({ outputs }) => Object.values(outputs).some(({ form }) => form === "layer")))
      for (const number of this.head.layered) whole(number)
    const wanted = targets.filter((_, i) => !needed.has(stale[i] as number))
    const actions = targets.filter(({ action }) => action !== undefined).length
    return { graph: { wanted, targets: [...known.keys(), ...targets] }, known, upToDate: this.head.actions - actions }
  }

  /** Whether a target of this name is part of the graph. */
  hasTarget(name: string): boolean {
    return this.#numberOf(name) !== undefined
  }

  built(name: string): Built | undefined {
    const number = this.#numberOf(name)
    if (number === undefined) return undefined
    const { built, files = {} } = this.#record(number)
    if (built === undefined) return undefined
    let file = this.#firstPlaced(number)
    const placed: Record<string, FileStat[]> = {}
    for (const [output, count] of Object.entries(files)) {
      placed[output] = Array.from({ length: count }, () => this.#stat(file++))
    }
    return { ...built, placed }
  }

  seen(path: string): Seen | undefined {
    const number = this.#sourceAt(path)
    if (number === undefined) return undefined
    this.#digests ??= Buffer.from(this.#sections.read("digests").buffer)
    const digest = this.#digests.toString("hex", number * 32, number * 32 + 32) as Digest
    const stat = this.#stat(number)
    return { stat, content: { form: (stat[5] & 0o100) === 0 ? "file" : "exec", digest, sizeBytes: stat[1] } }
  }

  toolFacts(name: string): ToolFacts | undefined {
    return this.head.facts[name]
  }

  get mark(): RememberedHead["mark"] {
    return this.head.mark
  }

  /** How long the journal was when everything was last known to be up to date. */
  get checked(): RememberedHead["mark"] {
    return this.#later?.mark ?? this.head.mark
  }

  close(): void {
    this.#sections.close()
  }

  #stat(file: number): FileStat {
    const [size = 0, mtime = 0, ctime = 0, inode = 0] = this.#stats.subarray(file * statFields, (file + 1) * statFields)
    return [this.#path(file), size, mtime, ctime, inode, this.#modes[file] as number]
  }

  #path(file: number): string {
    return this.#paths.toString("utf8", file === 0 ? 0 : this.#pathEnds[file - 1], this.#pathEnds[file])
  }

  /** The entries of one row of a table: `NAME-ends` says where each row of `NAME` ends. */
  #listed(name: string, row: number): Uint32Array {
    const ends = this.#table(`${name}-ends`)
    return this.#table(name).subarray(row === 0 ? 0 : ends[row - 1], ends[row])
  }

  #table(name: string): Uint32Array {
    let table = this.#tables.get(name)
    if (table === undefined) {
      table = new Uint32Array(this.#sections.read(name).buffer)
      this.#tables.set(name, table)
    }
    return table
  }

  #record(number: number): RememberedTarget {
    const ends = this.#table("record-ends")
    const from = number === 0 ? 0 : (ends[number - 1] as number)
    return JSON.parse(this.#sections.line("records", from, ends[number] as number)) as RememberedTarget
  }

  #numberOf(name: string): number | undefined {
    return new NameTable(this.#table("names")).find(name, (number) => this.#record(number).plain.name)
  }

  #fileAt(path: string): number | undefined {
    return new NameTable(this.#table("files")).find(path, (number) => this.#path(number))
  }

  #sourceAt(path: string): number | undefined {
    const file = this.#fileAt(path)
    return file !== undefined && file < this.head.sources ? file : undefined
  }
}
