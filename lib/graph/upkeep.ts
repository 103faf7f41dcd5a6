// What looking after the store tells: a collection, which makes room, and a verification, which reads everything. For the terminal and
// for --json alike.

import type { Diagnostic } from "../base/diagnostic.ts"

/** So many things, and what they take on the disk. */
export interface Amount {
  readonly things: number
  readonly sizeBytes: number
}

/**
 * Why something was freed. unnamed: no result names it. oldest: it did not fit into the limit. unused: it was of no use for longer than
 * asked for.
 */
export type FreedWhy = "unnamed" | "oldest" | "unused"
/** Why something was kept. built: a checkout has it. running: an engine uses it now. recent: it fits into the limit. */
export type KeptWhy = "built" | "running" | "recent"

/** How a collection went; in a dry run, how it would go. */
export interface Collected {
  readonly freed: Readonly<Record<FreedWhy, Amount>>
  readonly kept: Readonly<Record<KeptWhy, Amount>>
  readonly limitBytes: number
  /** How many checkouts there are whose results are kept. */
  readonly checkouts: number
  readonly isDryRun: boolean
}

/** How a verification went. */
export interface Verified {
  readonly blobs: Amount
  readonly trees: number
  readonly results: number
  /** Files that the workspace's outputs consist of. */
  readonly outputs: Amount
  readonly wrong: number
  readonly isRepaired: boolean
}

/** Something that happens meanwhile; `type` says what. */
export type UpkeepEvent =
  | {
      readonly type: "upkeep"
      /** What is done now, in a few words. */
      readonly words: string
      readonly done: number
      /** How many there are, where known. */
      readonly of?: number
      /** How much of it was read, where that is what takes time. */
      readonly sizeBytes?: number
    }
  | { readonly type: "wrong"; readonly diagnostic: Diagnostic }
  | ({ readonly type: "collected" } & Collected)
  | ({ readonly type: "verified" } & Verified)
