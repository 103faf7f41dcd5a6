// Power cuts. What a kernel had not written yet has other bytes afterwards, and the stat that it had. A test cannot cut the power: it makes
// such a file, and says in the note of the last start that this is another one.

import { spawnSync } from "node:child_process"
import { existsSync, lstatSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import { digestOf } from "../lib/base/digest.ts"
import { shell, source, target, tree } from "../lib/mod.ts"
import { Journal } from "../lib/store/journal.ts"
import { fileStat } from "../lib/store/stat.ts"
import { Store } from "../lib/store/store.ts"
import { coreutils, Rig } from "./rig.ts"

/** What was changed a moment ago counts as changed since the start: longer than that. */
function anotherStart(note: string): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50)
  writeFileSync(note, "another start of this machine\n")
}

const storeNote = (rig: Rig) => join(rig.store, "boot")
const ownNote = (rig: Rig) => rig.path(".hashmake/boot")

/** A target whose tree lies in the store alone, and one that is made of it. */
function listed(extra = "") {
  const made = target({
    name: "made",
    outputs: { tree: tree() },
    tools: [coreutils],
    run: (_, { tree }) => shell(`echo content >${tree}/file`),
  })
  return target({
    name: "listed",
    inputs: { from: made.outputs.tree },
    outputs: { to: "out/listed" },
    tools: [coreutils],
    run: ({ from }, { to }) => shell(`cat ${from}/file >${to}${extra}`),
  })
}

test("a blob that a power cut spoiled is made again, though its stat is what it was", async () => {
  const rig = new Rig()
  await rig.build([listed()])
  const digest = digestOf("content\n")
  const blob = new Store(rig.store).blobPath({ form: "file", digest })
  const { atime, mtime } = lstatSync(blob)
  writeFileSync(blob, "\0".repeat("content\n".length))
  utimesSync(blob, atime, mtime)
  anotherStart(storeNote(rig))
  const { ran, said } = await rig.build([listed("; echo more >>/dev/null")])
  expect(ran).toEqual(["made", "listed"])
  expect(said.join()).toContain("a blob in the store was damaged")
  expect(rig.read("out/listed")).toBe("content\n")
})

test("a checkout that was made shortly before a power cut is made anew", async () => {
  const rig = new Rig()
  await rig.build([listed()])
  const store = new Store(rig.store)
  const journal = new Journal(rig.path(".hashmake/journal"))
  const checkout = store.path("checkout", journal.built("made")?.outputs.tree?.digest ?? digestOf(""))
  const before = lstatSync(checkout).ino
  anotherStart(storeNote(rig))
  await rig.build([listed("; echo more >>/dev/null")])
  expect(lstatSync(checkout).ino).not.toBe(before)
  expect(rig.read("out/listed")).toBe("content\n")
})

test("a store is looked through once after each start", async () => {
  const rig = new Rig()
  await rig.build([listed()])
  anotherStart(storeNote(rig))
  const blob = new Store(rig.store).blobPath({ form: "file", digest: digestOf("content\n") })
  const marked = lstatSync(blob).mtimeMs
  const again = new Store(rig.store)
  expect(lstatSync(blob).mtimeMs).toBe(marked)
  expect(again.has({ form: "file", digest: digestOf("content\n"), sizeBytes: 8 })).toBe(true)
  expect(lstatSync(blob).mtimeMs).not.toBe(marked)
})

/** Writes a file, and says in the journal that it was seen so, with other content. */
function spoil(
  rig: Rig,
  path: string,
  text: string,
  change: (journal: Journal, stat: ReturnType<typeof fileStat>) => void,
) {
  rig.write(path, text)
  const journal = new Journal(rig.path(".hashmake/journal"))
  change(journal, fileStat(path, lstatSync(rig.path(path))))
  journal.flush()
}

const copied = target({
  name: "copied",
  inputs: { from: source("text") },
  outputs: { to: "out/copy" },
  tools: [coreutils],
  run: ({ from }, { to }) => shell(`cat ${from} >${to}`),
})

test("a source that a power cut spoiled is read again, though its stat is what it was", async () => {
  const rig = new Rig()
  rig.write("text", "before")
  await rig.build([copied])
  spoil(rig, "text", "spoilt", (journal, stat) =>
    journal.recordSeen("text", { stat, content: { form: "file", digest: digestOf("before"), sizeBytes: 6 } }),
  )
  expect((await rig.build([copied])).ran).toEqual([])
  anotherStart(ownNote(rig))
  expect((await rig.build([copied])).ran).toEqual(["copied"])
  expect(rig.read("out/copy")).toBe("spoilt")
})

test("an output that a power cut spoiled comes back, though its stat is what it was", async () => {
  const rig = new Rig()
  rig.write("text", "before")
  await rig.build([copied])
  spoil(rig, "out/copy", "spoilt", (journal, stat) => {
    const built = journal.built("copied")
    if (built !== undefined) journal.recordBuilt("copied", { ...built, placed: { to: [stat] } })
  })
  await rig.build([copied])
  expect(rig.read("out/copy")).toBe("spoilt")
  anotherStart(ownNote(rig))
  expect((await rig.build([copied])).restored).toEqual(["copied"])
  expect(rig.read("out/copy")).toBe("before")
})

test("what is remembered of a graph is not believed after another start; what is remembered then is", () => {
  const rig = new Rig()
  rig.write("package.json", '{ "type": "module" }')
  const library = JSON.stringify(join(import.meta.dirname, "../lib/mod.ts"))
  rig.write(
    "Buildfile.ts",
    `import { appendFileSync } from "node:fs"
    import { buildfile, shell, target } from ${library}
    export default buildfile({}, () => {
      appendFileSync("evaluated", "once")
      return { made: target({ outputs: { to: "out/to" }, run: (_, { to }) => shell(": >" + to) }) }
    })`,
  )
  const evaluated = () => {
    rmSync(rig.path("evaluated"), { force: true })
    const argv = [join(import.meta.dirname, "../bin/build.ts"), "made"]
    const environment = { ...process.env, HASHMAKE_STORE: rig.store }
    const { status } = spawnSync(process.execPath, argv, { cwd: rig.root, env: environment })
    expect(status).toBe(0)
    return existsSync(rig.path("evaluated"))
  }
  expect([evaluated(), evaluated()]).toEqual([true, false])
  anotherStart(ownNote(rig))
  expect([evaluated(), evaluated()]).toEqual([true, false])
  expect(readFileSync(ownNote(rig), "utf8")).not.toContain("another start")
})
