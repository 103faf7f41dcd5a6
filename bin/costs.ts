// `query costs`: what targets took when they last ran, here or wherever the store has them from, and how large what they made is.

import { join } from "node:path"
import { sizeText } from "../lib/base/quantity.ts"
import type { Target } from "../lib/graph/target.ts"
import { duration } from "../lib/report/words.ts"
import type { Content } from "../lib/store/content.ts"
import { storeDirectory } from "../lib/store/directory.ts"
import { type Built, readJournal } from "../lib/store/journal.ts"
import { Store } from "../lib/store/store.ts"

/** What one target took. Times are ms. */
export interface Costs {
  readonly target: string
  readonly durationMs: number
  /** Of what ran for a second or longer. */
  readonly cpuMs?: number
  readonly peakBytes?: number
  /** Of all files that it made. */
  readonly sizeBytes: number
  /** Output → digest. */
  readonly digests: Readonly<Record<string, string>>
}

/** The costs of those of these targets that are built here. */
export function costsOf(targets: readonly Target[], root: string): readonly Costs[] {
  const journal = readJournal(join(root, ".hashmake", "journal"))
  const built = targets.flatMap(({ name, action }) => {
    const made = action === undefined ? undefined : journal?.built(name)
    return made === undefined ? [] : [{ name, made }]
  })
  if (built.length === 0) return []
  const store = new Store(storeDirectory(process.env))
  return built.map(({ name, made }) => costsIn(name, made, store))
}

function costsIn(target: string, { durationMs, usage, outputs }: Built, store: Store): Costs {
  const contents = Object.entries(outputs)
  return {
    target,
    durationMs: Math.round(durationMs),
    ...usage,
    sizeBytes: contents.reduce((sum, [, content]) => sum + sizeOf(content, store), 0),
    digests: Object.fromEntries(contents.map(([name, { digest }]) => [name, digest])),
  }
}

function sizeOf({ form, digest, sizeBytes }: Content, store: Store): number {
  if (form !== "tree") return sizeBytes
  return (store.listing(digest) ?? []).reduce((sum, entry) => sum + ("sizeBytes" in entry ? entry.sizeBytes : 0), 0)
}

const shownDigits = 12

/** One line: the name, how long it took, what the processors worked for it, its memory, its size, and what its outputs are. */
export const costsText = ({ target, durationMs, cpuMs, peakBytes, sizeBytes, digests }: Costs): string =>
  [
    target,
    duration(durationMs),
    cpuMs === undefined ? "-" : duration(cpuMs),
    peakBytes === undefined ? "-" : sizeText(peakBytes),
    sizeText(sizeBytes),
    ...Object.values(digests).map((digest) => digest.slice(0, shownDigits)),
  ].join("\t")
