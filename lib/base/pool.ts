// A bound on what runs at once. What waits is started in order of priority, highest first; p-limit keeps the count.

import { setImmediate as turn } from "node:timers/promises"
import pLimit from "p-limit"
import { Heap } from "./heap.ts"

/** A fixed number of slots. */
export class Pool {
  readonly #limit: ReturnType<typeof pLimit>
  readonly #waiting = new Heap<() => Promise<void>>()

  constructor(slots: number) {
    this.#limit = pLimit(slots)
  }

  /** Runs `work` once a slot is free and nothing of higher priority waits. */
  run<T>(priority: number, work: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      // The slot is free one turn later: what this work made ready can then compete for it.
      const start = () =>
        work()
          .then(resolve, reject)
          .then(() => turn())
      this.#waiting.push(priority, start)
      // Each entry opens one slot for whatever is most urgent by then, not for itself.
      void this.#limit(() => this.#waiting.pop()?.())
    })
  }
}
