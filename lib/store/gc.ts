// Makes room in the store. What the checkouts that use it have built stays, and what running engines use; of the other results, of
// downloads and of what actions left the newest stay, up to a size; everything else goes. First all is looked at and decided; then, while
// every engine stands still, what goes is moved aside (inuse.ts); then it is removed. A collection that is killed has removed a part of
// what it would have: results go before what they name.

import { join } from "node:path"
import type { Digest } from "../base/digest.ts"
import { errorCode, removeMeanwhile, statIfThere } from "../base/files.ts"
import { mkdirSync, readdirSync, renameSync } from "../base/fs.ts"
import { tryLock } from "../base/lock.ts"
import type { Amount, Collected, FreedWhy, KeptWhy, UpkeepEvent } from "../graph/upkeep.ts"
import { collectAlone, whileHeld } from "./inuse.ts"
import { Inventory, thingOfContent, thingsOf } from "./inventory.ts"
import { markOf, readJournal } from "./journal.ts"
import { touch } from "./records.ts"
import { type Thing, thingOf } from "./rooms.ts"
import type { Store } from "./store.ts"
import { checkoutsOf, forgetGone, makeReserve, sweep } from "./sweep.ts"

export interface CollectOptions {
  /** What the store may take on the disk, in bytes. More stays only if checkouts or engines need more. */
  readonly limitBytes: number
  /** What was of no use for longer than this, in ms, goes in any case. */
  readonly olderThanMs?: number | undefined
  /** Remove nothing. */
  readonly isDryRun: boolean
  readonly emit: (event: UpkeepEvent) => void
}

/** Collects. Throws a BuildError if another process does, or if an engine does not answer. */
export async function collect(store: Store, options: CollectOptions): Promise<Collected> {
  const end = await collectAlone(store)
  try {
    if (!options.isDryRun) {
      await sweep(store.root)
      forgetGone(store.root)
    }
    const { emit } = options
    const say = (words: string, done: number, of?: number) =>
      emit({ type: "upkeep", words, done, ...(of === undefined ? {} : { of }) })
    const inventory = await Inventory.of(store.root, (things) => say("looking at the store", things))
    const plan = new Plan(store.root, inventory)
    plan.keepBuilt()
    plan.keepNewest(options)
    const trash = options.isDryRun ? undefined : await setAside(store, plan)
    const collected = plan.collected(options)
    if (trash !== undefined) await empty(trash, (done, of) => say("removing", done, of))
    if (!options.isDryRun) makeReserve(store.root)
    emit({ type: "collected", ...collected })
    return collected
  } finally {
    end()
  }
}

/** Moves what goes out of everybody's sight, and gives where it is now. */
async function setAside(store: Store, plan: Plan): Promise<string> {
  const trash = store.freshWork("trash")
  mkdirSync(trash)
  let count = 0
  const move = (thing: Thing) => {
    try {
      renameSync(join(store.root, thing), join(trash, String(count++)))
    } catch (thrown) {
      if (errorCode(thrown) !== "ENOENT") throw thrown
    }
  }
  await whileHeld(store, (used, engines) => {
    plan.keepBuilt()
    plan.keepUsed(used, engines)
    for (const thing of plan.going()) if (!thing.startsWith("work/resume.")) move(thing)
  })
  // One that is gone on with is locked.
  for (const thing of plan.going().filter((one) => one.startsWith("work/resume."))) {
    const release = await tryLock(join(store.root, `${thing}.lock`))
    if (typeof release !== "function") continue
    move(thing)
    release()
  }
  plan.touchBuilt()
  return trash
}

const pieceThings = 256

async function empty(trash: string, progress: (done: number, of: number) => void): Promise<void> {
  const names = readdirSync(trash)
  for (let at = 0; at < names.length; at += pieceThings) {
    progress(at, names.length)
    const piece = names.slice(at, at + pieceThings)
    await Promise.all(piece.map((name) => removeMeanwhile(join(trash, name))))
  }
  await removeMeanwhile(trash)
}

/** What stays, and why; whatever is in the inventory besides goes. */
class Plan {
  readonly #root: string
  readonly #inventory: Inventory
  readonly #stays = new Map<Thing, KeptWhy>()
  /** What would have stayed if there were room, and why it does not. */
  readonly #crowded = new Map<Thing, FreedWhy>()
  readonly #journals = new Map<string, string>()
  #sizeBytes = 0

  constructor(root: string, inventory: Inventory) {
    this.#root = root
    this.#inventory = inventory
    this.#sizeBytes = inventory.baseBytes
  }

  /** Keeps what the checkouts have built, as their journals say; called again, it looks at those that have grown. */
  keepBuilt(): void {
    for (const workspace of checkoutsOf(this.#root)) {
      const path = join(workspace, ".hashmake", "journal")
      const mark = markOf(path)
      const state = mark === undefined ? undefined : `${mark.id} ${mark.length}`
      if (state === undefined || this.#journals.get(path) === state) continue
      this.#journals.set(path, state)
      for (const [, { key, outputs }] of readJournal(path)?.targets() ?? [])
        this.#keep([thingOf("result", key), ...Object.values(outputs).map(thingOfContent)], "built")
    }
  }

  /** Keeps what fits, the newest first: from the first that does not fit on, nothing. */
  keepNewest({ limitBytes, olderThanMs = Number.POSITIVE_INFINITY }: CollectOptions): void {
    const newest = this.#inventory.kept.toSorted((a, b) => b.lastUseMs - a.lastUseMs)
    const now = Date.now()
    let why: FreedWhy | undefined
    for (const { thing, lastUseMs } of newest) {
      if (this.#stays.has(thing)) continue
      const more = this.#neededBy([thing])
      const bytes = more.reduce((sum, one) => sum + this.#bytesOf(one), 0)
      if (now - lastUseMs > olderThanMs) why ??= "unused"
      else if (this.#sizeBytes + bytes > limitBytes) why ??= "oldest"
      for (const one of more) {
        if (why === undefined) this.#stay(one, "recent")
        else if (!this.#crowded.has(one)) this.#crowded.set(one, why)
      }
    }
  }

  /** Keeps what running engines use. With any there, downloads stay, and what their actions leave. */
  keepUsed(used: ReadonlySet<string>, engines: number): void {
    for (const digest of used) this.#keep(digest.includes("/") ? [digest] : thingsOf(digest as Digest), "running")
    const isTheirs = (thing: Thing) => {
      const pid = Inventory.makerOf(thing)
      return pid === undefined ? engines > 0 && thing.startsWith("keep/") : statIfThere(`/proc/${pid}`) !== undefined
    }
    this.#keep(
      this.#inventory.kept.flatMap(({ thing }) => (isTheirs(thing) ? [thing] : [])),
      "running",
    )
  }

  /** What goes, results first: whatever happens then, none is left that names what is not there. */
  going(): readonly Thing[] {
    return [...this.#inventory.sizes.keys()].filter((thing) => !this.#stays.has(thing))
  }

  /** What a checkout has built is of use today. */
  touchBuilt(): void {
    for (const { thing, lastUseMs } of this.#inventory.kept)
      if (this.#stays.get(thing) === "built" && statIfThere(join(this.#root, thing)) !== undefined)
        touch(join(this.#root, thing), lastUseMs)
  }

  collected({ limitBytes, isDryRun }: CollectOptions): Collected {
    const freed = { unnamed: none(), oldest: none(), unused: none() }
    const kept = { built: none(), running: none(), recent: none() }
    for (const [thing, sizeBytes] of this.#inventory.sizes) {
      const why = this.#stays.get(thing)
      const amount = why === undefined ? freed[this.#crowded.get(thing) ?? "unnamed"] : kept[why]
      amount.things++
      amount.sizeBytes += sizeBytes
    }
    return { freed, kept, limitBytes, checkouts: this.#journals.size, isDryRun }
  }

  #keep(things: readonly Thing[], why: KeptWhy): void {
    for (const thing of this.#neededBy(things)) this.#stay(thing, why)
  }

  #stay(thing: Thing, why: KeptWhy): void {
    this.#stays.set(thing, why)
    this.#sizeBytes += this.#bytesOf(thing)
  }

  /** These and all that they need, as far as it is there and does not stay already. */
  #neededBy(things: readonly Thing[]): readonly Thing[] {
    const needed = new Set(things.filter((thing) => this.#isNew(thing)))
    for (const thing of needed) for (const need of this.#inventory.needs(thing)) if (this.#isNew(need)) needed.add(need)
    return [...needed]
  }

  #isNew(thing: Thing): boolean {
    return this.#inventory.sizes.has(thing) && !this.#stays.has(thing)
  }

  #bytesOf(thing: Thing): number {
    return this.#inventory.sizes.get(thing) ?? 0
  }
}

const none = (): { -readonly [K in keyof Amount]: Amount[K] } => ({ things: 0, sizeBytes: 0 })
