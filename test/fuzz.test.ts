// Every file that is read back, filled with anything: arbitrary bytes, cut off, a bit changed, another file's content. None of it
// brings the engine down or gets into an output; at most an error says that a newer hashmake wrote it.

import { cpSync, existsSync, lstatSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import fc from "fast-check"
import { expect, test } from "vitest"
import { BuildError, group, inOrder, layer, layers, renderDiagnostic, source, target, tree, write } from "../lib/mod.ts"
import { Rig } from "./rig.ts"
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
