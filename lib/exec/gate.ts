// How many are looked at at once. Whoever is looked at and then waits for a slot holds on to all that was found out about it: beyond a
// number that keeps every slot busy, that is only memory. What goes first is the same as without a gate.

import { Heap } from "../base/heap.ts"

export class Gate<T> {
  readonly #most: number
  readonly #outside = new Heap<T>()
  /** Who came in, also those that have left since. */
  readonly #came = new Heap<T>()
  readonly #inside = new Set<T>()

  /** `most`: how many are inside; one more comes in if it is more urgent than all of them. */
  constructor(most: number) {
    this.#most = most
  }

  /** True if it may come in at once; else `next` gives it when it may. */
  enter(priority: number, one: T): boolean {
    const isOpen = this.#isOpenFor(priority)
    if (isOpen) this.#comeIn(priority, one)
    else this.#outside.push(priority, one)
    return isOpen
  }

  /** Lets in the most urgent of those that had to wait, if one may come in. */
  next(): T | undefined {
    const next = this.#outside.peek()
    if (next === undefined || !this.#isOpenFor(next.priority)) return undefined
    this.#outside.pop()
    this.#comeIn(next.priority, next.value)
    return next.value
  }

  #isOpenFor(priority: number): boolean {
    return this.#inside.size < this.#most || priority > this.#mostUrgent
  }

  #comeIn(priority: number, one: T): void {
    this.#came.push(priority, one)
    this.#inside.add(one)
  }

  /** One that is inside waits no more. */
  leave(one: T): void {
    this.#inside.delete(one)
  }

  get #mostUrgent(): number {
    for (let top = this.#came.peek(); top !== undefined; top = this.#came.peek()) {
      if (this.#inside.has(top.value)) return top.priority
      this.#came.pop()
    }
    return Number.NEGATIVE_INFINITY
  }
}
