// Actions that are run again when they fail, and actions that may take only so long.

import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { setTimeout as sleep } from "node:timers/promises"
import { expect, test } from "vitest"
import { type BuildEvent, shell, type Terms, target, tool } from "../lib/mod.ts"
import { expectGolden } from "./golden.ts"
import { Jobs } from "./jobs.ts"
import { coreutils, Rig } from "./rig.ts"

const tools = [coreutils, tool({ name: "mkfifo", debian: ["coreutils"] })]

const does = (script: string, terms: Terms = {}) =>
  target({
    name: "app",
    where: "Buildfile.ts:3",
    outputs: { to: "out/app" },
    tools,
    run: (_, { to }) => shell(script.replaceAll("TO", to), "the script"),
    ...terms,
  })

/** A function that fails until it has run so often. */
const works = (times: number, terms: Terms, how: () => unknown = () => Promise.reject(new Error("not yet"))) => {
  let runs = 0
  const made = target({
    name: "works",
    outputs: { to: "out/works" },
    module: import.meta.url,
    parameters: String(times),
    call: async (_, { to }) => {
      if (++runs < times) await how()
      writeFileSync(to, String(runs))
    },
    ...terms,
  })
  return { made, runs: () => runs }
}

const retriesIn = (events: readonly BuildEvent[]) =>
  events.flatMap((event) => (event.type === "retry" ? [`${event.attempt} of ${event.of}: ${event.how}`] : []))

test("an action that fails is run again as often as it says, each time told; what works then is its result", async () => {
  const rig = new Rig()
  const { made } = works(3, { retries: 2 })
  const { ran, events } = await rig.build([made])
  expect([ran, rig.read("out/works")]).toEqual([["works"], "3"])
  expect(retriesIn(events)).toEqual(["2 of 3: not yet", "3 of 3: not yet"])
  const other = works(4, { retries: 2 })
  const { failures } = await rig.build([other.made])
  expect([failures.length, other.runs()]).toEqual([1, 3])
})

test.for(["bwrap", "off"] as const)("the log holds every attempt, and the error the last (%s)", async (sandbox) => {
  const rig = new Rig()
  const { said, events } = await rig.build([does("echo trying; exit 3", { retries: 1 })], { sandbox })
  expect(retriesIn(events)).toEqual(["2 of 2: the script exited with 3"])
  expect(rig.read("log/app.txt")).toMatch(/^# app\n(# .*\n)?trying\n# attempt 2 of 2\n(# .*\n)?trying\n$/)
  expectGolden("failed-attempts", said.filter((text) => text.startsWith("error")).join("\n\n"))
})

test("what the Buildfile is wrong about is not tried again, nor is anything once another action has failed", async () => {
  const { events } = await new Rig().build([does("true", { retries: 5 })])
  expect(retriesIn(events)).toEqual([])
  const bad = target({ name: "bad", outputs: { to: "out/bad" }, run: () => shell("exit 1") })
  let isOver = () => {}
  const over = new Promise<void>((resolve) => {
    isOver = resolve
  })
  const { made } = works(9, { retries: 5 }, () => over.then(() => Promise.reject(new Error("late"))))
  const emit = (event: BuildEvent) => {
    if (event.type === "failure" && event.target === bad) isOver()
  }
  const second = await new Rig().build([made, bad], { emit, slots: 2 })
  expect([retriesIn(second.events), second.failures.length]).toEqual([[], 2])
})

test.for(["bwrap", "off"] as const)(
  "an action that takes too long is ended with all that it started (%s)",
  async (sandbox) => {
    const [rig, jobs] = [new Rig(), new Jobs()]
    // Nobody ever writes into the pipe; who would survive it says so.
    const waits = `mkfifo "$SCRATCH"/never; (trap '' TERM; cat "$SCRATCH"/never; echo survived >>${jobs.log}) & cat "$SCRATCH"/never`
    const { said, outcome } = await rig.build([does(waits, { timeoutMs: 700 })], { sandbox })
    expect(outcome).toBe("failed")
    expectGolden("too-long", said.filter((text) => text.startsWith("error")).join("\n\n"))
    expect(existsSync(rig.path("out/app"))).toBe(false)
    expect(jobs.lines()).toEqual([])
    expect((await rig.build([does("echo made >TO", { timeoutMs: 60_000 })], { sandbox })).ran).toEqual(["app"])
  },
)

test("what took too long is run again, too, and a function is told by its signal", async () => {
  const rig = new Rig()
  const told: unknown[] = []
  let runs = 0
  const slow = target({
    name: "slow",
    outputs: { to: "out/slow" },
    module: import.meta.url,
    retries: 1,
    timeoutMs: 50,
    call: async (_, { to }, { signal }) => {
      if (++runs === 1) await sleep(1e6, undefined, { signal }).catch((thrown) => told.push(thrown.name))
      signal.throwIfAborted()
      writeFileSync(to, "")
    },
  })
  const { ran, events } = await rig.build([slow])
  expect([ran, told, retriesIn(events)]).toEqual([["slow"], ["AbortError"], ["2 of 2: did not end within 0.05 s"]])
})

test("a function that does not hear is no longer waited for", async () => {
  const never = target({
    name: "never",
    outputs: { to: "out/never" },
    module: import.meta.url,
    timeoutMs: 10,
    call: () => new Promise(() => {}),
  })
  const { outcome, said } = await new Rig().build([never])
  expect([outcome, said.join()]).toEqual([
    "failed",
    expect.stringContaining("`never` failed: did not end within 0.01 s"),
  ])
})

test("of a build that is cancelled, too, a function that does not hear is given up", async () => {
  const stop = new AbortController()
  const never = target({
    name: "never",
    outputs: { to: "out/never" },
    module: import.meta.url,
    call: () => {
      stop.abort()
      return new Promise(() => {})
    },
  })
  expect((await new Rig().build([never], { signal: stop.signal })).outcome).toBe("cancelled")
})

test("retries and time limits are in no key", async () => {
  const rig = new Rig()
  await rig.build([does("touch TO")])
  const { counts } = await rig.build([does("touch TO", { retries: 3, timeoutMs: 1 })])
  expect(counts["up-to-date"]).toBe(1)
  expect(readFileSync(rig.path("out/app"), "utf8")).toBe("")
})
