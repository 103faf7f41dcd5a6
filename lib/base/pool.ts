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
  readonly #waiting: Waiting[] = []

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
      void this.#limit(() => this.#mostUrgent()?.start())
    })
  }

  #mostUrgent(): Waiting | undefined {
    let best = 0
    for (let i = 1; i < this.#waiting.length; i++) {
      if ((this.#waiting[i]?.priority ?? 0) > (this.#waiting[best]?.priority ?? 0)) best = i
    }
    return this.#waiting.splice(best, 1)[0]
  }
}
