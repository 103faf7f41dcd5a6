// Every file that is read back, filled with anything: arbitrary bytes, cut off, a bit changed, another file's content. None of it
// brings the engine down or gets into an output; at most an error says that a newer hashmake wrote it.

import { cpSync, existsSync, lstatSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import fc from "fast-check"
import { expect, test } from "vitest"
import { rebuild } from "../lib/exec/engine.ts"
import { makeflagsFor, parseMakeflags } from "../lib/exec/makeflags.ts"
import {
  BuildError,
  copy,
  group,
  inOrder,
  layer,
  layers,
  renderDiagnostic,
  shell,
  source,
  target,
  tree,
  write,
} from "../lib/mod.ts"
import { Remembered } from "../lib/store/remembered.ts"
import { DamagedError } from "../lib/store/sections.ts"
import { coreutils, Rig } from "./rig.ts"
import { entriesBelow, statsBelow } from "./torture/world.ts"

/** What becomes of a file's bytes. */
type Mutation =
  | { readonly does: "bytes"; readonly bytes: Uint8Array }
  | { readonly does: "text"; readonly text: string }
  | { readonly does: "cut" | "flip" | "swap"; readonly at: number }
  | { readonly does: "insert"; readonly at: number; readonly bytes: Uint8Array }

const at = fc.nat({ max: 1 << 20 })
const texts = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.json(),
  fc.bigInt().map(String),
  fc.constantFrom("\n", "\0", "null"),
)
const mutations: fc.Arbitrary<Mutation> = fc.oneof(
  fc.record({ does: fc.constant("bytes" as const), bytes: fc.uint8Array({ maxLength: 300 }) }),
  fc.record({ does: fc.constant("text" as const), text: texts }),
  fc.record({ does: fc.constantFrom("cut" as const, "flip" as const, "flip" as const, "swap" as const), at }),
  fc.record({ does: fc.constant("insert" as const), at, bytes: fc.uint8Array({ minLength: 1, maxLength: 20 }) }),
)

/** Changes a file; `others` are of the same kind. */
function mutate(path: string, mutation: Mutation, others: readonly string[]): void {
  const whole = readFileSync(path)
  const place = "at" in mutation ? mutation.at % Math.max(1, whole.length) : 0
  switch (mutation.does) {
    case "bytes":
      return writeFileSync(path, mutation.bytes)
    case "text":
      return writeFileSync(path, mutation.text)
    case "cut":
      return writeFileSync(path, whole.subarray(0, place))
    case "insert":
      return writeFileSync(path, Buffer.concat([whole.subarray(0, place), mutation.bytes, whole.subarray(place)]))
    case "swap":
      return writeFileSync(path, readFileSync(others[mutation.at % others.length] ?? path))
    case "flip":
      whole[place] = (whole[place] ?? 0) ^ (1 << (mutation.at % 8))
      return writeFileSync(path, whole)
    default:
      return mutation satisfies never
  }
}

/** Targets of all forms, none of which starts a process. */
function targets() {
  const made = (name: string) =>
    target({
      name,
      inputs: { from: source("in") },
      outputs: { tree: tree() },
      module: import.meta.url,
      parameters: name,
      call: async ({ from }, { tree }) => {
        mkdirSync(join(tree, name))
        writeFileSync(join(tree, name, "f"), `${name} ${readFileSync(from, "utf8")}`)
      },
    })
  const trees = [made("one").outputs.tree, made("two").outputs.tree]
  const joined = target({
    name: "joined",
    inputs: { all: layers(trees) },
    outputs: { tree: tree("out/tree"), layer: layer("out/root"), file: "out/file" },
    module: import.meta.url,
    call: async ({ all }, { tree, layer, file }) => {
      cpSync(all, tree, { recursive: true })
      cpSync(join(all, "one"), layer, { recursive: true })
      writeFileSync(file, readFileSync(join(all, "two/f")))
    },
  })
  const written = target({
    name: "written",
    outputs: { tree: tree("out/written") },
    run: (_, { tree }) => inOrder([write(`${tree}/a`, "a"), write(`${tree}/b/c`, "c", { executable: true })]),
  })
  return [group("all", [joined, written])]
}

/** Where the files of each format lie, in the rig's directory. */
const formats = {
  journal: "workspace/.hashmake/journal",
  lock: "workspace/.hashmake/lock",
  "a note of a failure": "workspace/.hashmake/failed",
  "the store's version": "store/VERSION",
  results: "store/result",
  listings: "store/tree",
} as const

/** Makes the engine read everything, or only what its journal does not tell. */
const losses = fc.constantFrom<readonly string[]>([], ["out"], [".hashmake/journal", "out"], ["in"])

for (const [name, place] of Object.entries(formats)) {
  test(`anything can stand in ${name}`, async () => {
    const rig = new Rig()
    rig.write("in", "1")
    rig.write(".hashmake/lock", '{"pid":4194304,"startedAt":"1","command":"all"}')
    rig.write(".hashmake/failed/0123456789abcdef", `${rig.store}/work/action.1.1`)
    rig.write("victim/file", "not to be removed")
    await rig.build(targets())
    rig.write(".hashmake/lock", '{"pid":4194304,"startedAt":"1","command":"all"}')
    const expected = entriesBelow(rig.path("out"))
    const pristine = join(rig.directory, "pristine")
    for (const part of ["workspace", "store"])
      cpSync(join(rig.directory, part), join(pristine, part), { recursive: true, preserveTimestamps: true })
    const there = join(pristine, place)
    const files = lstatSync(there).isDirectory()
      ? [...statsBelow(there)].flatMap(([path, stat]) => (stat.isFile() ? [join(place, path)] : []))
      : [place]
    const paths = files.map((file) => join(rig.directory, file))
    expect(paths.length).toBeGreaterThan(0)
    await fc.assert(
      fc.asyncProperty(fc.nat(), mutations, losses, async (nth, mutation, lost) => {
        for (const part of ["workspace", "store"]) {
          rmSync(join(rig.directory, part), { recursive: true })
          cpSync(join(pristine, part), join(rig.directory, part), { recursive: true, preserveTimestamps: true })
        }
        const path = paths[nth % paths.length] ?? ""
        mutate(path, mutation, paths)
        for (const one of lost) rmSync(rig.path(one), { recursive: true, force: true })
        if (lost.includes("in")) rig.write("in", "1")
        const newer = await rig.build(targets()).then(
          ({ outcome, said }) => void expect(outcome, said.join("\n")).toBe("done"),
          (thrown: unknown) => newerIn(thrown),
        )
        if (newer === true) rmSync(path)
        if (newer === true) expect((await rig.build(targets())).outcome).toBe("done")
        expect(entriesBelow(rig.path("out"))).toEqual(expected)
        expect((await rig.build(targets())).ran).toEqual([])
        expect(existsSync(rig.path("victim/file"))).toBe(true)
      }),
      { numRuns: 40 },
    )
  })
}

/** Whether an error says that a newer hashmake was here; anything else passes. */
function newerIn(thrown: unknown): boolean {
  if (thrown instanceof BuildError && renderDiagnostic(thrown.diagnostic).includes("newer hashmake")) return true
  throw thrown
}

/** Targets whose rules are data, so that a remembered graph can make them again. */
function plainTargets() {
  const written = target({
    name: "written",
    outputs: { tree: tree("out/written") },
    run: (_, { tree }) => write(`${tree}/a`, "a"),
  })
  const copied = target({
    name: "copied",
    inputs: { from: source("in") },
    outputs: { to: "out/copied" },
    run: ({ from }, { to }) => copy(from, to),
  })
  const again = target({
    name: "again",
    inputs: { from: copied.outputs.to },
    outputs: { to: "out/again" },
    run: ({ from }, { to }) => copy(from, to),
  })
  return [group("all", [written, again])]
}

test("anything can stand in a remembered graph", async () => {
  const rig = new Rig()
  rig.write("in", "1")
  const path = rig.path("graph")
  const engine = { root: rig.root, store: rig.store, slots: 1 }
  await rig.build(plainTargets(), { remember: { path, reads: { look() {}, taken: async () => ({}) } } })
  const again = async () => {
    const remembered = Remembered.open(path, rig.root)
    const result =
      remembered === undefined ? undefined : await rebuild({ remembered, since: Date.now(), stale: undefined }, engine)
    remembered?.close()
    return result
  }
  rig.write("in", "2")
  expect(await again()).toMatchObject({ outcome: "done", counts: { built: 2 } })
  const pristine = join(rig.directory, "pristine")
  cpSync(rig.root, pristine, { recursive: true, preserveTimestamps: true })
  const files = [path, `${path}.later`]
  const kept = files.map((file) => readFileSync(file))
  const expected = entriesBelow(rig.path("out"))
  await fc.assert(
    fc.asyncProperty(fc.nat({ max: 1 }), mutations, fc.boolean(), async (nth, mutation, isLost) => {
      for (const [i, file] of files.entries()) writeFileSync(file, kept[i] ?? "")
      mutate(files[nth] ?? "", mutation, files)
      if (isLost) rmSync(rig.path("out"), { recursive: true })
      const result = await again().catch((thrown: unknown) => {
        if (thrown instanceof DamagedError) return undefined
        throw thrown
      })
      if (result === undefined) await rig.build(plainTargets())
      else expect(result.outcome).toBe("done")
      expect(entriesBelow(rig.path("out"))).toEqual(expected)
    }),
    { numRuns: 60 },
  )
})

const names = fc.string({ unit: "binary", minLength: 1, maxLength: 12 }).filter((name) => !/[/\\\r\n]/.test(name))

test("anything can stand in a depfile", async () => {
  const rig = new Rig()
  const reads = target({
    name: "reads",
    inputs: { said: source("said") },
    outputs: { to: "out/to" },
    tools: [coreutils],
    run: ({ said }, { to }) => shell(`cp ${said} out/to.d; echo done >${to}`).depfile("out/to.d"),
  })
  const bytes = fc.uint8Array({ maxLength: 60 })
  const rules = fc.array(names, { maxLength: 4 }).map((all) => Buffer.from(`out/to: ${all.join(" \\\n ")}\n`))
  await fc.assert(
    fc.asyncProperty(fc.oneof(bytes, rules), async (text) => {
      writeFileSync(rig.path("said"), text)
      const { outcome, failures, said } = await rig.build([reads], { sandbox: "off" })
      if (outcome === "done") expect(rig.read("out/to")).toBe("done\n")
      else
        expect(
          failures.map(({ isError }) => isError),
          said.join("\n"),
        ).toEqual([true])
      if (outcome === "done") expect((await rig.build([reads], { sandbox: "off" })).outcome).toBe("done")
    }),
    {
      numRuns: 60,
      examples: [
        "a\0b",
        ".. / . ./ out ../..",
        "/dev /dev/null",
        "x".repeat(5000),
        "in/in said/x",
        "out/to out/to.d",
      ].map((all) => [Buffer.from(`out/to: ${all}\n`)] as const) as never,
    },
  )
})

test("anything can stand in MAKEFLAGS, and what is written there for children is read back", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => void parseMakeflags(text)))
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e6 }), fc.string({ unit: "binary", minLength: 1 }), (jobs, path) => {
      const auth = { kind: "fifo", path } as const
      expect(parseMakeflags(makeflagsFor(jobs, auth))).toMatchObject({ jobs, auth })
    }),
  )
})
