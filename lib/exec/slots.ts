// What may run at once: slots, memory and named pools. What waits goes in order of priority. Slots are our own or, under an
// outer make, one of our own and as many as it has tokens for; those that nobody needs are lent to the purses of actions whose
// children ask for them. At every moment: used + lent + free = owned, and that is the whole invariant.

import { Heap } from "../base/heap.ts"
import { Pool } from "../base/pool.ts"
import { type Client, Purse } from "./jobserver.ts"
import { Held, type Need, type Slot, type SlotKeeper, type Waiting } from "./slot.ts"

export interface SlotsOptions {
  /** How many there are; under an outer make, the most that are taken. */
  readonly count: number
  /** What actions that declare memory may use together; default: what the machine has left when the first of them comes. */
  readonly memoryBytes?: number | undefined
  /** The outer jobserver. It is given to one `Slots` at a time. */
  readonly client?: Client | undefined
}

/** How often tokens that lie unread are shared out anew. */
const shareMs = 20

export class Slots {
  readonly count: number
  readonly #client: Client | undefined
  readonly #light = new Heap<Waiting>()
  readonly #heavy = new Heap<Waiting>()
  readonly #pools = new Map<string, Pool>()
  /** Each purse with what it is offered at once, as a client: as much as it was seen to use. */
  readonly #purses = new Map<Purse, number>()
  /** Those that something may follow, by the priority that it must have. */
  readonly #leaders = new Map<Held, number>()
  #memoryBytes: number | undefined
  #usedBytes = 0
  #used = 0
  #running = 0
  #soon: NodeJS.Immediate | undefined
  #later: NodeJS.Timeout | undefined

  constructor({ count, memoryBytes, client }: SlotsOptions) {
    this.count = count
    this.#memoryBytes = memoryBytes
    this.#client = client
  }

  /** Runs `work` once it may. What it was given is free again when it has ended, however it did. */
  run<T>(need: Need, work: (slot: Slot) => Promise<T>): Promise<T> {
    const { pool, priority } = need
    if (pool === undefined) return this.#enter(need, work)
    const named = this.#pools.get(pool.name) ?? new Pool(pool.slots)
    this.#pools.set(pool.name, named)
    return named.run(priority, () => this.#enter(need, work))
  }

  #enter<T>(
    { priority, slots = 1, memoryBytes = 0, mayFollow = false }: Need,
    work: (slot: Slot) => Promise<T>,
  ): Promise<T> {
    if (memoryBytes > 0) this.#memoryBytes ??= process.availableMemory()
    return new Promise<T>((resolve, reject) => {
      const start = async (slot: Slot) => {
        try {
          resolve(await work(slot))
        } catch (thrown) {
          reject(thrown)
        }
      }
      const waiting = { slots: Math.min(slots, this.count), memoryBytes, mayFollow, start }
      if (memoryBytes > 0) this.#heavy.push(priority, waiting)
      else this.#light.push(priority, waiting)
      this.#dispatchSoon()
    })
  }

  get #owned(): number {
    return this.#client === undefined ? this.count : 1 + this.#client.held
  }

  get #free(): number {
    let lent = 0
    for (const purse of this.#purses.keys()) lent += purse.lent
    return this.#owned - this.#used - lent
  }

  /** One turn later, so that everything that becomes ready in this one competes. */
  #dispatchSoon(): void {
    this.#soon ??= setImmediate(() => {
      this.#soon = undefined
      this.#dispatch()
    })
  }

  /** Starts what may be started; only what nobody waits for is lent or given back. */
  #dispatch(): void {
    for (let heap = this.#mostUrgent(); heap !== undefined; heap = this.#mostUrgent()) {
      const slots = heap.peek()?.value.slots ?? 1
      // One may always run: an outer make may have too few tokens for it for ever, and others may wait for ours as well.
      if (!this.#gather(slots) && this.#running > 0) {
        this.#lineUp()
        // Where only the end of another action can help, its children may as well use what is there until then.
        return slots > this.count - this.#used ? this.#share() : this.#wantMore()
      }
      const next = heap.pop()
      if (next !== undefined) this.#start(next)
    }
    this.#share()
  }

  /** What waits for memory lets pass only what declares none: so it is never put off for ever. */
  #mostUrgent(): Heap<Waiting> | undefined {
    const light = this.#light.peek()
    const heavy = this.#heavy.peek()
    const fits =
      heavy !== undefined &&
      (this.#usedBytes === 0 || this.#usedBytes + heavy.value.memoryBytes <= (this.#memoryBytes ?? 0))
    if (fits && (light === undefined || heavy.priority > light.priority)) return this.#heavy
    return light === undefined ? undefined : this.#light
  }

  #start(waiting: Waiting, leader?: Held): void {
    const held = new Held(waiting, this.#keeper)
    if (leader === undefined) this.#take(waiting)
    else {
      held.state = "following"
      held.leader = leader
      leader.follower = held
      this.#leaders.delete(leader)
    }
    void waiting.start(held).then(() => {
      this.#end(held)
      this.#dispatchSoon()
    })
  }

  /** What may prepare to follow those who lead. */
  #lineUp(): void {
    for (const [leader, priority] of this.#leaders) {
      const next = this.#light.peek()
      if (next === undefined || !next.value.mayFollow || next.priority < priority) return
      this.#light.pop()
      this.#start(next.value, leader)
    }
  }

  #take({ slots, memoryBytes }: Waiting): void {
    this.#running++
    this.#used += slots
    this.#usedBytes += memoryBytes
  }

  /** What was held is free; who followed has to ask again. */
  #end(held: Held): void {
    const { state, waiting, follower, leader } = held
    held.state = "ended"
    if (leader?.follower === held) leader.follower = undefined
    if (state !== "held") return
    this.#leaders.delete(held)
    this.#close(held)
    this.#running--
    this.#used -= waiting.slots
    this.#usedBytes -= waiting.memoryBytes
    if (follower?.state === "following") follower.state = "lost"
  }

  #close(held: Held): void {
    if (held.purse === undefined) return
    this.#purses.delete(held.purse)
    held.purse.close()
    held.purse = undefined
  }

  readonly #keeper: SlotKeeper = {
    serve: async (held, path) => {
      const purse = await Purse.make(path)
      this.#close(held)
      held.purse = purse
      this.#purses.set(purse, 0)
      // At once: ninja looks for tokens only when it starts, and when one of its jobs has ended.
      this.#dispatch()
      return purse
    },
    release: (held, priority, told) => {
      const { follower } = held
      const next = this.#mostUrgent()?.peek()
      const isFollowed = follower?.state === "following"
      if (held.state !== "held" || (!isFollowed && (next === undefined || next.priority < priority))) return false
      if (isFollowed) {
        this.#take(follower.waiting)
        follower.state = "held"
      }
      this.#end(held)
      told()
      this.#dispatch()
      return true
    },
    lead: (held, priority) => {
      if (held.state !== "held" || held.follower !== undefined) return
      this.#leaders.set(held, priority)
      this.#dispatchSoon()
    },
  }

  /** True once so many are free, with what purses do not need and the outer make has left. */
  #gather(slots: number): boolean {
    if (this.#free < slots) for (const purse of this.#purses.keys()) purse.takeBack()
    return this.#takeOuter(slots)
  }

  #takeOuter(slots: number): boolean {
    const client = this.#client
    while (this.#free < slots && client !== undefined && client.held < this.count - 1 && client.take());
    return this.#free >= slots
  }

  #wantMore(): void {
    this.#wantOuter()
    for (const purse of this.#purses.keys()) purse.want(() => this.#dispatchSoon())
  }

  #wantOuter(): void {
    if (this.#client !== undefined && this.#client.held < this.count - 1) this.#client.want(() => this.#dispatchSoon())
  }

  /** Carries what lies unread to purses that are empty; nobody tells us when one becomes so. */
  #share(): void {
    const isOnly = this.#purses.size === 1 && this.#client === undefined
    const unread = new Map([...this.#purses.keys()].map((purse) => [purse, isOnly ? 0 : purse.takeBack()]))
    const byNeed = [...unread].sort(([, a], [, b]) => a - b)
    byNeed.forEach(([purse, left], i) => {
      const share = this.#client === undefined ? Math.ceil(this.#free / (byNeed.length - i)) : this.#wish(purse, left)
      if (!this.#takeOuter(share)) this.#wantOuter()
      purse.put(Math.min(share, this.#free))
    })
    this.#client?.give(this.#free)
    if (unread.size > 0 && !isOnly) this.#shareLater()
  }

  /** What is an outer make's is not hoarded: one token to try, twice as many as were used, half of what was not. */
  #wish(purse: Purse, left: number): number {
    const before = this.#purses.get(purse) ?? 0
    const wish = left === 0 ? Math.min(2 * before, this.count) : before >> 1
    this.#purses.set(purse, Math.max(1, wish))
    return Math.max(1, wish)
  }

  #shareLater(): void {
    this.#later ??= setTimeout(() => {
      this.#later = undefined
      this.#dispatch()
    }, shareMs).unref()
  }
}
