import { expect, test } from "vitest"
import { group, shell, type Target, target } from "../lib/mod.ts"
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
