// What a running action has of the slots, and how it passes it on: to who follows it and is prepared, or to whoever waits.

import type { Purse } from "./jobserver.ts"

/** What an action needs to run. */
export interface Need {
  /** What is higher goes first. */
  readonly priority: number
  /** Default: 1. More than there are means all. */
  readonly slots?: number | undefined
  /** What it is going to use; it waits until so much is left, or nothing else that says what it needs runs. */
  readonly memoryBytes?: number | undefined
  /** At most `slots` of the actions that name this pool run at once, each counting as one. */
  readonly pool?: { readonly name: string; readonly slots: number } | undefined
  /** Whether it may be started while it has nothing yet, to get what another has when that ends; see `Slot.state`. */
  readonly mayFollow?: boolean
}

/** What a running action has. */
export interface Slot {
  /**
   * held: what it needs. following: nothing yet, and what `leader` has once that lets it go: until then it may only prepare. lost: it
   * follows nobody any more, and must be asked for again. ended: it was let go.
   */
  readonly state: "held" | "following" | "lost" | "ended"
  /** Whom it followed, or follows. */
  readonly leader: Slot | undefined
  /** Makes a jobserver for its children: a named pipe at `path`. It ends with the action, or when another is made. */
  serve(path: string): Promise<Purse>
  /**
   * Lets its follower, or what waits, have all this at once, while the work goes on with what takes next to no time. Not if what may come
   * because of this work could be of a higher `priority` than what waits: then it is free when the work has ended. True if it was let
   * go; then `told` has been called, before anything was started.
   */
  release(priority: number, told: () => void): boolean
  /** It will be let go soon: something of at least this priority may prepare to follow it. */
  lead(priority: number): void
}

/** What waits for slots. */
export interface Waiting {
  readonly slots: number
  readonly memoryBytes: number
  readonly mayFollow: boolean
  readonly start: (slot: Slot) => Promise<void>
}

/** What is running, or prepares to. */
export class Held implements Slot {
  state: Slot["state"] = "held"
  leader: Held | undefined
  follower: Held | undefined
  purse: Purse | undefined
  readonly waiting: Waiting
  readonly #slots: SlotKeeper

  constructor(waiting: Waiting, slots: SlotKeeper) {
    this.waiting = waiting
    this.#slots = slots
  }

  serve = (path: string): Promise<Purse> => this.#slots.serve(this, path)
  release = (priority: number, told: () => void): boolean => this.#slots.release(this, priority, told)
  lead = (priority: number): void => this.#slots.lead(this, priority)
}

/** What those who run ask of the slots. */
export interface SlotKeeper {
  serve(held: Held, path: string): Promise<Purse>
  release(held: Held, priority: number, told: () => void): boolean
  lead(held: Held, priority: number): void
}
