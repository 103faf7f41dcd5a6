// Which targets can be begun: those whose needs have ended. Needs are counted and not waited for one by one, so that a target that waits
// costs a small record, however many there are.

import type { Outcome } from "../graph/event.ts"
import { needsOf } from "../graph/graph.ts"
import type { Target } from "../graph/target.ts"

interface Item {
  readonly target: Target
  /** How many needs have not ended. */
  left: number
  /** Who needs it. */
  users: Item[] | undefined
}

export class Agenda {
  readonly #items = new Map<Target, Item>()
  readonly #outcomes = new Map<Target, Outcome>()
  #open: number

  /** `targets`: each after all that it needs. `known`: up to date for certain, whether or not they are among them. */
  constructor(targets: readonly Target[], known: Iterable<Target>) {
    for (const target of known) this.#outcomes.set(target, "up-to-date")
    for (const target of targets) {
      if (this.#outcomes.has(target)) continue
      const item: Item = { target, left: 0, users: undefined }
      this.#items.set(target, item)
      for (const need of needsOf(target)) this.#count(need, item)
    }
    this.#open = this.#items.size
  }

  #count(need: Target, user: Item): void {
    const item = this.#items.get(need)
    if (item === undefined) return
    item.users ??= []
    item.users.push(user)
    user.left++
  }

  get isDone(): boolean {
    return this.#open === 0
  }

  /** What needs nothing that is still to end. */
  get ready(): readonly Target[] {
    return [...this.#items.values()].filter(({ left }) => left === 0).map(({ target }) => target)
  }

  /** How a target ended; undefined before it has. */
  outcomeOf(target: Target): Outcome | undefined {
    return this.#outcomes.get(target)
  }

  /** Notes how a target ended, and gives what can be begun because it has. */
  end(target: Target, outcome: Outcome): readonly Target[] {
    const users = this.#items.get(target)?.users ?? []
    this.#outcomes.set(target, outcome)
    this.#items.delete(target)
    this.#open--
    return users.filter((user) => --user.left === 0).map(({ target }) => target)
  }
}
