// A binary heap: of what waits, the most urgent first, and of two alike the one that came first.

interface Entry<T> {
  readonly priority: number
  readonly order: number
  readonly value: T
}

const isBefore = (a: Entry<unknown>, b: Entry<unknown>): boolean =>
  a.priority > b.priority || (a.priority === b.priority && a.order < b.order)

export class Heap<T> {
  readonly #entries: Entry<T>[] = []
  #order = 0

  get size(): number {
    return this.#entries.length
  }

  /** What `pop` would give, with its priority. */
  peek(): { readonly priority: number; readonly order: number; readonly value: T } | undefined {
    return this.#entries[0]
  }

  push(priority: number, value: T): void {
    const entry = { priority, order: this.#order++, value }
    let at = this.#entries.push(entry) - 1
    for (let up = (at - 1) >> 1; at > 0 && isBefore(entry, this.#at(up)); up = (at - 1) >> 1) {
      this.#entries[at] = this.#at(up)
      at = up
    }
    this.#entries[at] = entry
  }

  /** Takes out the most urgent. */
  pop(): T | undefined {
    const top = this.#entries[0]
    const last = this.#entries.pop()
    if (last !== undefined && last !== top) this.#sink(last)
    return top?.value
  }

  #sink(entry: Entry<T>): void {
    let at = 0
    for (let down = 1; down < this.#entries.length; down = 2 * at + 1) {
      if (down + 1 < this.#entries.length && isBefore(this.#at(down + 1), this.#at(down))) down++
      if (!isBefore(this.#at(down), entry)) break
      this.#entries[at] = this.#at(down)
      at = down
    }
    this.#entries[at] = entry
  }

  #at(index: number): Entry<T> {
    return this.#entries[index] as Entry<T>
  }
}
