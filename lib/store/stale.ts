// What of a remembered graph has to be looked at again: the targets that use a file which changed, or whose own files did, and all that
// depends on them. Decides by stats and by what the journal says; reads no file.

import { dirname } from "node:path"
import { pathIn, statIfThere } from "../base/files.ts"
import type { Later } from "./later.ts"
import { followed, type Remembered } from "./remembered.ts"
import { absentSize, type FileStat, fileStat, isSame } from "./stat.ts"

/** The lines that were added to the journal since. */
export interface Since {
  readonly targets: Iterable<string>
  readonly files: Iterable<string>
}

/**
 * Looks at every file, or at those `among` which something may have changed, and gives the numbers of the targets that need a
 * closer look, in order.
 */
export function staleTargets(remembered: Remembered, since?: Since, among?: ReadonlySet<string>): number[] {
  const flags = new Flags(remembered)
  if (since !== undefined) flags.addSince(since)
  else if (remembered.later !== undefined) flags.addLater(remembered.later)
  if (among === undefined || !flags.addAmong(among)) flags.addChanged()
  return flags.closure()
}

/** A flag for each target that needs a closer look. */
class Flags {
  readonly #remembered: Remembered
  readonly #flags: Uint8Array
  /** Targets that, built later, read what a target makes without declaring it. */
  readonly #readers = new Map<number, number[]>()

  constructor(remembered: Remembered) {
    this.#remembered = remembered
    this.#flags = new Uint8Array(remembered.head.targets)
  }

  addSince({ targets, files }: Since): void {
    for (const name of targets) {
      const number = this.#remembered.targetAt(name)
      if (number !== undefined) this.#flags[number] = 1
    }
    for (const path of files) {
      const file = this.#remembered.sourceAt(path)
      if (file !== undefined) this.#addUsers(file)
    }
  }

  /** Takes over what was seen later, and looks at what later builds have read besides. */
  addLater({ files, targets }: Later): void {
    const known = this.#remembered
    for (const stat of files) {
      const file = known.sourceAt(stat[0])
      if (file !== undefined) known.setStat(file, stat)
    }
    for (const { name, placed, reads } of targets) {
      const number = known.targetAt(name)
      if (number === undefined) continue
      const first = known.placedFrom(number)
      if (
        placed.length === known.placedFrom(number + 1) - first &&
        placed.every(([path], i) => known.filePath(first + i) === path)
      )
        for (const [i, stat] of placed.entries()) known.setStat(first + i, stat)
      else this.#flags[number] = 1
      for (const read of reads) this.#addRead(number, read)
    }
  }

  #addRead(reader: number, read: FileStat): void {
    const known = this.#remembered
    const [path, sizeBytes] = read
    const stat = followed(pathIn(known.root, path))
    if (stat === undefined ? sizeBytes !== absentSize : !isSame(fileStat(path, stat), read)) this.#flags[reader] = 1
    const maker = known.makerAt(path)
    if (maker === undefined) return
    this.#readers.set(maker, [...(this.#readers.get(maker) ?? []), reader])
  }

  /** False if what changed is more than files that are known. */
  addAmong(paths: ReadonlySet<string>): boolean {
    const known = this.#remembered
    for (const path of paths) {
      const isFile = statIfThere(pathIn(known.root, path))?.isDirectory() === false
      if (!this.#addAt(path) && !isFile) return false
      // It came into a directory that may be an output, or was read, or went from there.
      this.#addAt(dirname(path))
    }
    return true
  }

  /** Flags who uses or left what lies at a path, if that is not what it was. False if nobody is known to. */
  #addAt(path: string): boolean {
    const known = this.#remembered
    const source = known.sourceAt(path)
    const placed = known.placedAt(path)
    if (source !== undefined && !known.isAsLeft(source)) this.#addUsers(source)
    if (placed !== undefined && !known.isAsLeft(placed)) this.#flags[known.ownerOf(placed)] = 1
    return source !== undefined || placed !== undefined
  }

  addChanged(): void {
    const known = this.#remembered
    const { sources, targets } = known.head
    for (let file = 0; file < sources; file++) if (!known.isAsLeft(file)) this.#addUsers(file)
    for (let target = 0, file = sources; target < targets; target++) {
      const end = known.placedFrom(target + 1)
      for (; file < end && this.#flags[target] === 0; file++) if (!known.isAsLeft(file)) this.#flags[target] = 1
      file = end
    }
  }

  #addUsers(file: number): void {
    for (const user of this.#remembered.listed("users", file)) this.#flags[user] = 1
  }

  /** All that depends on what is flagged, in order. */
  closure(): number[] {
    const stale: number[] = []
    for (let target = this.#flags.indexOf(1); target !== -1; target = this.#flags.indexOf(1, target + 1)) {
      stale.push(target)
      for (const dependent of this.#remembered.listed("dependents", target)) this.#flags[dependent] = 1
      for (const reader of this.#readers.get(target) ?? []) this.#flags[reader] = 1
    }
    return stale
  }
}
