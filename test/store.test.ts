import { spawn } from "node:child_process"
import { once } from "node:events"
import {
  appendFileSync,
  chmodSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs"
import { userInfo } from "node:os"
import { join } from "node:path"
import fc from "fast-check"
import { expect, onTestFinished, test } from "vitest"
import { digestOf } from "../lib/base/digest.ts"
import { layer, layers, shell, source, target, tree } from "../lib/mod.ts"
import { listingText, mergeListings, parseListing, sortListing } from "../lib/store/content.ts"
import { storeDirectory } from "../lib/store/directory.ts"
import { Journal } from "../lib/store/journal.ts"
import { Store } from "../lib/store/store.ts"
import { coreutils, Rig } from "./rig.ts"

const made = () =>
  target({
    name: "made",
    outputs: { tree: tree() },
    tools: [coreutils],
    run: (_, { tree }) => shell(`echo content >${tree}/file`),
  })

const used = (extra = "") => {
  const from = made()
  return target({
    name: "used",
    inputs: { all: layers([from.outputs.tree]), text: source("text") },
    outputs: { root: layer("out/root") },
    tools: [coreutils],
    run: ({ all, text }, { root }) => shell(`cp ${all}/file ${root}/; cat ${text} >${root}/text ${extra}`),
  })
}

function files(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true }).flatMap((entry) =>
    entry.isFile() ? [join(entry.parentPath, entry.name)] : [],
  )
}

test("a second workspace with the same store runs nothing", async () => {
  const one = new Rig()
  const two = new Rig()
  for (const rig of [one, two]) rig.write("text", "same")
  await one.build([used()])
  const { ran } = await two.build([used()], { store: one.store })
  expect(ran).toEqual([])
  expect(two.read("out/root/file")).toBe("content\n")
})

test("a blob that was written to is noticed, said once, and made again", async () => {
  const rig = new Rig()
  rig.write("text", "1")
  await rig.build([used()])
  const blob = files(join(rig.store, "blob")).find((path) => readFileSync(path, "utf8") === "content\n")
  if (blob === undefined) throw new Error("no such blob")
  chmodSync(blob, 0o644)
  writeFileSync(blob, "poison!\n")
  rig.write("text", "2")
  const { ran, said } = await rig.build([used()])
  expect(ran).toEqual(["made", "used"])
  expect(said.filter((text) => text.includes("a blob in the store was damaged"))).toHaveLength(1)
  expect(rig.read("out/root/file")).toBe("content\n")
})

test("a tree of which a blob turns out to be damaged is no longer whole, though it was a moment ago", async () => {
  const store = new Store(new Rig().store)
  const file = store.takeText("content")
  const tree = store.takeListing([{ path: "file", ...file, form: "file" }])
  expect(store.has(tree)).toBe(true)
  writeFileSync(store.blobPath(file), "CONTENT")
  expect([store.has(file), store.has(tree)]).toEqual([false, false])
})

test("a damaged result is dropped, said, and made again", async () => {
  const rig = new Rig()
  rig.write("text", "1")
  await rig.build([used()])
  for (const path of files(join(rig.store, "result"))) truncateSync(path, 100)
  rmSync(rig.path(".hashmake"), { recursive: true })
  const { ran, said } = await rig.build([used()])
  expect(ran).toEqual(["made", "used"])
  expect(said.join()).toContain("a result in the store was damaged")
})

test("a record that another engine writes at this moment is there whole or not at all", async () => {
  const store = new Store(new Rig().store)
  const text = "written\n".repeat(100_000)
  const keys = Array.from({ length: 200 }, (_, i) => digestOf(String(i)))
  const paths = keys.map((key) => store.path("result", key))
  const script = `
const { readFileSync } = require("node:fs")
const read = (path) => { try { return readFileSync(path, "utf8") } catch { return "" } }
console.log("ready")
for (const path of ${JSON.stringify(paths)}) {
  let text = ""
  while (text === "") text = read(path)
  if (text.length !== ${text.length}) console.log(text.length)
}`
  const reader = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"] })
  onTestFinished(() => void reader.kill())
  let said = ""
  reader.stdout.setEncoding("utf8").on("data", (piece: string) => (said += piece))
  await once(reader.stdout, "data")
  for (const key of keys) store.records.write("result", key, text)
  await once(reader, "close")
  expect(said).toBe("ready\n")
})

test("a journal cut off anywhere, or with a line changed, loses those lines only", async () => {
  const rig = new Rig()
  rig.write("text", "1")
  await rig.build([used()])
  const path = rig.path(".hashmake/journal")
  const whole = readFileSync(path)
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: whole.length - 1 }), fc.boolean(), async (at, isCut) => {
      if (isCut) writeFileSync(path, whole.subarray(0, at))
      else writeFileSync(path, Buffer.concat([whole.subarray(0, at), Buffer.from("#"), whole.subarray(at + 1)]))
      const { outcome, ran } = await rig.build([used()])
      expect([outcome, ran]).toEqual(["done", []])
      expect(rig.read("out/root/text")).toBe("1")
    }),
    { numRuns: 25 },
  )
})

test("a journal that grew by replaced records is written anew", () => {
  const rig = new Rig()
  const path = rig.path("journal")
  const journal = new Journal(path)
  for (let i = 0; i < 1000; i++) journal.forget("x")
  journal.flush()
  const before = readFileSync(path).length
  new Journal(path)
  expect(readFileSync(path).length).toBeLessThan(before / 10)
})

test("a line that another process is still writing is not taken for damage of what follows", () => {
  const rig = new Rig()
  const path = rig.path("journal")
  const journal = new Journal(path)
  journal.forget("x")
  journal.flush()
  appendFileSync(path, "0123456789abcdef {")
  const again = new Journal(path)
  expect(again.damagedLines).toBe(1)
  again.forget("y")
  again.flush()
  expect(new Journal(path).damagedLines).toBe(0)
})

test("a listing is read back as it was written, whatever the names", () => {
  const name = fc.string({ minLength: 1, maxLength: 8, unit: "binary" }).filter((text) => !/[/\0]/.test(text))
  const entry = fc.oneof(
    fc.record({
      path: name,
      form: fc.constantFrom("file" as const, "exec" as const),
      digest: fc.constant("a".repeat(64) as never),
      sizeBytes: fc.nat(),
    }),
    fc.record({ path: name, form: fc.constant("link" as const), to: name }),
    fc.record({ path: name, form: fc.constant("directory" as const) }),
  )
  fc.assert(
    fc.property(fc.uniqueArray(entry, { selector: ({ path }) => path }), (entries) => {
      const listing = sortListing(entries)
      expect(parseListing(listingText(listing))).toEqual(listing)
    }),
  )
})

test("a text that is no listing gives none", () => {
  const isRefused = (text: string) => parseListing(`hashmake tree 1\n${text}x\n`) === undefined
  fc.assert(fc.property(fc.string(), isRefused))
})

test("directories that only held what was left out are left out too; empty ones stay", () => {
  const digest = "a".repeat(64) as never
  const listing = sortListing([
    { path: "usr", form: "directory" },
    { path: "usr/include", form: "directory" },
    { path: "usr/include/a.h", form: "file", digest, sizeBytes: 1 },
    { path: "usr/lib", form: "directory" },
    { path: "usr/lib/a.a", form: "file", digest, sizeBytes: 1 },
    { path: "proc", form: "directory" },
  ])
  const merged = mergeListings([listing], ["usr/include", "usr/lib/*.a"])
  expect("first" in merged ? merged : merged.map(({ path }) => path)).toEqual(["proc"])
})

test("a checkout of a tree that something was taken from, added to or replaced in is made anew", async () => {
  const rig = new Rig()
  rig.write("text", "1")
  const shape = "mkdir $T/d; echo content >$T/file; echo deep >$T/d/f; ln -s file $T/link"
  const made = target({
    name: "made",
    outputs: { tree: tree() },
    tools: [coreutils],
    run: (_, { tree }) => shell(shape.replaceAll("$T", tree)),
  })
  const used = target({
    name: "used",
    inputs: { tree: made.outputs.tree, text: source("text") },
    outputs: { copy: tree("out/copy") },
    tools: [coreutils],
    run: ({ tree, text }, { copy }) => shell(`cp -R ${tree}/. ${copy}/; cat ${text} >${copy}/text`),
  })
  await rig.build([used])
  const top = join(rig.store, "checkout")
  const checkout =
    files(top)
      .find((path) => readFileSync(path, "utf8") === "deep\n")
      ?.replace("/d/f", "") ?? ""
  const damages = [
    () => rmSync(join(checkout, "d/f")),
    () => rmSync(join(checkout, "d"), { recursive: true }),
    () => writeFileSync(join(checkout, "stray"), "stray"),
    () => writeFileSync(join(checkout, "d/stray"), "stray"),
    () => rmSync(join(checkout, "link")),
    () => {
      rmSync(join(checkout, "file"))
      writeFileSync(join(checkout, "file"), "poison!\n")
    },
  ]
  for (const [i, damage] of damages.entries()) {
    damage()
    rig.write("text", `again ${i}`)
    const { outcome } = await rig.build([used])
    expect([i, outcome, readdirSync(rig.path("out/copy")).sort()]).toEqual([i, "done", ["d", "file", "link", "text"]])
    expect([readdirSync(rig.path("out/copy/d")), rig.read("out/copy/file")]).toEqual([["f"], "content\n"])
  }
})

test("a content that has as many names as the file system takes is still a content", async () => {
  const rig = new Rig()
  rig.write("text", "1")
  await rig.build([used()])
  const blob = files(join(rig.store, "blob")).find((path) => readFileSync(path, "utf8") === "content\n") ?? ""
  mkdirSync(rig.path("names"))
  try {
    for (let i = 0; i < 70_000; i++) linkSync(blob, rig.path(`names/${i}`))
  } catch (thrown) {
    expect((thrown as NodeJS.ErrnoException).code).toBe("EMLINK")
  }
  const more = target({
    name: "more",
    outputs: { tree: tree("out/tree") },
    tools: [coreutils],
    run: (_, { tree }) => shell(`echo content >${tree}/one; echo content >${tree}/two; mkdir ${tree}/d`),
  })
  const reads = target({
    name: "reads",
    inputs: { tree: more.outputs.tree },
    outputs: { to: "out/to" },
    tools: [coreutils],
    run: ({ tree }, { to }) => shell(`cat ${tree}/one ${tree}/two >${to}`),
  })
  expect((await rig.build([reads])).outcome).toBe("done")
  expect(rig.read("out/to")).toBe("content\ncontent\n")
})

test("the store is in the user's cache directory, also where the environment does not name one", () => {
  const { homedir } = userInfo()
  expect(storeDirectory({ XDG_CACHE_HOME: "/cache", HOME: "/home" })).toBe("/cache/hashmake")
  expect(storeDirectory({ XDG_CACHE_HOME: "cache", HOME: "/home" })).toBe("/home/.cache/hashmake")
  expect(storeDirectory({ XDG_CACHE_HOME: "", HOME: "" })).toBe(join(homedir, ".cache/hashmake"))
  expect(storeDirectory({})).toBe(join(homedir, ".cache/hashmake"))
})
