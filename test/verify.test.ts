// Everything in the store, and what was built here, read against its digest: what no stat tells of is found, and made anew.

import {
  copyFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import { renderDiagnostic } from "../lib/base/diagnostic.ts"
import { walk } from "../lib/base/files.ts"
import { withMachinery } from "../lib/exec/open.ts"
import { verifyOutputs } from "../lib/exec/verify.ts"
import type { UpkeepEvent } from "../lib/graph/upkeep.ts"
import { layer, source, target, tree } from "../lib/mod.ts"
import { fileStat } from "../lib/store/stat.ts"
import { Store } from "../lib/store/store.ts"
import { verifyStore } from "../lib/store/verify.ts"
import { expectGolden } from "./golden.ts"
import { Rig } from "./rig.ts"

function targets() {
  const made = target({
    name: "made",
    inputs: { from: source("in") },
    outputs: { tree: tree() },
    module: import.meta.url,
    call: async ({ from }, { tree }) => {
      mkdirSync(join(tree, "d"))
      writeFileSync(join(tree, "d/file"), `made of ${readFileSync(from, "utf8")}`)
    },
  })
  const used = target({
    name: "used",
    inputs: { from: made.outputs.tree, again: source("again") },
    outputs: { file: "out/file", tree: tree("out/tree"), layer: layer("out/root") },
    module: import.meta.url,
    call: async ({ from, again }, { file, tree, layer }) => {
      const text = readFileSync(join(from, "d/file"), "utf8") + readFileSync(again, "utf8")
      writeFileSync(file, text)
      writeFileSync(join(tree, "file"), `${text} in a tree`)
      writeFileSync(join(layer, "file"), `${text} in a layer`)
    },
  })
  return [used]
}

async function built(): Promise<Rig> {
  const rig = new Rig()
  rig.write("in", "1")
  rig.write("again", "1")
  await rig.build(targets())
  return rig
}

/** What is found wrong, as a person sees it, with the names of this run scrubbed; and how much was read. */
async function verified(
  rig: Rig,
  isRepair = false,
): Promise<{ said: readonly string[]; blobs: number; files: number }> {
  const said: string[] = []
  const emit = (event: UpkeepEvent) => {
    if (event.type === "wrong") said.push(renderDiagnostic(event.diagnostic))
  }
  const { blobs, wrong } = await verifyStore(new Store(rig.store), { isRepair, emit })
  const engine = { root: rig.root, store: rig.store, slots: 1 }
  const here = await withMachinery(engine, (machinery) => verifyOutputs(machinery, { isRepair, emit }))
  expect(wrong + here.wrong).toBe(said.length)
  return { said, blobs: blobs.things, files: here.outputs.things }
}

/** Writes other bytes into a file, as many, and gives it its time back. */
function forge(path: string, change = (bytes: Buffer) => bytes.fill("!", 0, 1)): void {
  const { atime, mtime } = statSync(path)
  writeFileSync(path, change(readFileSync(path)))
  utimesSync(path, atime, mtime)
}

function fileIn(rig: Rig, room: string, isSought: (text: string) => boolean = () => true): string {
  for (const { path, stat } of walk(join(rig.store, room))) {
    const full = join(rig.store, room, path)
    if (stat.isFile() && isSought(readFileSync(full, "utf8"))) return full
  }
  throw new Error(`no such file in ${room}`)
}

const isMade = (text: string) => text === "made of 1"
const scrub = (rig: Rig) =>
  [
    [rig.store, "STORE"],
    [/\/[0-9a-f]{2}\/[0-9a-f]{62}/g, "/DIGEST"],
    [/\b[0-9a-f]{64}\b/g, "DIGEST"],
  ] as const

test("where nothing is wrong, everything was read and nothing is said", async () => {
  const rig = await built()
  expect(await verified(rig)).toEqual({ said: [], blobs: 4, files: 3 })
})

test("a blob that was forged, its size and time as they were, is found, and never used from then on", async () => {
  const rig = await built()
  forge(fileIn(rig, "blob", isMade))
  const { said } = await verified(rig)
  expectGolden("verify-blob", said.join("\n\n"), scrub(rig))
  rig.write("again", "2")
  const { ran, said: noticed } = await rig.build(targets())
  expect(ran).toEqual(["made", "used"])
  expect(noticed.join()).toContain("a blob in the store was damaged")
  expect(rig.read("out/file")).toBe("made of 12")
  expect((await verified(rig)).said).toEqual([])
})

test("what is repaired is made anew by the next build that needs it", async () => {
  const rig = await built()
  forge(fileIn(rig, "blob", isMade))
  const { said } = await verified(rig, true)
  expectGolden("verify-repair", said.join("\n\n"), scrub(rig))
  expect((await verified(rig)).said).toEqual([])
  rig.write("again", "2")
  expect((await rig.build(targets())).ran).toEqual(["made", "used"])
  expect(rig.read("out/file")).toBe("made of 12")
})

test("a listing, a result or a note that was changed is found, and dropped", async () => {
  const rig = await built()
  forge(fileIn(rig, "tree"), (bytes) => Buffer.from(bytes.toString().replace("d/file", "d/fool")))
  truncateSync(
    fileIn(rig, "result", (text) => text.includes("out/root")),
    80,
  )
  forge(fileIn(rig, "discovered"), (bytes) => Buffer.concat([bytes, bytes]))
  const { said } = await verified(rig, true)
  expectGolden("verify-records", said.toSorted().join("\n\n"), scrub(rig))
  rmSync(rig.path(".hashmake"), { recursive: true })
  expect((await rig.build(targets())).outcome).toBe("done")
  expect(rig.read("out/file")).toBe("made of 11")
  expect((await verified(rig)).said).toEqual([])
})

test("a file of a checkout that is a copy of the blob, where there may be no more links to that, is sound", async () => {
  const rig = await built()
  const path = fileIn(rig, "checkout", isMade)
  copyFileSync(path, join(rig.directory, "copy"))
  renameSync(join(rig.directory, "copy"), path)
  expect((await verified(rig)).said).toEqual([])
})

test("a file of a checkout that is not the blob is found", async () => {
  const rig = await built()
  const path = fileIn(rig, "checkout", isMade)
  const { atime, mtime } = statSync(path)
  writeFileSync(rig.path("other"), "made of 2")
  renameSync(rig.path("other"), path)
  utimesSync(path, atime, mtime)
  const { said } = await verified(rig, true)
  expectGolden("verify-checkout", said.join("\n\n"), scrub(rig))
  expect((await verified(rig)).said).toEqual([])
})

test("an output that changed behind its stat is found, whatever its form; one that was edited is the next build's business", async () => {
  const rig = await built()
  rig.write("out/tree/file", "edited")
  expect((await verified(rig)).said).toEqual([])
  await rig.build(targets())
  for (const path of ["out/file", "out/tree/file", "out/root/file"]) {
    const whole = rig.read(path)
    forge(rig.path(path))
    await rot(rig, path)
    const { said } = await verified(rig)
    if (path === "out/file") expectGolden("verify-output", said.join("\n\n"), scrub(rig))
    expect(said).toHaveLength(1)
    expect((await rig.build(targets())).restored).toEqual([])
    await verified(rig, true)
    expect((await rig.build(targets())).restored).toEqual(["used"])
    expect(rig.read(path)).toBe(whole)
  }
})

/** As if a disk had changed the bytes: the journal knows the stat that the file has now. */
const rot = (rig: Rig, path: string): Promise<void> =>
  withMachinery({ root: rig.root, store: rig.store }, async ({ workspace: { journal } }) => {
    for (const [name, built] of [...journal.targets()]) {
      const now = (stat: ReturnType<typeof fileStat>) =>
        stat[0] === path ? fileStat(path, statSync(rig.path(path))) : stat
      const placed = Object.entries(built.placed).map(([output, stats]) => [output, stats.map(now)])
      journal.recordBuilt(name, { ...built, placed: Object.fromEntries(placed) })
    }
  })
