// What was built since a graph was remembered, all of it up to date again: a small file beside the large one, so that an edit does
// not write everything down anew. It counts only as long as the journal is as long as it was then.

import { pathIn, readIfThere, unlinkIfThere, writeWhole } from "../base/files.ts"
import { sealed, unsealed } from "../base/fingerprint.ts"
import type { Journal, Mark } from "./journal.ts"
import { statSince } from "./look.ts"
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

/** What is asked of a remembered graph. */
interface Known {
  readonly path: string
  readonly root: string
  readonly head: { readonly targets: number }
  readonly checked: Mark
  makerAt(path: string): number | undefined
}

/** With more targets than this, or this share of all, it is better to write everything down again. */
const mostTargets = 500
const mostShare = 0.1

const pathOf = (remembered: string): string => `${remembered}.later`

/** Undefined where there is none, or none that is whole. */
export function readLater(remembered: string): Later | undefined {
  const body = unsealed(readIfThere(pathOf(remembered)) ?? "")
  return body === undefined ? undefined : (JSON.parse(body) as Later)
}

/** What was noted says nothing of a graph that is remembered anew. */
export const dropLater = (remembered: string): void => unlinkIfThere(pathOf(remembered))

/**
 * Notes what the journal holds since a graph was remembered; of too much nothing is kept, the remembered graph neither. `since` is when it
 * was begun to look at what is stale, in ms of the system's clock.
 */
export function writeLater(remembered: Known, journal: Journal, since: number): void {
  const { path, head, checked, root } = remembered
  const mark = journal.mark()
  const names = [...journal.since.targets]
  if (mark === undefined || mark.length === checked.length) return
  if (names.length > Math.max(mostTargets, head.targets * mostShare)) {
    unlinkIfThere(path)
    return dropLater(path)
  }
  const sinceOf = (path: string) => (remembered.makerAt(path) === undefined ? since : Number.POSITIVE_INFINITY)
  const statOf = (path: string): FileStat => statSince(journal, pathIn(root, path), path, sinceOf(path))
  const later: Later = {
    mark,
    files: [...journal.since.files].map(statOf),
    targets: names.map((name) => {
      const { placed = {}, discovered = [] } = journal.built(name) ?? {}
      return { name, placed: Object.values(placed).flat(), reads: discovered.map(statOf) }
    }),
  }
  writeWhole(pathOf(path), sealed(JSON.stringify(later)))
}
