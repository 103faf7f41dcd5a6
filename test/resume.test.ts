// An action that may be gone on with: what an interrupted run has done is not done again.

import { spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync, readdirSync, truncateSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { expect, test } from "vitest"
import { bareTarget, plainTarget, wholeTarget } from "../lib/graph/plain.ts"
import { source, target } from "../lib/mod.ts"
import { expectGolden } from "./golden.ts"
import { made, makefile } from "./resumable.ts"
import { Rig } from "./rig.ts"

function rigWithSources(text = "text\n"): Rig {
  const rig = new Rig()
  rig.write("src/Makefile", makefile)
  rig.write("src/text", text)
  return rig
}

const log = (rig: Rig) => (existsSync(rig.path("log/made.txt")) ? rig.read("log/made.txt") : "")
const makes = (rig: Rig) => [...log(rig).matchAll(/^makes (\S+)$/gm)].map(([, name]) => name)
const goesOn = "goes on where an earlier run ended"

/** The directories of resumable actions. */
const kept = (rig: Rig) =>
  readdirSync(join(rig.store, "work"))
    .filter((name) => /^resume\.[0-9a-f]+$/.test(name))
    .map((name) => join(rig.store, "work", name))

const inScratch = (rig: Rig, name: string) => join(kept(rig)[0] ?? "none", "build", name)

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await sleep(20)
}

/** Builds; the third object can be made as soon as it is waited for. */
async function buildWhole(rig: Rig) {
  rig.write("log/made.txt", "")
  let isDone = false
  const building = rig.build([made]).finally(() => {
    isDone = true
  })
  await until(() => isDone || makes(rig).includes("c.o"))
  if (!isDone) writeFileSync(inScratch(rig, "go"), "")
  return building
}

const engineText = (rig: Rig) => `
import { build } from ${JSON.stringify(join(import.meta.dirname, "../lib/exec/engine.ts"))}
import { made } from ${JSON.stringify(join(import.meta.dirname, "resumable.ts"))}
await build([made], { root: ${JSON.stringify(rig.root)}, store: ${JSON.stringify(rig.store)}, slots: 1 })
`

/** Builds in an engine of its own, which is killed while the third object is made. */
async function buildUntilKilled(rig: Rig): Promise<void> {
  writeFileSync(join(rig.directory, "engine.ts"), engineText(rig))
  const child = spawn(process.execPath, [join(rig.directory, "engine.ts")], { stdio: "inherit" })
  await until(() => makes(rig).includes("c.o"))
  const ended = once(child, "exit")
  child.kill("SIGKILL")
  await ended
}

test("what a killed run has made is not made again, and the bits are those of one whole run", async () => {
  const rig = rigWithSources()
  await buildUntilKilled(rig)
  expect(makes(rig)).toEqual(["a.o", "b.o", "c.o"])
  const { ran, said } = await buildWhole(rig)
  expect(ran).toEqual(["made"])
  expect(makes(rig)).toEqual(["c.o", "d.o"])
  expectGolden("goes-on", said.join("\n"))
  expect(log(rig)).toContain(goesOn)
  const other = rigWithSources()
  await buildWhole(other)
  expect(makes(other)).toEqual(["a.o", "b.o", "c.o", "d.o"])
  expect(log(other)).not.toContain(goesOn)
  expect(rig.read("out/all")).toBe(other.read("out/all"))
  expect(readdirSync(rig.path("out"))).toEqual(readdirSync(other.path("out")))
  expect(kept(rig)).toEqual([])
})

test("Ctrl-C keeps what was made, too, and the bits are the same", async () => {
  const rig = rigWithSources()
  const interrupt = new AbortController()
  const interrupted = rig.build([made], { signal: interrupt.signal })
  await until(() => makes(rig).includes("c.o"))
  interrupt.abort()
  expect((await interrupted).outcome).toBe("cancelled")
  await buildWhole(rig)
  expect(makes(rig)).toEqual(["c.o", "d.o"])
  const other = rigWithSources()
  await buildWhole(other)
  expect(rig.read("out/all")).toBe(other.read("out/all"))
})

test("a run that failed is gone on with, and is what a shell shows until then", async () => {
  const rig = rigWithSources()
  const failing = rig.build([made])
  await until(() => makes(rig).includes("c.o"))
  for (const name of ["fails", "go"]) writeFileSync(inScratch(rig, name), "")
  expect((await failing).outcome).toBe("failed")
  const [note = ""] = readdirSync(rig.path(".hashmake/failed"))
  expect(rig.read(`.hashmake/failed/${note}`)).toBe(kept(rig)[0])
  expect((await rig.build([made])).outcome).toBe("done")
  expect(log(rig)).toContain(goesOn)
  expect(makes(rig)).toEqual(["c.o", "d.o"])
})

test("an action of another key starts from nothing", async () => {
  const rig = rigWithSources()
  await buildUntilKilled(rig)
  rig.write("src/text", "another\n")
  rig.write("log/made.txt", "")
  const building = rig.build([made])
  await until(() => makes(rig).includes("c.o"))
  for (const directory of kept(rig)) writeFileSync(join(directory, "build", "go"), "")
  await building
  expect(makes(rig)).toEqual(["a.o", "b.o", "c.o", "d.o"])
  expect(rig.read("out/all")).toContain("another")
})

test("after a power cut the latest files are made again", async () => {
  const rig = rigWithSources()
  await buildUntilKilled(rig)
  truncateSync(inScratch(rig, "b.o"))
  writeFileSync(join(kept(rig)[0] ?? "none", "boot"), "another start of this machine\n")
  await buildWhole(rig)
  expect(makes(rig)).toEqual(["a.o", "b.o", "c.o", "d.o"])
  expect(rig.read("out/all")).toContain("object b.o")
})

test("of two engines with one store the second waits for the first, and takes over what that made", async () => {
  const rig = rigWithSources()
  const other = rigWithSources()
  const first = rig.build([made])
  await until(() => makes(rig).includes("c.o"))
  const second = other.build([made], {
    store: rig.store,
    emit: (event) => {
      const waits = event.type === "progress" && event.words.startsWith("waiting for process")
      if (waits) writeFileSync(inScratch(rig, "go"), "")
    },
  })
  expect((await first).ran).toEqual(["made"])
  expect((await second).restored).toEqual(["made"])
  expect(makes(other)).toEqual([])
})

test("what another engine has made while an action waited for its turn is taken over, too", async () => {
  const rig = rigWithSources()
  const other = rigWithSources()
  const first = buildWhole(rig)
  await until(() => makes(rig).includes("a.o"))
  const isFree = Promise.withResolvers<void>()
  const waits = target({
    name: "waits",
    outputs: { file: "waited" },
    module: import.meta.url,
    call: async (_, { file }) => {
      await isFree.promise
      writeFileSync(file, "")
    },
  })
  const second = other.build([waits, made], { store: rig.store, slots: 1 })
  expect((await first).ran).toEqual(["made"])
  isFree.resolve()
  expect((await second).restored).toEqual(["made"])
})

test("without a sandbox nothing is gone on with: what a killed engine started may still run", async () => {
  const rig = rigWithSources()
  rig.write("src/Makefile", makefile.replaceAll("c.o ]", "none ]"))
  await rig.build([made], { sandbox: "off" })
  expect(makes(rig)).toEqual(["a.o", "b.o", "c.o", "d.o"])
  expect(kept(rig)).toEqual([])
})

test("a graph that is remembered still knows what may be gone on with", () => {
  const plain = plainTarget(made, { target: () => 0, tool: () => 0 }, { steps: [] })
  const kept = JSON.parse(JSON.stringify(plain))
  const [tool] = made.action?.tools ?? []
  if (tool === undefined) throw new Error("it has tools")
  const referred = { target: () => made, tool: () => tool, source: () => source("src/text") }
  expect(wholeTarget(kept, bareTarget(kept), referred)?.action?.isResumable).toBe(true)
})
