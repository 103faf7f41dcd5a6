// What this workspace last built, and what its files were. A text file to which whole lines are appended, each with a
// checksum of its own:
//
//   hashmake journal 1
//   <16 hexadecimal digits: fingerprint of the rest of the line> <JSON>
//
// A process killed in the middle of a line damages that line and no other; a damaged line is passed over, and what it said is
// then found out again. A later record for the same target or file replaces an earlier one; when more than half of the lines
// are such, the file is written anew. One engine at a time writes it: see the lock in exec/workspace.ts.

import { appendFileSync, readFileSync } from "node:fs"
import { ifThere, writeWhole } from "../base/files.ts"
import { fingerprintOf } from "../base/fingerprint.ts"
import { newerJournalError } from "../graph/errors.ts"
import type { Key } from "../graph/manifest.ts"
import type { Content } from "./content.ts"
import type { FileStat } from "./stat.ts"

/** What a target's action last produced here. */
export interface Built {
  readonly key: Key
  readonly outputs: Readonly<Record<string, Content>>
  readonly durationMs: number
  /** Output name → the files that it has in the workspace, as they were left. */
  readonly placed: Readonly<Record<string, readonly FileStat[]>>
}

/** What a file was when it was last read, besides its digest. */
export interface Seen {
  readonly stat: FileStat
  readonly content: Content
}

type Line =
  | { readonly target: string; readonly built: Built | null }
  | { readonly file: string; readonly seen: Seen }
  | { readonly tool: string; readonly stats: readonly FileStat[]; readonly facts: unknown }

const head = "hashmake journal 1"
/** A journal this short is never worth writing anew. */
const shortLines = 200

export class Journal {
  readonly #path: string | undefined
  readonly #targets = new Map<string, Built>()
  readonly #files = new Map<string, Seen>()
  readonly #tools = new Map<string, { stats: readonly FileStat[]; facts: unknown }>()
  /** Lines that could not be understood when the journal was opened. */
  readonly damagedLines: number

  /** Reads the journal at `path`, which need not exist; without a path nothing is kept. Throws a BuildError if a newer hashmake wrote it. */
  constructor(path?: string) {
    this.#path = path
    this.damagedLines = path === undefined ? 0 : this.#load(path)
  }

  /** Gives the number of damaged lines. */
  #load(path: string): number {
    const text = ifThere(() => readFileSync(path, "utf8")) ?? ""
    const [first = "", ...lines] = text.split("\n")
    const newer = /^hashmake journal (\d+)$/.exec(first)?.[1]
    if (first !== head && newer !== undefined && Number(newer) > 1) throw newerJournalError(path, Number(newer), 1)
    const last = lines.pop() ?? ""
    let damaged = text !== "" && first !== head ? 1 : 0
    for (const line of lines) if (!this.#read(line)) damaged++
    if (last !== "") damaged++
    const live = this.#targets.size + this.#files.size + this.#tools.size
    if (damaged > 0 || text === "" || (lines.length > shortLines && lines.length > 2 * live)) this.#writeAnew(path)
    return damaged
  }

  built(target: string): Built | undefined {
    return this.#targets.get(target)
  }

  /** Every target that has something in the workspace. */
  targets(): ReadonlyMap<string, Built> {
    return this.#targets
  }

  recordBuilt(target: string, built: Built): void {
    this.#targets.set(target, built)
    this.#append({ target, built })
  }

  forget(target: string): void {
    this.#targets.delete(target)
    this.#append({ target, built: null })
  }

  seen(file: string): Seen | undefined {
    return this.#files.get(file)
  }

  recordSeen(file: string, seen: Seen): void {
    this.#files.set(file, seen)
    this.#append({ file, seen })
  }

  /** What was found out about a tool of the build machine, if its programs are still the same files. */
  toolFacts(name: string, stats: readonly FileStat[]): unknown {
    const known = this.#tools.get(name)
    return known !== undefined && known.stats.join() === stats.join() ? known.facts : undefined
  }

  recordToolFacts(name: string, stats: readonly FileStat[], facts: unknown): void {
    this.#tools.set(name, { stats, facts })
    this.#append({ tool: name, stats, facts })
  }

  #read(line: string): boolean {
    const body = line.slice(17)
    if (line.slice(0, 17) !== `${fingerprintOf(body)} `) return false
    const record = JSON.parse(body) as Line
    if ("target" in record) {
      if (record.built === null) this.#targets.delete(record.target)
      else this.#targets.set(record.target, record.built)
    } else if ("file" in record) this.#files.set(record.file, record.seen)
    else this.#tools.set(record.tool, record)
    return true
  }

  #append(line: Line): void {
    if (this.#path !== undefined) appendFileSync(this.#path, lineText(line))
  }

  #writeAnew(path: string): void {
    const lines: Line[] = []
    for (const [target, built] of this.#targets) lines.push({ target, built })
    for (const [file, seen] of this.#files) lines.push({ file, seen })
    for (const [tool, { stats, facts }] of this.#tools) lines.push({ tool, stats, facts })
    writeWhole(path, `${head}\n${lines.map(lineText).join("")}`)
  }
}

function lineText(line: Line): string {
  const body = JSON.stringify(line)
  return `${fingerprintOf(body)} ${body}\n`
}
