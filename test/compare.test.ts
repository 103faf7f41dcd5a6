// Two systems that should be the same, bit for bit: what is told of a difference.

import { execFileSync } from "node:child_process"
import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { expect, onTestFinished, test, vi } from "vitest"
import { compareTrees, differenceLines } from "../lib/linux/compare.ts"
import { isSameBut, placeIn } from "../lib/linux/elf.ts"
import { samePackages } from "../lib/linux/same-packages.ts"
import { type Builder, checkTraces, marksOf, traceLine, tracesIn } from "../lib/linux/traces.ts"
import { target, tree } from "../lib/mod.ts"
import { expectGolden } from "./golden.ts"
import { Rig } from "./rig.ts"

const cases = ["-m64", "-m32"] as const

/** Compiles a program that holds a text in .rodata, without libraries; `words` is what it says. */
function object(rig: Rig, name: string, words: string, mode: (typeof cases)[number] = "-m64"): string {
  const [from, to] = [rig.path(`${name}.c`), rig.path(`${name}.o`)]
  writeFileSync(from, `const char said[] = "${words}";\nint add(int a) { return a + 1; }\n`)
  execFileSync("clang-19", [mode, "-c", "-O1", "-ffreestanding", from, "-o", to])
  return to
}

/** Two trees, the second a copy that `change` changes. */
function twoTrees(rig: Rig, change: (second: string) => void): readonly [string, string] {
  const [first, second] = [join(rig.directory, "first"), join(rig.directory, "second")]
  mkdirSync(join(first, "usr/bin"), { recursive: true })
  mkdirSync(join(first, "usr/share/empty"), { recursive: true })
  writeFileSync(join(first, "usr/share/text"), "one\ntwo\nthree\n")
  writeFileSync(join(first, "usr/bin/tool"), "#!/bin/sh\n", { mode: 0o755 })
  symlinkSync("tool", join(first, "usr/bin/link"))
  cpSync(object(rig, "a", "as it was"), join(first, "usr/bin/program"))
  cpSync(first, second, { recursive: true, verbatimSymlinks: true })
  change(second)
  return [first, second]
}

const told = (change: (second: string, rig: Rig) => void): readonly string[] => {
  const rig = new Rig()
  const [first, second] = twoTrees(rig, (second) => change(second, rig))
  return compareTrees(first, second).flatMap(differenceLines)
}

test("of two trees that are the same nothing is told", () => {
  expect(told(() => {})).toEqual([])
})

test("a file that differs is told with its first byte that does", () => {
  const change = (second: string) => writeFileSync(join(second, "usr/share/text"), "one\ntWo\nthree\nfour\n")
  expect(told(change)).toEqual([
    "usr/share/text: content: 14 bytes | 19 bytes",
    "  offset 5: 776f0a74687265650a | 576f0a74687265650a666f75720a",
  ])
  const longer = (second: string) => writeFileSync(join(second, "usr/share/text"), "one\ntwo\nthree\n4")
  expect(told(longer)[1]).toBe("  offset 14: (end) | 34")
})

test("a byte of a program that is in none of its sections counts as any other", () => {
  const flagsAt = 48
  const change = (second: string) => {
    const path = join(second, "usr/bin/program")
    const bytes = readFileSync(path)
    bytes.writeUInt32LE(1, flagsAt)
    writeFileSync(path, bytes)
  }
  expect(told(change)[0]).toMatch(/^usr\/bin\/program: content: /)
})

test("a mode, the end of a link, a kind, and what only one of them has", () => {
  const change = (second: string) => {
    chmodSync(join(second, "usr/bin/tool"), 0o644)
    rmSync(join(second, "usr/bin/link"))
    symlinkSync("program", join(second, "usr/bin/link"))
    rmSync(join(second, "usr/share/text"))
    rmSync(join(second, "usr/share/empty"), { recursive: true })
    writeFileSync(join(second, "usr/share/empty"), "")
    writeFileSync(join(second, "usr/more"), "")
  }
  expect(told(change)).toEqual([
    "usr/bin/link: link: tool | program",
    "usr/bin/tool: mode: executable | file",
    "usr/more: missing: missing | there",
    "usr/share/empty: kind: directory | file",
    "usr/share/text: missing: there | missing",
  ])
})

test.each(cases)("a byte of .rodata is told with its section, also within an archive (%s)", (mode) => {
  const rig = new Rig()
  const [before, after] = [object(rig, "before", "as it was", mode), object(rig, "after", "as it is!", mode)]
  const [first, second] = [join(rig.directory, "x"), join(rig.directory, "y")]
  for (const [at, from] of [
    [first, before],
    [second, after],
  ] as const) {
    mkdirSync(at)
    cpSync(from, join(at, "a-name-that-is-long.o"))
    execFileSync("llvm-ar-19", ["rcD", "lib.a", "a-name-that-is-long.o"], { cwd: at })
  }
  const [inObject, inArchive] = compareTrees(first, second).map(({ first }) => first)
  expect(inObject?.place).toEqual([".rodata"])
  expect(inArchive?.place).toEqual(["a-name-that-is-long.o", ".rodata"])
  expect(inObject?.bytes.map((bytes) => Buffer.from(bytes, "hex").toString("latin1").slice(0, 4))).toEqual([
    "was\0",
    "is!\0",
  ])
  const bytes = readFileSync(join(first, "a-name-that-is-long.o"))
  expect(bytes.subarray(inObject?.offset).toString("latin1").slice(0, 3)).toBe("was")
})

test.each(cases)("a section that does not count may be another, and longer (%s)", (mode) => {
  const rig = new Rig()
  const signed = (words: string, by: string) => {
    const path = object(rig, "a", words, mode)
    writeFileSync(rig.path("by"), `${by}\0`)
    execFileSync("llvm-objcopy-19", ["--update-section", `.comment=${rig.path("by")}`, path])
    return readFileSync(path)
  }
  const bytes = signed("as it was", "one compiler")
  const other = signed("as it was", "another compiler, with a longer name")
  expect(isSameBut([".comment"], bytes, other)).toBe(true)
  expect(isSameBut([], bytes, other)).toBe(false)
  expect(isSameBut([".comment"], bytes, signed("as it is!", "one compiler"))).toBe(false)
  expect(isSameBut([".comment"], Buffer.from("a text"), Buffer.from("another"))).toBe(false)
})

test("a file that is cut short, or no ELF at all, has no sections", () => {
  const rig = new Rig()
  const bytes = readFileSync(object(rig, "a", "words"))
  for (let end = 0; end < bytes.length; end += 7) expect(() => placeIn(bytes.subarray(0, end), end >> 1)).not.toThrow()
  for (const text of ["", "!<arch>\n", "!<arch>\nx", "text"]) expect(placeIn(Buffer.from(text), 0)).toEqual([])
})

const made = (name: string, from: string) =>
  target({
    name,
    outputs: { tree: tree() },
    module: import.meta.url,
    parameters: from,
    call: async (_, { tree }) => cpSync(from, tree, { recursive: true, verbatimSymlinks: true }),
  })

const names = { name: "check-bootstrap", about: "compare two systems" }

test("check-bootstrap fails with what differs, and passes once nothing does", async () => {
  const rig = new Rig()
  const [first, second] = twoTrees(rig, (second) =>
    cpSync(object(rig, "b", "as it is!"), join(second, "usr/bin/program")),
  )
  const [same, before, after] = [made("stage3/same", first), made("stage3/tool", first), made("stage4/tool", second)]
  const check = (after: typeof before) =>
    samePackages({
      ...names,
      pairs: [
        { name: "same", before: same.outputs.tree, after: same.outputs.tree },
        { name: "tool", before: before.outputs.tree, after: after.outputs.tree },
      ],
    })
  const { outcome, said } = await rig.build([check(after)])
  expect(outcome).toBe("failed")
  expectGolden("check-bootstrap", said.join("\n"), [
    [/offset \d+/g, "offset N"],
    [/(776173|697321)[0-9a-f]+/g, "$1…"],
    [/\d+ bytes/g, "N bytes"],
  ])
  expect((await rig.build([check(before)])).outcome).toBe("done")
  expect((await rig.build([check(before)])).ran).toEqual([])
})

test("what diffoscope says follows, where a program of that name is in PATH", async () => {
  const rig = new Rig()
  const [first, second] = twoTrees(rig, (second) => writeFileSync(join(second, "usr/bin/program"), "changed"))
  const directories = ["no-program", "program"].map((name) => join(rig.directory, name))
  for (const directory of directories) {
    mkdirSync(directory)
    writeFileSync(join(directory, "diffoscope"), '#!/bin/sh\nfor last; do :; done; echo "seen: $(cat "$last")"\n')
  }
  chmodSync(join(directories[1] ?? "", "diffoscope"), 0o755)
  vi.stubEnv("PATH", [...directories, process.env.PATH].join(":"))
  onTestFinished(() => void vi.unstubAllEnvs())
  const [before, after] = [made("stage3/tool", first), made("stage4/tool", second)]
  const check = samePackages({
    ...names,
    pairs: [{ name: "tool", before: before.outputs.tree, after: after.outputs.tree }],
  })
  const { said } = await rig.build([check])
  expect(said.join("\n")).toContain("seen: changed")
})

const marks = [
  { what: "the store's path", text: "/home/somebody/.cache/hashmake" },
  { what: "the host's name", text: "build-7" },
]

test("of the build machine a path in a program is found, who compiled it, and what is loaded with it", () => {
  const rig = new Rig()
  const root = join(rig.directory, "tree")
  mkdirSync(join(root, "usr/lib"), { recursive: true })
  cpSync(object(rig, "clean", "nothing"), join(root, "clean.o"))
  cpSync(object(rig, "path", "/home/somebody/.cache/hashmake/work/1"), join(root, "usr/lib/path.o"))
  execFileSync("llvm-ar-19", ["rcD", "lib.a", "path.o"], { cwd: join(root, "usr/lib") })
  writeFileSync(join(root, "usr/notes"), "built on build-7\n")
  writeFileSync(join(rig.directory, "main.c"), "int main(void) { return 0; }\n")
  for (const [compiler, name, ...options] of [
    ["gcc", "by-gcc"],
    ["clang-19", "by-clang"],
    ["clang-19", "with-glibc", "-static"],
  ] as const)
    execFileSync(compiler, [...options, join(rig.directory, "main.c"), "-o", join(root, name)])
  const found = tracesIn(root, marks).map(traceLine)
  expect(found.map((line) => line.replace(/offset \d+|GCC: .*|Debian clang .*|by \/.*/, "…"))).toEqual([
    "by-clang: compiled by …",
    "by-clang: loaded …",
    "by-gcc: compiled by …",
    "by-gcc: loaded …",
    "clean.o: compiled by …",
    "usr/lib/lib.a: the store's path, path.o, .rodata, …",
    "usr/lib/lib.a: compiled by …",
    "usr/lib/path.o: the store's path, .rodata, …",
    "usr/lib/path.o: compiled by …",
    "usr/notes: the host's name, …",
    "with-glibc: compiled by …",
    "with-glibc: linked with glibc",
  ])
})

test("names that every system has, and words that stand anywhere, are not looked for; who signs with them is found", () => {
  const rig = new Rig()
  const found = (text: string, builder: Partial<Builder> = {}) => {
    rig.write("tree/file", text)
    const marks = marksOf("/work/space", {
      user: "root",
      home: "/root",
      host: "localhost",
      store: "/root/.cache",
      ...builder,
    })
    return tracesIn(rig.path("tree"), marks).map(({ what }) => what)
  }
  expect(found("/work/space/x")).toEqual(["the workspace's path"])
  expect(found("/root/.cache/x")).toEqual(["the store's path"])
  expect(found("/srv/store/work/x", { store: "/srv/store" })).toEqual(["the store's path"])
  expect(found("/root root@localhost")).toEqual([])
  expect(found("/home/ann ann@x", { user: "ann", home: "/home/ann" })).toEqual([
    "the home directory",
    "the user's name",
  ])
  expect(found("@vm: what it is, @vm_id", { host: "vm" })).toEqual([])
  for (const user of ["root", "ann"])
    expect(found(`by ${user}@vm`, { user: "ann", host: "vm" })).toContain("the host's name")
  expect(found("build-7", { host: "build-7" })).toEqual(["the host's name"])
  expect(found("x7", { host: "x7" })).toEqual([])
})

test("the check fails with each trace, and passes without", async () => {
  const rig = new Rig()
  const trees = ["clean", "built on build-7"].map((text) => {
    const path = join(rig.directory, text)
    mkdirSync(path)
    writeFileSync(join(path, "notes"), text)
    return made(text.replaceAll(" ", "-"), path).outputs.tree
  })
  const { outcome, said } = await rig.build([checkTraces("check-traces", trees, marks)])
  expect(outcome).toBe("failed")
  expectGolden("check-traces", said.join("\n"))
  expect((await rig.build([checkTraces("check-traces", trees.slice(0, 1), marks)])).outcome).toBe("done")
})
