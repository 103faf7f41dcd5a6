// What runs at once: slots, priority, several slots, memory and named pools, without any jobserver.

import fc from "fast-check"
import { expect, test } from "vitest"
import type { Need } from "../lib/exec/slot.ts"
import { Slots } from "../lib/exec/slots.ts"
import { freeSlots } from "./jobs.ts"

/** Work that runs until it is told to end, and what of it runs. */
class Works {
  readonly running = new Set<string>()
  readonly started: string[] = []
  readonly #slots: Slots
  readonly #ends = new Map<string, () => void>()
  readonly #done: Promise<void>[] = []

  constructor(slots: Slots) {
    this.#slots = slots
  }

  add(name: string, need: Partial<Need> = {}): void {
    const work = async () => {
      this.running.add(name)
      this.started.push(name)
      await new Promise<void>((resolve) => this.#ends.set(name, resolve))
      this.running.delete(name)
    }
    this.#done.push(this.#slots.run({ priority: 0, ...need }, work))
  }

  /** Waits until nothing more starts by itself. */
  async settled(): Promise<readonly string[]> {
    for (let turn = 0; turn < 5; turn++) await new Promise<void>((resolve) => setImmediate(resolve))
    return [...this.running]
  }

  async end(name: string): Promise<readonly string[]> {
    this.#ends.get(name)?.()
    return this.settled()
  }

  async endAll(): Promise<void> {
    for (let running = await this.settled(); running.length > 0; running = await this.settled())
      for (const name of running) this.#ends.get(name)?.()
    await Promise.all(this.#done)
  }
}

test("no more runs at once than there are slots, the most urgent first, and in order among equals", async () => {
  const works = new Works(new Slots({ count: 2 }))
  for (const [name, priority] of Object.entries({ a: 1, b: 3, c: 2, d: 3 })) works.add(name, { priority })
  expect(await works.settled()).toEqual(["b", "d"])
  expect(await works.end("b")).toEqual(["d", "c"])
  await works.endAll()
  expect(works.started).toEqual(["b", "d", "c", "a"])
})

test("what has ended but for a trifle lets others go, unless what comes of it may be more urgent than they", async () => {
  for (const [coming, atOnce] of [
    [1, ["first", "second"]],
    [2, ["first"]],
  ] as const) {
    const slots = new Slots({ count: 1 })
    const running: string[] = []
    const { promise: isOver, resolve: end } = Promise.withResolvers<void>()
    const { promise: isAsked, resolve: asked } = Promise.withResolvers<void>()
    const first = slots.run({ priority: 3 }, async (slot) => {
      running.push("first")
      // The other waits by then.
      await new Promise((resolve) => setImmediate(resolve))
      const told: string[] = []
      expect(slot.release(coming, () => told.push(...running))).toBe(atOnce.length === 2)
      // Nothing was started before it was told; and what is let go is let go once.
      expect(told).toEqual(atOnce.length === 2 ? ["first"] : [])
      expect(slot.release(coming, () => {})).toBe(false)
      asked()
      await isOver
    })
    const second = slots.run({ priority: 1 }, async () => {
      running.push("second")
    })
    await isAsked
    expect(running).toEqual(atOnce)
    end()
    await Promise.all([first, second])
    expect(running).toEqual(["first", "second"])
    expect(await freeSlots(slots)).toBe(1)
  }
})

test("what becomes ready while a slot falls free competes for it", async () => {
  const slots = new Slots({ count: 1 })
  const started: string[] = []
  const run = (name: string, priority: number, then = async () => {}) =>
    slots.run({ priority }, async () => {
      started.push(name)
      await then()
    })
  let urgent = Promise.resolve()
  const first = run("first", 0).then(() => {
    urgent = run("urgent", 9)
  })
  await Promise.all([first, run("patient", 1), run("more patient", 0)])
  await urgent
  // "patient" was waiting with "first" and is more urgent than it.
  expect(started).toEqual(["patient", "first", "urgent", "more patient"])
})

test("a failure is the caller's, and its slot is free again", async () => {
  const slots = new Slots({ count: 1 })
  const failing = slots.run({ priority: 0 }, async () => Promise.reject(new Error("mine")))
  const throwing = slots.run({ priority: 0 }, () => {
    throw new Error("at once")
  })
  await expect(failing).rejects.toThrow("mine")
  await expect(throwing).rejects.toThrow("at once")
  expect(await slots.run({ priority: 0 }, async () => "next")).toBe("next")
})

test("an action of several slots waits until so many are free, and nothing goes past it", async () => {
  const works = new Works(new Slots({ count: 3 }))
  works.add("one")
  works.add("wide", { slots: 3 })
  works.add("small")
  expect(await works.settled()).toEqual(["one"])
  expect(await works.end("one")).toEqual(["wide"])
  expect(await works.end("wide")).toEqual(["small"])
  await works.endAll()
})

test("an action that asks for more slots than there are gets all", async () => {
  const works = new Works(new Slots({ count: 2 }))
  works.add("wide", { slots: 64 })
  works.add("small")
  expect(await works.settled()).toEqual(["wide"])
  expect(await works.end("wide")).toEqual(["small"])
  await works.endAll()
})

test("a full pool holds back its own actions only, and counts no waiting one as running", async () => {
  const works = new Works(new Slots({ count: 4 }))
  const pool = { name: "link", slots: 1 }
  for (const [name, priority] of Object.entries({ link1: 5, link2: 4, link3: 6 })) works.add(name, { priority, pool })
  for (const name of ["a", "b", "c", "d"]) works.add(name)
  expect(await works.settled()).toEqual(["link3", "a", "b", "c"])
  expect(await works.end("link3")).toEqual(["a", "b", "c", "d"])
  expect(await works.end("a")).toEqual(["b", "c", "d", "link1"])
  await works.endAll()
  expect(works.started.at(-1)).toBe("link2")
})

test("what runs at once declares no more memory than there is; what declares none goes past it", async () => {
  const works = new Works(new Slots({ count: 4, memoryBytes: 10 }))
  works.add("six", { memoryBytes: 6, priority: 9 })
  works.add("five", { memoryBytes: 5, priority: 8 })
  works.add("four", { memoryBytes: 4, priority: 7 })
  works.add("none", { priority: 1 })
  expect(await works.settled()).toEqual(["six", "none"])
  expect(await works.end("six")).toEqual(["none", "five", "four"])
  await works.endAll()
})

test("one action that declares more memory than there is runs, alone among those that declare some", async () => {
  const works = new Works(new Slots({ count: 4, memoryBytes: 10 }))
  works.add("huge", { memoryBytes: 11, priority: 9 })
  works.add("small", { memoryBytes: 1 })
  expect(await works.settled()).toEqual(["huge"])
  expect(await works.end("huge")).toEqual(["small"])
  await works.endAll()
})

test("whatever actions need, the bounds hold and every one of them runs", async () => {
  const need = fc.record({
    priority: fc.integer({ min: 0, max: 3 }),
    slots: fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined }),
    memoryBytes: fc.option(fc.integer({ min: 0, max: 12 }), { nil: undefined }),
    pool: fc.option(fc.constantFrom({ name: "link", slots: 1 }, { name: "test", slots: 2 }), { nil: undefined }),
  })
  const scenario = fc.record({ count: fc.integer({ min: 1, max: 4 }), needs: fc.array(need, { maxLength: 30 }) })
  await fc.assert(
    fc.asyncProperty(scenario, async ({ count, needs }) => {
      const slots = new Slots({ count, memoryBytes: 10 })
      const running = new Set<Need>()
      const sum = (of: (need: Need) => number) => [...running].reduce((sum, need) => sum + of(need), 0)
      const work = async (need: Need) => {
        running.add(need)
        expect(sum(({ slots = 1 }) => Math.min(slots, count))).toBeLessThanOrEqual(count)
        const heavy = [...running].filter(({ memoryBytes = 0 }) => memoryBytes > 0)
        if (heavy.length > 1) expect(sum(({ memoryBytes = 0 }) => memoryBytes)).toBeLessThanOrEqual(10)
        if (need.pool !== undefined)
          expect(sum(({ pool }) => Number(pool?.name === need.pool?.name))).toBeLessThanOrEqual(need.pool.slots)
        for (let turn = 0; turn < need.priority; turn++) await new Promise<void>((resolve) => setImmediate(resolve))
        running.delete(need)
      }
      const all = needs.map((need) => slots.run(need, () => work(need)))
      await Promise.all(all)
      expect(running.size).toBe(0)
    }),
  )
})
