// On what terms actions run: slots, memory and named pools in a build, and that none of it is in a key.

import { writeFile } from "node:fs/promises"
import { setTimeout as sleep } from "node:timers/promises"
import { expect, test } from "vitest"
import { graphOf } from "../lib/graph/graph.ts"
import { BuildError, renderDiagnostic, shell, type Target, type Terms, target, write } from "../lib/mod.ts"
import { expectGolden } from "./golden.ts"
import { coreutils, Rig } from "./rig.ts"

/** Targets on these terms that run until `need` of them have run at once; `most` says how many did. */
function works(all: Readonly<Record<string, Terms>>, need: number) {
  let running = 0
  let most = 0
  const order: string[] = []
  const targets = Object.entries(all).map(([name, terms]) =>
    target({
      name,
      outputs: { to: `out/${name}` },
      ...terms,
      module: import.meta.url,
      parameters: name,
      call: async (_, { to }) => {
        order.push(name)
        most = Math.max(most, ++running)
        do await sleep(5)
        while (most < need)
        running--
        await writeFile(to, name)
      },
    }),
  )
  return { targets, most: () => most, order }
}

const five = (terms: Terms) => Object.fromEntries(["a", "b", "c", "d", "e"].map((name) => [name, terms]))

test("an action takes as many slots as it says, and all where it says more than there are", async () => {
  for (const [slots, most] of [
    [1, 4],
    [2, 2],
    [3, 1],
    [9, 1],
  ] as const) {
    const { targets, most: seen } = works(five({ slots }), most)
    await new Rig().build(targets, { slots: 4 })
    expect([slots, seen()]).toEqual([slots, most])
  }
})

test("of a named pool at most so many run at once, whatever else does", async () => {
  const pool = { name: "link", slots: 2 }
  const { targets, most } = works(five({ pool }), 2)
  const others = works({ f: {}, g: {} }, 2)
  await new Rig().build([...targets, ...others.targets], { slots: 8 })
  expect([most(), others.most()]).toEqual([2, 2])
})

test("an action that says how much memory it uses waits until so much is left, or runs alone", async () => {
  const { targets, most } = works(five({ memoryBytes: 40 }), 2)
  await new Rig().build(targets, { slots: 8, memoryBytes: 100 })
  expect(most()).toBe(2)
  const large = works(five({ memoryBytes: 1000 }), 1)
  await new Rig().build(large.targets, { slots: 8, memoryBytes: 100 })
  expect(large.most()).toBe(1)
})

test("`$JOBS` is what an action may start: its slots, or all", async () => {
  const jobs = (name: string, terms: Terms) =>
    target({ name, outputs: { to: `out/${name}` }, run: (_, { to }) => shell(`echo $JOBS >${to}`), ...terms })
  for (const sandbox of ["bwrap", "off"] as const) {
    const rig = new Rig()
    await rig.build([jobs("all", {}), jobs("two", { slots: 2 }), jobs("more", { slots: 9 })], { slots: 3, sandbox })
    expect(["all", "two", "more"].map((name) => rig.read(`out/${name}`))).toEqual(["3\n", "2\n", "3\n"])
  }
})

test("terms are in no key: other terms run nothing", async () => {
  const rig = new Rig()
  const made = (terms: Terms) =>
    target({ outputs: { to: "out/to" }, tools: [coreutils], run: (_, { to }) => shell(`touch ${to}`), ...terms })
  const all: Terms = { slots: 3, memoryBytes: 1, pool: { name: "p", slots: 1 }, jobserver: "pipe" }
  expect((await rig.build([made({})])).ran).toHaveLength(1)
  expect((await rig.build([made(all)], { slots: 7 })).counts).toMatchObject({ "up-to-date": 1 })
})

test("terms that no action can run on, and a pool of two sizes, are errors", () => {
  const said = (...wanted: readonly Target[]) => {
    try {
      graphOf(wanted)
    } catch (thrown) {
      if (thrown instanceof BuildError) return renderDiagnostic(thrown.diagnostic)
    }
    throw new Error("it is no BuildError")
  }
  const on = (terms: Terms, name = "app") =>
    target({ name, where: "Buildfile.ts:7", outputs: { to: name }, run: (_, { to }) => write(to, ""), ...terms })
  const pool = (slots: number) => ({ name: "link", slots })
  const wrong: readonly Terms[] = [
    { slots: 0 },
    { slots: 1.5 },
    { memoryBytes: -1 },
    { memoryBytes: Number.NaN },
    { pool: pool(0) },
    { jobserver: "named" as never },
    { retries: -1 },
    { timeoutMs: 0 },
    { timeoutMs: 1e12 },
  ]
  expectGolden("terms", wrong.map((terms) => said(on(terms))).join("\n\n"))
  expectGolden("pool-twice", said(on({ pool: pool(2) }, "first"), on({ pool: pool(3) }, "second")))
})
