import { writeFileSync } from "node:fs"
import { expect, test } from "vitest"
import { type BuildEvent, file, group, shell, type Target, type Terms, target } from "../lib/mod.ts"
import { coreutils, Rig } from "./rig.ts"

const lasts = (name: string, expectedMs: number, after: readonly Target[] = []) =>
  target({
    name,
    expectedMs,
    after,
    outputs: { to: `out/${name}` },
    tools: [coreutils],
    run: (_, { to }) => shell(`touch ${to}`),
  })

test("what begins the longest chain is started first", async () => {
  const rig = new Rig()
  const short = lasts("short", 10)
  const long = lasts("long", 10_000)
  const start = lasts("start", 1)
  const chained = lasts("chained", 60_000, [start])
  const { ran } = await rig.build([group("all", [short, long, chained])], { slots: 1 })
  expect(ran).toEqual(["start", "chained", "long", "short"])
})

test("durations that were seen count more than those that were expected", async () => {
  const rig = new Rig()
  const made = (script: string) => (name: string, expectedMs: number) =>
    target({
      name,
      expectedMs,
      outputs: { to: `out/${name}` },
      tools: [coreutils],
      run: (_, { to }) => shell(`${script}; ${name === "slow" ? "sleep 0.6" : ":"}; touch ${to}`),
    })
  const first = made("true")
  await rig.build([first("slow", 1), first("quick", 10_000)], { slots: 1 })
  const second = made(": changed")
  const { ran } = await rig.build([second("quick", 10_000), second("slow", 1)], { slots: 1 })
  expect(ran).toEqual(["slow", "quick"])
})

test("no more actions run at once than there are slots", async () => {
  const rig = new Rig()
  const all = Array.from({ length: 6 }, (_, i) =>
    target({
      name: `t${i}`,
      outputs: { to: `out/t${i}` },
      tools: [coreutils],
      run: (_, { to }) => shell(`sleep 0.1; touch ${to}`),
    }),
  )
  const { events } = await rig.build(all, { slots: 2 })
  const running = new Set<Target>()
  let most = 0
  for (const event of events) {
    if (event.type === "released" || (event.type === "state" && event.state === "built")) running.delete(event.target)
    if (event.type !== "state" || event.state !== "running") continue
    running.add(event.target)
    most = Math.max(most, running.size)
  }
  expect([most, running.size]).toEqual([2, 0])
})

test("states only move forward, each target's last is its outcome", async () => {
  const rig = new Rig()
  const order = ["wanted", "ready", "running", "built"]
  const { events } = await rig.build([lasts("b", 1, [lasts("a", 1)])])
  for (const name of ["a", "b"]) {
    const states = events.flatMap((event) =>
      event.type === "state" && event.target.name === name ? [event.state] : [],
    )
    expect(states).toEqual(order)
  }
})

const calls = (name: string, expectedMs: number, first?: Promise<void>, terms: Terms = {}) =>
  target({
    ...terms,
    name,
    expectedMs,
    outputs: { to: file() },
    module: import.meta.url,
    parameters: name,
    call: async (_, { to }) => {
      await first
      writeFileSync(to, "")
    },
  })

test("of more than are looked at at once, the most urgent still goes first", async () => {
  const rig = new Rig()
  const many = Array.from({ length: 1100 }, (_, i) => calls(`t${i}`, 1000 + i))
  const { ran } = await rig.build(many, { slots: 1 })
  // The first thousand were looked at as they came; what is more urgent comes in all the same.
  expect(ran).toEqual(many.map(({ name }) => name).toReversed())
})

test("many that wait for a pool keep nothing else from its slot", async () => {
  const rig = new Rig()
  const { promise: others, resolve } = Promise.withResolvers<void>()
  const waiting = Array.from({ length: 1050 }, (_, i) =>
    calls(`w${i}`, 10_000, others, { pool: { name: "one", slots: 1 } }),
  )
  const emit = (event: BuildEvent) => {
    if (event.type === "state" && event.target.name === "other" && event.state === "built") resolve()
  }
  const { outcome } = await rig.build([...waiting, calls("other", 1)], { slots: 2, emit })
  expect(outcome).toBe("done")
})

test("a chain may be as long as it likes", async () => {
  const rig = new Rig()
  let chain = group("g0", [calls("first", 1)])
  for (let i = 1; i < 100_000; i++) chain = group(`g${i}`, [chain])
  expect((await rig.build([chain])).ran).toEqual(["first"])
})
