// The graph of an earlier build that ended well, and what every file was then: flat arrays, so that a build with nothing to do
// makes no object at all and only compares stats. How it is written: see remember.ts; what of it is stale: stale.ts; how that is made
// into targets again: part.ts.
//
// Files are numbered: first the sources, then what each target left in the workspace, target after target. Targets are numbered
// in the graph's order, so each comes after all that it needs.

import { isAscii } from "node:buffer"
import type { Stats } from "node:fs"
import { isOfThisBoot } from "../base/boot.ts"
import type { Digest } from "../base/digest.ts"
import { pathIn, statIfThere } from "../base/files.ts"
import { statSync } from "../base/fs.ts"
import type { PlainTarget } from "../graph/plain.ts"
import { programDirectories, type Tool } from "../graph/tool.ts"
import type { Base, Built, Seen, ToolFacts } from "./journal.ts"
import { type Later, readLater } from "./later.ts"
import { NameTable } from "./name-table.ts"
import { Sections } from "./sections.ts"
import { absentSize, type FileStat, fileStat, formOf, isSame } from "./stat.ts"
import { bootNoteOf } from "./unwritten.ts"

/** Which tools were looked for, where, and where they were not found before they were found. */
export interface Search {
  readonly tools: readonly string[]
  readonly directories: readonly string[]
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

const statFields = 4

/** A source that is a link is what it leads to. What leads nowhere, or cannot be looked at, is as if it were not there. */
export function followed(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch {
    return undefined
  }
}

export class Remembered implements Base {
  readonly path: string
  /** The workspace, as it was opened. */
  readonly root: string
  readonly head: RememberedHead
  /** What was built since it was written. */
  readonly later: Later | undefined
  readonly #sections: Sections
  readonly #stats: Float64Array
  readonly #modes: Uint32Array
  readonly #pathEnds: Uint32Array
  readonly #paths: Buffer
  /** All paths in one text, if each of its bytes is a character: pieces of it cost less than what is decoded piece by piece. */
  readonly #text: string | undefined
  readonly #placedEnds: Uint32Array
  #digests: Buffer | undefined
  readonly #tables = new Map<string, Uint32Array>()
  readonly #names = new Map<string, NameTable>()

  private constructor(path: string, sections: Sections, root: string) {
    this.path = path
    this.root = root
    this.later = readLater(path)
    this.head = sections.about as RememberedHead
    this.#sections = sections
    this.#stats = new Float64Array(sections.read("stats").buffer)
    this.#modes = new Uint32Array(sections.read("modes").buffer)
    this.#pathEnds = new Uint32Array(sections.read("path-ends").buffer)
    this.#paths = Buffer.from(sections.read("paths").buffer)
    this.#text = isAscii(this.#paths) ? this.#paths.toString("latin1") : undefined
    this.#placedEnds = new Uint32Array(sections.read("placed-ends").buffer)
  }

  /** `root` is the workspace; `.` if that is the current directory, where paths are found fastest. Undefined where nothing is
   * remembered, or was before the machine started. Here and later, a DamagedError is thrown where it is not sound. */
  static open(path: string, root: string): Remembered | undefined {
    const sections = isOfThisBoot(bootNoteOf(root)) ? Sections.open(path) : undefined
    return sections === undefined ? undefined : new Remembered(path, sections, root)
  }

  /** Whether the build machine's tools are what they were, and would be found where they were found. */
  areToolsAsLeft(path: string): boolean {
    const { search, facts } = this.head
    const directories = programDirectories(path)
    const stat = (file: string) => statSync(file, { throwIfNoEntry: false })
    const isLeft = (left: FileStat) => {
      const now = stat(left[0])
      return now !== undefined && isSame(fileStat(left[0], now), left)
    }
    return (
      search.directories.every((directory, i) => directory === directories[i]) &&
      search.absent.every((absent) => stat(absent) === undefined) &&
      Object.values(facts).every(({ stats }) => stats.every(isLeft))
    )
  }

  /** Whether a file is what it was. */
  isAsLeft(file: number): boolean {
    const full = pathIn(this.root, this.filePath(file))
    const stat = file < this.head.sources ? followed(full) : statIfThere(full)
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

  /** Takes over what a file was seen to be later. */
  setStat(file: number, [, size, mtime, ctime, inode, mode]: FileStat): void {
    this.#stats.set([size, mtime, ctime, inode], file * statFields)
    this.#modes[file] = mode
  }

  /** The first file that a target left; the last is the one before that of the next target. */
  placedFrom(target: number): number {
    return target === 0 ? this.head.sources : (this.#placedEnds[target - 1] as number)
  }

  /** The number of the target that left a file. */
  ownerOf(file: number): number {
    let low = 0
    let high = this.head.targets - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#placedEnds[middle] as number) > file) high = middle
      else low = middle + 1
    }
    return low
  }

  /** The entries of one row of a table: `NAME-ends` says where each row of `NAME` ends. */
  listed(name: "users" | "dependents", row: number): Uint32Array {
    const ends = this.#table(`${name}-ends`)
    return this.#table(name).subarray(row === 0 ? 0 : ends[row - 1], ends[row])
  }

  record(number: number): RememberedTarget {
    const ends = this.#table("record-ends")
    const from = number === 0 ? 0 : (ends[number - 1] as number)
    return JSON.parse(this.#sections.line("records", from, ends[number] as number)) as RememberedTarget
  }

  filePath(file: number): string {
    const from = file === 0 ? 0 : this.#pathEnds[file - 1]
    const to = this.#pathEnds[file]
    return this.#text?.slice(from, to) ?? this.#paths.toString("utf8", from, to)
  }

  /** The number of the target of this name, if it is part of the graph. */
  targetAt(name: string): number | undefined {
    return this.#find("names", name, (number) => this.record(number).plain.name)
  }

  /** The number of the source at this path. */
  sourceAt(path: string): number | undefined {
    const { sources } = this.head
    return this.#find("files", path, (number) => (number < sources ? this.filePath(number) : ""))
  }

  /** The number of the file that a target left at this path. One that others read without declaring it is a source besides. */
  placedAt(path: string): number | undefined {
    const { sources } = this.head
    return this.#find("files", path, (number) => (number < sources ? "" : this.filePath(number)))
  }

  /** The number of the target that left something at this path. */
  makerAt(path: string): number | undefined {
    const file = this.placedAt(path)
    return file === undefined ? undefined : this.ownerOf(file)
  }

  built(name: string): Built | undefined {
    const number = this.targetAt(name)
    if (number === undefined) return undefined
    const { built, files = {} } = this.record(number)
    if (built === undefined) return undefined
    let file = this.placedFrom(number)
    const placed: Record<string, FileStat[]> = {}
    for (const [output, count] of Object.entries(files)) {
      placed[output] = Array.from({ length: count }, () => this.#stat(file++))
    }
    return { ...built, placed }
  }

  seen(path: string): Seen | undefined {
    const number = this.sourceAt(path)
    if (number === undefined) return undefined
    this.#digests ??= Buffer.from(this.#sections.read("digests").buffer)
    const digest = this.#digests.toString("hex", number * 32, number * 32 + 32) as Digest
    const stat = this.#stat(number)
    return { stat, content: { form: formOf(stat[5]), digest, sizeBytes: stat[1] } }
  }

  toolFacts(name: string): ToolFacts | undefined {
    return this.head.facts[name]
  }

  get mark(): RememberedHead["mark"] {
    return this.head.mark
  }

  /** How long the journal was when everything was last known to be up to date. */
  get checked(): RememberedHead["mark"] {
    return this.later?.mark ?? this.head.mark
  }

  close(): void {
    this.#sections.close()
  }

  #stat(file: number): FileStat {
    const [size = 0, mtime = 0, ctime = 0, inode = 0] = this.#stats.subarray(file * statFields, (file + 1) * statFields)
    return [this.filePath(file), size, mtime, ctime, inode, this.#modes[file] as number]
  }

  #table(name: string): Uint32Array {
    let table = this.#tables.get(name)
    if (table === undefined) {
      table = new Uint32Array(this.#sections.read(name).buffer)
      this.#tables.set(name, table)
    }
    return table
  }

  #find(table: string, name: string, nameOf: (number: number) => string): number | undefined {
    let names = this.#names.get(table)
    if (names === undefined) {
      names = new NameTable(this.#table(table))
      this.#names.set(table, names)
    }
    return names.find(name, nameOf)
  }
}
