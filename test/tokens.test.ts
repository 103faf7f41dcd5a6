// Tokens are conserved whatever actions and their children do, in whatever order.

import { closeSync, constants, openSync, readSync, writeSync } from "node:fs"
import { setTimeout as sleep } from "node:timers/promises"
import fc from "fast-check"
import { expect, test } from "vitest"
import { connect } from "../lib/exec/jobserver.ts"
import type { Slot } from "../lib/exec/slot.ts"
import { Slots } from "../lib/exec/slots.ts"
import { freeSlots, Jobs, tokens } from "./jobs.ts"

let purses = 0

test("whatever actions and children do, what runs is bounded, and all tokens are there in the end", async () => {
  const step = fc.oneof(
    fc.record({
      does: fc.constant("run" as const),
      slots: fc.integer({ min: 1, max: 3 }),
      priority: fc.nat({ max: 3 }),
    }),
    fc.record({ does: fc.constant("serve" as const) }),
    fc.record({ does: fc.constantFrom("take", "take", "take", "give", "end", "turn"), which: fc.nat({ max: 9 }) }),
  )
  const scenario = fc.tuple(
    fc.option(fc.nat({ max: 5 }), { nil: undefined }),
    fc.array(step, { maxLength: 60, size: "max" }),
  )
  await fc.assert(
    fc.asyncProperty(scenario, async ([outer, steps]) => {
      const rig = new Jobs()
      const outside = outer === undefined ? undefined : tokens(rig, "abcdefg".slice(0, outer))
      const client = outside && connect({ kind: "fifo", path: outside.path })
      const slots = new Slots({ count: 4, client })
      const model = new Model(slots, outer === undefined ? 4 : Math.min(4, 1 + outer))
      for (const step of steps) {
        if (step.does === "run") model.run(step)
        else if (step.does === "serve") model.serve(rig)
        else await model.act(step.does, step.which)
        model.check()
      }
      await model.endAll()
      if (outside === undefined) expect(await freeSlots(slots)).toBe(4)
      client?.close()
      expect(outside?.left() ?? "").toBe("abcdefg".slice(0, outer ?? 0))
    }),
    { numRuns: 40 },
  )
})

/** Actions that run until they are told to end, and children of theirs, played by the test, with the tokens that they hold. */
class Model {
  readonly #slots: Slots
  readonly #bound: number
  readonly #running = new Map<() => void, number>()
  readonly #children: { file: number; held: number }[] = []
  readonly #done: Promise<void>[] = []

  constructor(slots: Slots, bound: number) {
    this.#slots = slots
    this.#bound = bound
  }

  run({ slots, priority }: { slots: number; priority: number }): void {
    this.#done.push(this.#slots.run({ slots, priority }, () => this.#untilEnded(slots)))
  }

  serve(rig: Jobs): void {
    const serve = async (slot: Slot) => {
      const { path } = await slot.serve(rig.path(`purse${purses++}`))
      const child = { file: openSync(path, constants.O_RDWR | constants.O_NONBLOCK), held: 0 }
      this.#children.push(child)
      await this.#untilEnded(1)
      // However many it holds: they end with it.
      this.#children.splice(this.#children.indexOf(child), 1)
      closeSync(child.file)
    }
    this.#done.push(this.#slots.run({ priority: 0 }, serve))
  }

  async act(does: string, which: number): Promise<void> {
    const child = this.#children[which % this.#children.length]
    if (does === "turn") await sleep(which)
    else if (does === "end") [...this.#running.keys()][which % this.#running.size]?.()
    else if (child === undefined) return
    else if (does === "give" && child.held > 0) child.held -= writeSync(child.file, "+")
    else if (does === "take") child.held += takenFrom(child.file)
  }

  /** Our own slots and what the children hold; an action that needs more than there is may run alone. */
  check(): void {
    const own = [...this.#running.values()].reduce((sum, slots) => sum + slots, 0)
    const held = this.#children.reduce((sum, child) => sum + child.held, 0)
    if (this.#running.size > 1 || held > 0) expect(own + held).toBeLessThanOrEqual(this.#bound)
  }

  async endAll(): Promise<void> {
    let isDone = false
    const done = Promise.all(this.#done).then(() => {
      isDone = true
    })
    for (; !isDone; await sleep(1)) for (const end of this.#running.keys()) end()
    await done
  }

  async #untilEnded(slots: number): Promise<void> {
    let end = () => {}
    const ended = new Promise<void>((resolve) => {
      end = resolve
    })
    this.#running.set(end, slots)
    this.check()
    await ended
    this.#running.delete(end)
  }
}

function takenFrom(file: number): number {
  try {
    return readSync(file, new Uint8Array(1))
  } catch {
    return 0
  }
}
