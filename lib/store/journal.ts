// What this workspace last built, and what its files were. A text file to which whole lines are appended, each with a
// checksum of its own:
//
//   hashmake journal 1 <id: what this file is told from a later one by>
//   <16 hexadecimal digits: fingerprint of the rest of the line> <JSON>
//
// A process killed in the middle of a line damages that line and no other; a damaged line is passed over, and what it said is
// then found out again. A later record for the same target or file replaces an earlier one; when more than half of the lines
// are such, the file is written anew. One engine at a time writes it: see the lock in exec/workspace.ts.
//
// Lines wait until the event loop turns, and then go out together: what a kill loses, the next build finds out again.

import { unwrittenSince } from "../base/boot.ts"
import { ifThere, writeParts } from "../base/files.ts"
import { sealed, unsealed } from "../base/fingerprint.ts"
import { appendFileSync, closeSync, fstatSync, openSync, readSync } from "../base/fs.ts"
import { newerJournalError } from "../graph/errors.ts"
import type { Usage } from "../graph/event.ts"
import type { Key } from "../graph/manifest.ts"
import type { Content } from "./content.ts"
import { areSame, changedMs, distrusted, type FileStat } from "./stat.ts"

/** What a target's action last produced here. */
export interface Built {
  readonly key: Key
  readonly outputs: Readonly<Record<string, Content>>
  readonly durationMs: number
  readonly usage?: Usage | undefined
  /** Output name → the files that it has in the workspace, as they were left. */
  readonly placed: Readonly<Record<string, readonly FileStat[]>>
  /** What it read besides its declared inputs, by paths in the workspace, or absolute ones. */
  readonly discovered?: readonly string[] | undefined
  /** Which of a Buildfile's graphs it was part of, if it was part of one. */
  readonly variant?: string | undefined
}

/** What a file was when it was last read, besides its digest. */
export interface Seen {
  readonly stat: FileStat
  readonly content: Content
}

/** What was found out about a tool of the build machine, and of which files. */
export interface ToolFacts {
  readonly stats: readonly FileStat[]
  readonly facts: unknown
}

/** How much of a journal was read: of this one, up to this length in bytes. */
export interface Mark {
  readonly id: string
  readonly length: number
}

/** What is known from elsewhere of a journal up to its mark, so that only the rest of it is read. */
export interface Base {
  readonly mark: Mark
  built(target: string): Built | undefined
  seen(file: string): Seen | undefined
  toolFacts(name: string): ToolFacts | undefined
}

type Line =
  | { readonly target: string; readonly built: Built | null }
  | { readonly file: string; readonly seen: Seen }
  | ({ readonly tool: string } & ToolFacts)

const head = "hashmake journal 1"
const headPattern = /^hashmake journal 1 (\w+)$/
/** A journal this short is never worth writing anew. */
const shortLines = 200
const pieceBytes = 1 << 22

/** How far the journal at `path` is now; undefined where there is none. */
export function markOf(path: string): Mark | undefined {
  const file = ifThere(() => openSync(path, "r"))
  if (file === undefined) return undefined
  try {
    if (!fstatSync(file).isFile()) return undefined
    const first = Buffer.alloc(64)
    const text = first.toString("latin1", 0, readSync(file, first, 0, first.length, 0))
    const id = /^hashmake journal 1 (\w+)\n/.exec(text)?.[1]
    return id === undefined ? undefined : { id, length: fstatSync(file).size }
  } finally {
    closeSync(file)
  }
}

/** The journal at `path`, to be looked at while an engine may hold it: nothing is mended. Undefined where there is none. */
export function readJournal(path: string): Journal | undefined {
  const mark = markOf(path)
  if (mark === undefined) return undefined
  const known = () => undefined
  const length = `${head} ${mark.id}\n`.length
  return new Journal(path, { mark: { ...mark, length }, built: known, seen: known, toolFacts: known })
}

export class Journal {
  readonly #path: string | undefined
  readonly #base: Base | undefined
  readonly #targets = new Map<string, Built | null>()
  readonly #files = new Map<string, Seen>()
  readonly #tools = new Map<string, ToolFacts>()
  #waiting: string[] = []
  #isScheduled = false
  #trouble: unknown
  /** Lines that could not be understood when the journal was opened. */
  readonly damagedLines: number

  /**
   * Reads the journal at `path`, which need not exist; without a path nothing is kept. With a base that is of this journal only
   * what was added since is read. Throws a BuildError if a newer hashmake wrote it.
   */
  constructor(path?: string, base?: Base) {
    this.#path = path
    const mark = base === undefined || path === undefined ? undefined : markOf(path)
    // One that was cut short says less than the base knows.
    const isOfThis = mark?.id === base?.mark.id && (mark?.length ?? 0) >= (base?.mark.length ?? 1)
    this.#base = isOfThis ? base : undefined
    this.damagedLines = path === undefined ? 0 : this.#load(path)
  }

  /** Gives the number of damaged lines. What only has a base is not mended: whoever finds damage reads all of it again. */
  #load(path: string): number {
    let damaged = 0
    let count = 0
    let id = this.#base?.mark.id
    const isWhole = readLines(path, this.#base?.mark.length ?? 0, (line, nth) => {
      if (nth > 0 || this.#base !== undefined) {
        count++
        if (!this.#read(line)) damaged++
      } else if (headPattern.test(line)) id = headPattern.exec(line)?.[1]
      else damaged += damageOfHead(line, path)
    })
    if (!isWhole) damaged++
    const live = this.#targets.size + this.#files.size + this.#tools.size
    const isLong = count > shortLines && count > 2 * live
    if (this.#base === undefined && (id === undefined || damaged > 0 || isLong)) this.#writeAnew(path)
    return damaged
  }

  built(target: string): Built | undefined {
    const known = this.#targets.get(target)
    return known === undefined ? this.#base?.built(target) : (known ?? undefined)
  }

  /** As `built`, of what was added since the base was made. */
  later(target: string): Built | undefined {
    return this.#targets.get(target) ?? undefined
  }

  /** Every target that has something in the workspace. Not for a journal with a base. */
  *targets(): Iterable<[string, Built]> {
    for (const [name, built] of this.#targets) if (built !== null) yield [name, built]
  }

  /** The base, if it is one of this journal. */
  get base(): Base | undefined {
    return this.#base
  }

  /** What was added since the base was made. */
  get since(): { readonly targets: Iterable<string>; readonly files: Iterable<string> } {
    return { targets: this.#targets.keys(), files: this.#files.keys() }
  }

  recordBuilt(target: string, built: Built): void {
    this.#targets.set(target, built)
    this.#append({ target, built })
  }

  forget(target: string): void {
    this.#targets.set(target, null)
    this.#append({ target, built: null })
  }

  seen(file: string): Seen | undefined {
    return this.#files.get(file) ?? this.#base?.seen(file)
  }

  recordSeen(file: string, seen: Seen): void {
    this.#files.set(file, seen)
    this.#append({ file, seen })
  }

  /** After a power cut: files that changed last (see base/boot.ts) are looked at again, whatever their stat. */
  distrustLatest(): void {
    const builts = [...this.targets()]
    const placed = builts.flatMap(([, built]) => Object.values(built.placed).flat())
    const since = unwrittenSince([...[...this.#files.values()].map(({ stat }) => stat), ...placed].map(changedMs))
    const isLate = (stat: FileStat) => changedMs(stat) >= since
    for (const [file, { stat, content }] of this.#files)
      if (isLate(stat)) this.recordSeen(file, { stat: distrusted(stat), content })
    for (const [target, built] of builts) {
      const stats = Object.entries(built.placed)
      if (!stats.some(([, files]) => files.some(isLate))) continue
      const again = stats.map(([name, files]) => [name, files.map((stat) => (isLate(stat) ? distrusted(stat) : stat))])
      this.recordBuilt(target, { ...built, placed: Object.fromEntries(again) })
    }
    this.flush()
  }

  /** What was found out about a tool of the build machine, if its programs are still the same files. */
  toolFacts(name: string, stats: readonly FileStat[]): unknown {
    const known = this.tool(name)
    return known !== undefined && areSame(known.stats, stats) ? known.facts : undefined
  }

  tool(name: string): ToolFacts | undefined {
    return this.#tools.get(name) ?? this.#base?.toolFacts(name)
  }

  recordToolFacts(name: string, stats: readonly FileStat[], facts: unknown): void {
    this.#tools.set(name, { stats, facts })
    this.#append({ tool: name, stats, facts })
  }

  /** Writes what waits. */
  flush(): void {
    this.#isScheduled = false
    const waiting = this.#waiting
    this.#waiting = []
    if (this.#path !== undefined && waiting.length > 0) appendFileSync(this.#path, waiting.join(""))
  }

  /** How far it is, everything written. */
  mark(): Mark | undefined {
    this.flush()
    return this.#path === undefined ? undefined : markOf(this.#path)
  }

  #read(line: string): boolean {
    const body = unsealed(line)
    if (body === undefined) return false
    const record = JSON.parse(body) as Line
    if ("target" in record) this.#targets.set(record.target, record.built)
    else if ("file" in record) this.#files.set(record.file, record.seen)
    else this.#tools.set(record.tool, record)
    return true
  }

  /** Throws what an earlier line met with, a full disk for instance. */
  #append(line: Line): void {
    if (this.#path === undefined) return
    if (this.#trouble !== undefined) throw this.#trouble
    this.#waiting.push(lineText(line))
    if (this.#isScheduled) return
    this.#isScheduled = true
    setImmediate(() => {
      try {
        this.flush()
      } catch (thrown) {
        this.#trouble = thrown
      }
    })
  }

  #writeAnew(path: string): void {
    const id = `${Date.now().toString(36)}${process.pid.toString(36)}`
    const pieces: Buffer[] = [Buffer.from(`${head} ${id}\n`)]
    for (const [target, built] of this.#targets)
      if (built !== null) pieces.push(Buffer.from(lineText({ target, built })))
    for (const [file, seen] of this.#files) pieces.push(Buffer.from(lineText({ file, seen })))
    for (const [tool, { stats, facts }] of this.#tools) pieces.push(Buffer.from(lineText({ tool, stats, facts })))
    writeParts(path, [Buffer.concat(pieces)])
  }
}

/** 0 for the head of a journal without an id. Throws a BuildError if a newer hashmake wrote it. */
function damageOfHead(line: string, path: string): number {
  const version = /^hashmake journal (\d+)\b/.exec(line)?.[1]
  if (version !== undefined && Number(version) > 1) throw newerJournalError(path, Number(version), 1)
  return version === undefined ? 1 : 0
}

/** Gives each line to `take`, the file read in pieces: it may be longer than a text can be. False if the last has no end. */
function readLines(path: string, from: number, take: (line: string, nth: number) => void): boolean {
  const file = ifThere(() => openSync(path, "r"))
  if (file === undefined) return true
  try {
    const piece = Buffer.allocUnsafe(pieceBytes)
    let rest = Buffer.alloc(0)
    let nth = 0
    for (let at = from, n = 0; ; at += n) {
      n = readSync(file, piece, 0, pieceBytes, at)
      if (n === 0) return rest.length === 0
      const bytes = rest.length === 0 ? piece.subarray(0, n) : Buffer.concat([rest, piece.subarray(0, n)])
      const end = bytes.lastIndexOf(10)
      if (end >= 0) for (const line of bytes.toString("utf8", 0, end).split("\n")) take(line, nth++)
      rest = Buffer.from(bytes.subarray(end + 1))
    }
  } finally {
    closeSync(file)
  }
}

const lineText = (line: Line): string => `${sealed(JSON.stringify(line))}\n`
