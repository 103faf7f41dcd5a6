// Making room in the store: what stays, what goes, and that builds beside it, and kills, lose nothing.

import { spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import fc from "fast-check"
import { expect, onTestFinished, test } from "vitest"
import { walk } from "../lib/base/files.ts"
import { withMachinery } from "../lib/exec/open.ts"
import { sessionFor } from "../lib/exec/session.ts"
import type { Collected } from "../lib/graph/upkeep.ts"
import { command, copy, file, shell, source, target, tree } from "../lib/mod.ts"
import { collect } from "../lib/store/gc.ts"
import { enter } from "../lib/store/inuse.ts"
import { Store } from "../lib/store/store.ts"
import { sweep } from "../lib/store/sweep.ts"
import { verifyStore } from "../lib/store/verify.ts"
import { coreutils, Rig } from "./rig.ts"

const collector = join(import.meta.dirname, "collector.ts")
const fillerBytes = 50_000
const dayMs = 86_400_000

/** A tree that is made of `in`, and what is made of that tree: neither starts a process. */
function targets() {
  const made = target({
    name: "made",
    inputs: { from: source("in") },
    outputs: { tree: tree() },
    module: import.meta.url,
    call: async ({ from }, { tree }) => {
      const text = readFileSync(from, "utf8")
      mkdirSync(join(tree, "d"))
      writeFileSync(join(tree, "same"), "the same in all")
      writeFileSync(join(tree, "d/file"), text.repeat(Math.ceil(fillerBytes / text.length)))
    },
  })
  const used = target({
    name: "used",
    inputs: { from: made.outputs.tree },
    outputs: { all: tree("out/all"), file: "out/file" },
    module: import.meta.url,
    call: async ({ from }, { all, file }) => {
      cpSync(from, all, { recursive: true })
      writeFileSync(file, readFileSync(join(from, "d/file"), "utf8").slice(0, 10))
    },
  })
  return [used] as const
}

/** Builds a version, and gives what ran for it. */
async function builds(rig: Rig, version: number | string): Promise<readonly string[]> {
  rig.write("in", `version ${version}\n`)
  const { outcome, ran } = await rig.build(targets())
  expect(outcome).toBe("done")
  expect(rig.read("out/file")).toBe(`version ${version}\n`.repeat(10).slice(0, 10))
  expect(rig.read("out/all/d/file").startsWith(`version ${version}\n`)).toBe(true)
  return ran
}

async function collected(rig: Rig, limitBytes: number, olderThanMs?: number, isDryRun = false): Promise<Collected> {
  return collect(new Store(rig.store), { limitBytes, olderThanMs, isDryRun, emit: () => {} })
}

/** Results that were written by now, and have no other date yet, get one of so many days ago. */
function age(rig: Rig, days: number): void {
  const then = (Date.now() - days * dayMs) / 1000
  for (const { path, stat } of walk(join(rig.store, "result")))
    if (stat.isFile() && stat.mtimeMs > Date.now() - dayMs / 2) utimesSync(join(rig.store, "result", path), then, then)
}

async function wrongIn(rig: Rig): Promise<readonly string[]> {
  const wrong: string[] = []
  const emit = (event: { type: string }) => {
    if (event.type === "wrong") wrong.push(JSON.stringify(event))
  }
  await verifyStore(new Store(rig.store), { isRepair: false, emit })
  return wrong
}

test("what a checkout has built stays; of the rest the newest stay, up to the limit", async () => {
  const rig = new Rig()
  for (const [version, days] of [
    ["a", 4],
    ["b", 3],
    ["c", 2],
    ["d", 1],
  ] as const) {
    await builds(rig, version)
    age(rig, days)
  }
  const all = await collected(rig, Number.POSITIVE_INFINITY, undefined, true)
  expect(all.kept.built.sizeBytes).toBeGreaterThan(fillerBytes)
  expect(all.freed.unnamed.things).toBe(0)
  // The last is what is built here, the oldest was never of use again.
  await collected(rig, sizeOf(rig) - fillerBytes)
  expect(await builds(rig, "b")).toEqual([])
  expect(await builds(rig, "c")).toEqual([])
  expect(await builds(rig, "a")).toEqual(["made", "used"])
  expect(await wrongIn(rig)).toEqual([])
})

test("a result that was of use lately is not the oldest", async () => {
  const rig = new Rig()
  for (const version of ["a", "b", "c"]) await builds(rig, version)
  age(rig, 5)
  expect(await builds(rig, "a")).toEqual([])
  await builds(rig, "d")
  await collected(rig, Number.POSITIVE_INFINITY, 3 * dayMs)
  expect(await builds(rig, "a")).toEqual([])
  expect(await builds(rig, "b")).toEqual(["made", "used"])
})

test("what no result names goes in any case; a dry run removes nothing", async () => {
  const rig = new Rig()
  await builds(rig, 1)
  const store = new Store(rig.store)
  const stray = store.blobPath(store.takeText("stray"))
  const dry = await collected(rig, 1e12, undefined, true)
  expect([dry.freed.unnamed.things, existsSync(stray)]).toEqual([1, true])
  await collected(rig, 1e12)
  expect(existsSync(stray)).toBe(false)
  expect(await builds(rig, 1)).toEqual([])
})

test("what a checkout that is gone had built is like any other", async () => {
  const rig = new Rig()
  const other = new Rig()
  await builds(rig, 1)
  other.write("in", "version 2\n")
  await other.build(targets(), { store: rig.store })
  expect((await collected(rig, 0)).checkouts).toBe(2)
  rmSync(other.root, { recursive: true })
  const { checkouts, freed } = await collected(rig, 0)
  expect([checkouts, freed.oldest.things > 0]).toEqual([1, true])
  expect(await builds(rig, 2)).toEqual(["made", "used"])
})

test("interrupted work and downloads go when they are the oldest", async () => {
  const rig = new Rig()
  await builds(rig, 1)
  const old = (Date.now() - 100 * dayMs) / 1000
  const things = ["keep/a.part", `work/resume.${"a".repeat(64)}/build/file`, "work/action.4194304.1/kept"]
  for (const thing of things) {
    mkdirSync(join(rig.store, thing, ".."), { recursive: true })
    writeFileSync(join(rig.store, thing), "x".repeat(9000))
  }
  for (const { path } of [...walk(rig.store)].reverse())
    if (/^(keep|work)\//.test(path)) utimesSync(join(rig.store, path), old, old)
  await collected(rig, 1e12)
  expect(things.filter((thing) => existsSync(join(rig.store, thing)))).toEqual(things)
  await collected(rig, 1e12, 30 * dayMs)
  expect(things.filter((thing) => existsSync(join(rig.store, thing)))).toEqual([])
})

test("a build that runs meanwhile loses nothing that it has looked for or made, and makes nothing twice", async () => {
  const rig = new Rig()
  const go = rig.path("go")
  await builds(rig, 1)
  await builds(rig, 2)
  age(rig, 50)
  rig.write("in", "version 1\n")
  const [result] = targets()
  const wait = target({
    name: "wait",
    inputs: { from: result.outputs.all },
    outputs: { to: tree() },
    tools: [coreutils],
    module: import.meta.url,
    call: async ({ from }, { to }) => {
      writeFileSync(join(to, "early"), "early")
      rig.write("waits", "")
      while (!existsSync(go)) await sleep(5)
      cpSync(from, join(to, "copy"), { recursive: true })
    },
  })
  const last = target({
    name: "last",
    inputs: { from: wait.outputs.to },
    outputs: { to: "out/last" },
    module: import.meta.url,
    call: async ({ from }, { to }) => writeFileSync(to, readFileSync(join(from, "copy/same"))),
  })
  const building = rig.build([last])
  while (!existsSync(rig.path("waits"))) await sleep(5)
  const { kept } = await collection(rig, 0)
  expect(kept.running.things).toBeGreaterThan(0)
  writeFileSync(go, "")
  const { outcome, ran } = await building
  expect([outcome, ran]).toEqual(["done", ["wait", "last"]])
  expect(await wrongIn(rig)).toEqual([])
  for (const lost of ["out", ".hashmake"]) rmSync(rig.path(lost), { recursive: true })
  expect((await rig.build([last])).ran).toEqual([])
})

test("on a disk that is full there is space enough to make room", () => {
  const { directory: AT } = new Rig()
  const [NODE, BUILD, COLLECT] = [process.execPath, join(import.meta.dirname, "full.ts"), collector]
  const script = `mkdir $AT/disk; mount -t tmpfs -o size=8m none $AT/disk; cd $AT/disk; mkdir workspace
    $NODE $BUILD $AT/disk/workspace $AT/disk/store; rm -r workspace
    cat /dev/zero >fill 2>&-; $NODE $COLLECT $AT/disk/store 0; find store/blob -type f`
  const env = { ...process.env, AT, NODE, BUILD, COLLECT }
  const { stdout, stderr } = spawnSync("unshare", ["-Urm", "sh", "-c", script], { encoding: "utf8", env })
  expect([stdout.trim().split("\n").at(-1), stderr]).toEqual([expect.stringContaining('"type":"collected"'), ""])
})

test("what an action sees stays, though another engine finds a blob damaged, puts all checkouts aside, and ends", async () => {
  const rig = new Rig()
  const from = target({
    outputs: { to: tree() },
    tools: [coreutils],
    run: (_, { to }) => shell(`echo here >${to}/file`),
  })
  const waits = target({
    inputs: { from: from.outputs.to },
    outputs: { to: "out/to" },
    tools: [coreutils],
    run: ({ from }, { to }) =>
      shell(`echo it runs; until [ -e "$SCRATCH/go" ]; do sleep 0.01; done; cp ${from}/file ${to}`),
  })
  const runs = Promise.withResolvers<void>()
  const building = rig.build([waits], { verbose: true, emit: (event) => event.type === "output" && runs.resolve() })
  await Promise.race([runs.promise, building])
  const store = JSON.stringify(join(import.meta.dirname, "../lib/store/store.ts"))
  const finds = `
import { writeFileSync } from "node:fs"
import { Store } from ${store}
const store = new Store(${JSON.stringify(rig.store)})
const blob = store.takeText("other")
writeFileSync(store.blobPath(blob), "OTHER")
store.has(blob)`
  const { stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", finds], { encoding: "utf8" })
  expect([stderr, existsSync(join(rig.store, "checkout"))]).toEqual(["", false])
  const work = join(rig.store, "work")
  const aside = () => readdirSync(work).filter((name) => name.startsWith("checkouts"))
  await sweep(rig.store)
  for (const name of readdirSync(work)) if (name.startsWith("action")) writeFileSync(join(work, name, "build/go"), "")
  expect([(await building).outcome, rig.read("out/to")]).toEqual(["done", "here\n"])
  await sweep(rig.store)
  expect(aside()).toEqual([])
})

test("an engine that starts while things are removed waits for that", async () => {
  const rig = new Rig()
  await builds(rig, 1)
  const hold = join(rig.store, "work/hold")
  const holder = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" })
  onTestFinished(() => void holder.kill("SIGKILL"))
  const startedAt = readFileSync(`/proc/${holder.pid}/stat`, "utf8")
    .replace(/^.*\) /s, "")
    .split(" ")[19]
  writeFileSync(hold, JSON.stringify({ pid: holder.pid, startedAt, command: "" }))
  let entered = false
  const entering = enter(new Store(rig.store)).then((leave) => {
    entered = true
    leave()
  })
  await sleep(50)
  expect(entered).toBe(false)
  holder.kill("SIGKILL")
  await entering
})

test("what a session was started with stays as long as it runs, whatever is built beside it", async () => {
  const rig = new Rig()
  rig.write("in", "one")
  const text = target({
    inputs: { from: source("in") },
    outputs: { to: file() },
    name: "text",
    run: ({ from }, { to }) => copy(from, to),
  })
  const shows = target({
    name: "shows",
    inputs: { text: text.outputs.to },
    session: ({ text }) => command("/bin/sh", "-c", `until [ -e go ]; do sleep 0.02; done; cat ${text} >seen`),
  })
  await rig.build([shows])
  const run = await withMachinery({ root: rig.root, store: rig.store }, (machinery) => sessionFor(shows, machinery))
  const running = run()
  rig.write("in", "two")
  await rig.build([shows])
  age(rig, 1)
  await collection(rig, 0)
  rig.write("go", "")
  expect([await running, rig.read("seen")]).toEqual([0, "one"])
})

/** What the things in the store take on the disk, each file once. */
function sizeOf(rig: Rig): number {
  const seen = new Set<number>()
  let bytes = 0
  for (const room of ["blob", "tree", "result", "discovered", "checkout", "keep", "work"]) {
    if (!existsSync(join(rig.store, room))) continue
    for (const { stat } of walk(join(rig.store, room))) if (!seen.has(stat.ino)) bytes += stat.blocks * 512
    for (const { stat } of walk(join(rig.store, room))) seen.add(stat.ino)
  }
  return bytes
}

/** A collection by another process; killed so many ms after it began, if a number is given: then undefined. */
function collection(rig: Rig, limitBytes: number): Promise<Collected>
function collection(rig: Rig, limitBytes: number, killAfterMs: number | undefined): Promise<Collected | undefined>
async function collection(rig: Rig, limitBytes: number, killAfterMs?: number): Promise<Collected | undefined> {
  const argv = [collector, rig.store, String(limitBytes)]
  const child = spawn(process.execPath, argv, { stdio: ["ignore", "pipe", "inherit"] })
  const ended = once(child, "close")
  let said = ""
  child.stdout.setEncoding("utf8").on("data", (text: string) => (said += text))
  if (killAfterMs !== undefined) {
    await once(child.stdout, "data")
    await sleep(killAfterMs)
    child.kill("SIGKILL")
  }
  await ended
  const last = said.trim().split("\n").at(-1) ?? ""
  return last.startsWith('{"type":"collected"') ? (JSON.parse(last) as Collected) : undefined
}

const step = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      does: fc.constant("build" as const),
      checkout: fc.nat({ max: 2 }),
      version: fc.nat({ max: 5 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      does: fc.constant("collect" as const),
      limitBytes: fc.constantFrom(0, 150_000, 300_000, 1e9),
      killAfterMs: fc.option(fc.nat({ max: 25 }), { nil: undefined }),
      beside: fc.boolean(),
    }),
  },
)

test("whatever is built and collected, and whenever a collection is killed: every build is right, and what was built here stays", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 10 }), async (steps) => {
      const rigs = [new Rig()] as [Rig, ...Rig[]]
      for (let i = 0; i < 2; i++) rigs.push(Object.assign(new Rig(), { store: rigs[0].store }))
      const here = new Map<Rig, number>()
      for (const one of steps) {
        if (one.does === "build") {
          const rig = rigs[one.checkout] as Rig
          const ran = await builds(rig, one.version)
          if (here.get(rig) === one.version) expect(ran).toEqual([])
          here.set(rig, one.version)
        } else {
          const collecting = collection(rigs[0], one.limitBytes, one.killAfterMs)
          const fresh = one.beside ? [...here.keys()].map((rig, i) => builds(rig, `beside ${i}`)) : []
          await Promise.all(fresh)
          if (one.beside) for (const rig of here.keys()) here.delete(rig)
          const told = await collecting
          if (one.killAfterMs === undefined) expect(told).toBeDefined()
          if (told !== undefined && !one.beside && told.kept.recent.things > 0)
            expect(sizeOf(rigs[0])).toBeLessThanOrEqual(one.limitBytes)
        }
        expect(await wrongIn(rigs[0])).toEqual([])
        for (const [rig, version] of here) {
          rmSync(rig.path("out"), { recursive: true })
          expect(await builds(rig, version)).toEqual([])
        }
      }
    }),
    { numRuns: 4 },
  )
})
