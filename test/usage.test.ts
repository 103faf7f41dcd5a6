// What actions use is seen while they run, kept with their results, and told.

import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { expect, test } from "vitest"
import { Account } from "../lib/exec/meter.ts"
import type { BuildEvent, Usage } from "../lib/mod.ts"
import { shell, target, tool } from "../lib/mod.ts"
import { Rig } from "./rig.ts"

const coreutils = tool({ name: "coreutils", programs: ["timeout", "touch"] })
/** Long enough to be looked at more than once. */
const busy = "timeout 3 sh -c 'while :; do :; done' || true"

const works = (name: string, isResumable = false) =>
  target({
    name,
    outputs: { to: `out/${name}` },
    tools: [coreutils],
    resumable: isResumable,
    run: (_, { to }) => shell(`${busy}; touch ${to}`),
  })

const usageOf = (events: readonly BuildEvent[], name: string): Usage | undefined =>
  events.flatMap((event) => (event.type === "state" && event.target.name === name ? (event.usage ?? []) : [])).at(-1)

test.each(["bwrap", "off"] as const)(
  "what an action used is told, also of one that is restored (%s)",
  async (sandbox) => {
    const rig = new Rig()
    const { events, ran } = await rig.build([works("a")], { sandbox })
    expect(ran).toEqual(["a"])
    const usage = usageOf(events, "a")
    expect(usage?.cpuMs).toBeGreaterThan(0)
    expect(usage?.peakBytes).toBeGreaterThan(100_000)
    const ended = events.at(-1)
    expect(ended).toMatchObject({ type: "build-ended", peaks: { memoryBytes: expect.any(Number) } })
    const second = new Rig()
    const again = await second.build([works("a")], { sandbox, store: rig.store })
    expect(again.restored).toEqual(["a"])
    expect(usageOf(again.events, "a")).toEqual(usage)
  },
)

test("of what runs for a moment nothing is told", async () => {
  const rig = new Rig()
  const quick = target({
    name: "quick",
    outputs: { to: "out/quick" },
    tools: [coreutils],
    run: (_, { to }) => shell(`touch ${to}`),
  })
  const { events } = await rig.build([quick])
  expect(usageOf(events, "quick")).toBeUndefined()
})

test("where what it used cannot be noted, an action goes on", () => {
  const account = new Account()
  account.keepIn(join(new Rig().directory, "gone", "spent"))
  account.begin(process.pid)
  expect(account.look()).toBeGreaterThan(0)
})

test("what an interrupted run used counts", async () => {
  const rig = new Rig()
  const stop = new AbortController()
  const work = join(rig.store, "work")
  const spent = () => {
    const names = existsSync(work) ? readdirSync(work) : []
    const directory = names.find((name) => /^resume\.[0-9a-f]+$/.test(name))
    const file = join(work, directory ?? "none", "spent")
    return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8") || "{}") as { usage?: Usage }).usage : undefined
  }
  const building = rig.build([works("long", true)], { signal: stop.signal })
  while ((spent()?.cpuMs ?? 0) === 0) await sleep(20)
  stop.abort()
  expect((await building).outcome).toBe("cancelled")
  const before = spent() as Usage
  const { events } = await rig.build([works("long", true)])
  expect(usageOf(events, "long")?.cpuMs).toBeGreaterThan(before.cpuMs)
})
