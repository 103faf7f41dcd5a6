// Slots that bound what runs at once. What waits is started in order of priority, highest first; p-limit keeps the count.

import { setImmediate as turn } from "node:timers/promises"
import pLimit from "p-limit"

interface Waiting {
  readonly priority: number
  readonly start: () => Promise<void>
}

/** A fixed number of slots. */
export class Pool {
  readonly #limit: ReturnType<typeof pLimit>
  readonly #waiting = new Heap()

  constructor(slots: number) {
    this.#limit = pLimit(slots)
  }

  /** Runs `work` once a slot is free and nothing of higher priority waits. */
  run<T>(priority: number, work: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      // The slot is free one turn later: what this work made ready can then compete for it.
      this.#waiting.push({
        priority,
        start: () =>
          work()
            .then(resolve, reject)
            .then(() => turn()),
      })
      // Each entry opens one slot for whatever is most urgent by then, not for itself.
      void this.#limit(() => this.#waiting.pop()?.start())
    })
  }
}

/** The highest priority is on top; of equal ones any. Each entry is at least as urgent as the two below it. */
class Heap {
  readonly #entries: Waiting[] = []

  push(entry: Waiting): void {
    const entries = this.#entries
    let at = entries.length
    while (at > 0) {
      const above = (at - 1) >> 1
      const upper = entries[above] as Waiting
      if (upper.priority >= entry.priority) break
      entries[at] = upper
      at = above
    }
    entries[at] = entry
  }

  pop(): Waiting | undefined {
    const entries = this.#entries
    const top = entries[0]
    const last = entries.pop()
    if (last === undefined || entries.length === 0) return top
    let at = 0
    for (;;) {
      let below = 2 * at + 1
      if (below >= entries.length) break
      const [left, right] = [entries[below] as Waiting, entries[below + 1]]
      if (right !== undefined && right.priority > left.priority) below++
      const lower = entries[below] as Waiting
      if (lower.priority <= last.priority) break
      entries[at] = lower
      at = below
    }
    entries[at] = last
    return top
  }
}
