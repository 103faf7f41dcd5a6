// What was built since a graph was remembered, all of it up to date again: a small file beside the large one, so that an edit does
// not write everything down anew. It counts only as long as the journal is as long as it was then.

import { readIfThere, unlinkIfThere, writeWhole } from "../base/files.ts"
import { fingerprintOf } from "../base/fingerprint.ts"
import type { Journal, Mark } from "./journal.ts"
import type { FileStat } from "./stat.ts"

/** What is different from what is remembered. */
export interface Later {
  readonly mark: Mark
  /** Sources, as they were last read. */
  readonly files: readonly FileStat[]
  readonly targets: readonly LaterTarget[]
}

/** A target with the files that it left, and what it read without declaring it. */
export interface LaterTarget {
  readonly name: string
  readonly placed: readonly FileStat[]
  readonly reads: readonly FileStat[]
}

/** With more targets than this, or this share of all, it is better to write everything down again. */
const mostTargets = 500
const mostShare = 0.1

const pathOf = (remembered: string): string => `${remembered}.later`

/** Undefined where there is none, or none that is whole. */
export function readLater(remembered: string): Later | undefined {
  const text = readIfThere(pathOf(remembered))
  const body = text?.slice(17) ?? ""
  return text?.slice(0, 17) === `${fingerprintOf(body)} ` ? (JSON.parse(body) as Later) : undefined
}

/** What was noted says nothing of a graph that is remembered anew. */
export const dropLater = (remembered: string): void => unlinkIfThere(pathOf(remembered))

/** Notes what the journal holds since `remembered` was written; of too much nothing is kept, the remembered graph neither. */
export function writeLater(remembered: string, journal: Journal, targets: number): void {
  const mark = journal.mark()
  const names = [...journal.since.targets]
  if (mark === undefined) return
  if (names.length > Math.max(mostTargets, targets * mostShare)) {
    unlinkIfThere(remembered)
    return dropLater(remembered)
  }
  const statOf = (path: string): FileStat => journal.seen(path)?.stat ?? [path, -1, -1, -1, -1, 0]
  const later: Later = {
    mark,
    files: [...journal.since.files].map(statOf),
    targets: names.map((name) => {
      const { placed = {}, discovered = [] } = journal.built(name) ?? {}
      return { name, placed: Object.values(placed).flat(), reads: discovered.map(statOf) }
    }),
  }
  const body = JSON.stringify(later)
  writeWhole(pathOf(remembered), `${fingerprintOf(body)} ${body}`)
}
