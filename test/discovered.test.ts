// Inputs learnt while an action runs: from a depfile, and by `need`.

import { execFileSync } from "node:child_process"
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { expect, test } from "vitest"
import { parseDepfile } from "../lib/exec/depfile.ts"
import { command, renderDiagnostic, shell, source, type Target, target, tool, write } from "../lib/mod.ts"
import { coreutils, Rig } from "./rig.ts"

const clang = tool({ name: "clang", programs: { clang: ["clang-19", "clang"] }, files: [], debian: ["clang-19"] })

/** Joins the file and each that its `include NAME` lines name, as a compiler would; and says so in a depfile. */
const joins = (path: string, to = `out/${path}`, after: readonly Target[] = []) =>
  target({
    inputs: { from: source(path) },
    outputs: { to },
    tools: [coreutils, grep],
    run: ({ from }, { to }) =>
      shell(
        `printf '%s: %s' "${to}" "${from}" >${to}.d
        cat ${from} >${to}
        for name in $(grep -o 'include .*' ${from} | cut -c9-); do cat $name >>${to}; printf ' %s' $name >>${to}.d; done`,
      ).depfile(`${to}.d`),
    after,
  })

const grep = tool({ name: "grep", programs: ["grep", "cut"] })

for (const sandbox of ["bwrap", "off"] as const) {
  test(`a discovered input counts from then on (sandbox: ${sandbox})`, async () => {
    const rig = new Rig()
    rig.write("src/a.c", "include src/a.h\n")
    rig.write("src/b.c", "nothing\n")
    rig.write("src/a.h", "one\n")
    const wanted = () => [joins("src/a.c"), joins("src/b.c")]
    const build = () => rig.build(wanted(), { sandbox })
    expect((await build()).ran.toSorted()).toEqual(["out/src/a.c", "out/src/b.c"])
    expect(rig.read("out/src/a.c")).toBe("include src/a.h\none\n")
    expect((await build()).ran).toEqual([])
    rig.write("src/a.h", "two\n")
    expect((await build()).ran).toEqual(["out/src/a.c"])
    expect(rig.read("out/src/a.c")).toBe("include src/a.h\ntwo\n")
    rig.write("src/a.h", "one\n")
    const back = await build()
    expect([back.ran, back.restored]).toEqual([[], ["out/src/a.c"]])
    rm(rig, "src/a.h")
    expect((await build()).outcome).toBe("failed")
    rig.write("src/a.c", "nothing\n")
    expect((await build()).outcome).toBe("done")
    expect((await build()).ran).toEqual([])
  })

  test(`a second workspace finds the result by what was discovered in the first (sandbox: ${sandbox})`, async () => {
    const rig = new Rig()
    const other = new Rig()
    for (const { root } of [rig, other]) {
      write_(root, "src/a.c", "include src/a.h\n")
      write_(root, "src/a.h", "one\n")
    }
    await rig.build([joins("src/a.c")], { sandbox })
    const found = await other.build([joins("src/a.c")], { sandbox, store: rig.store })
    expect([found.ran, found.restored]).toEqual([[], ["out/src/a.c"]])
    write_(other.root, "src/a.h", "two\n")
    expect((await other.build([joins("src/a.c")], { sandbox, store: rig.store })).ran).toEqual(["out/src/a.c"])
  })

  test(`what another target makes can be discovered if it is needed, and is an error if not (sandbox: ${sandbox})`, async () => {
    const rig = new Rig()
    rig.write("a.c", "include gen/a.h\n")
    const header = (text: string) => target({ outputs: { to: "gen/a.h" }, run: (_, { to }) => write(to, text) })
    const user = (text: string) => joins("a.c", "out/a", [header(text)])
    const { ran, events } = await rig.build([user("one\n")], { sandbox })
    const begun = events.flatMap((event) =>
      event.type === "state" && event.state === "running" ? [event.target.name] : [],
    )
    expect({ ran, begun }).toEqual({ ran: ["gen/a.h", "out/a"], begun: ["gen/a.h", "out/a"] })
    expect((await rig.build([user("two\n")], { sandbox })).ran).toEqual(["gen/a.h", "out/a"])
    expect(rig.read("out/a")).toBe("include gen/a.h\ntwo\n")
    expect((await rig.build([user("two\n")], { sandbox })).ran).toEqual([])
    rig.write("a.c", "include gen/a.h\nmore\n")
    const { failures } = await rig.build([header("two\n"), joins("a.c", "out/a")], { sandbox })
    expect(failures.map(({ diagnostic }) => renderDiagnostic(diagnostic)).join()).toContain(
      "reads `gen/a.h`, which another target makes",
    )
  })
}

/** Two targets that read what lies at a path and did not declare it: a function in its way, a shell in its own. */
const readersOf = (path: string, read: (path: string) => string, program: string): readonly Target[] => [
  target({
    outputs: { to: "out/called" },
    module: import.meta.url,
    call: async (_, { to }, { need }) => writeFileSync(to, read(need(path))),
  }),
  target({
    outputs: { to: "out/told" },
    tools: [coreutils],
    run: (_, { to }) => shell(`${program} ${path} >${to} && echo ${to}: ${path} >${to}.d`).depfile(`${to}.d`),
  }),
]

test("what is read from a directory whose name begins with dots counts as anything else", async () => {
  const rig = new Rig()
  rig.write("..parts/a", "one")
  const readers = readersOf("..parts/a", (path) => readFileSync(path, "utf8"), "cat")
  expect((await rig.build(readers)).outcome).toBe("done")
  rig.write("..parts/a", "two")
  expect((await rig.build(readers)).ran.toSorted()).toEqual(["out/called", "out/told"])
})

test("a directory that was read counts by the names in it", async () => {
  const rig = new Rig()
  rig.write("src/a", "one")
  const readers = readersOf("src", (path) => readdirSync(path).join(" "), "ls")
  const build = async () => (await rig.build(readers)).ran.toSorted()
  expect(await build()).toEqual(["out/called", "out/told"])
  expect(await build()).toEqual([])
  rig.write("src/b", "")
  expect(await build()).toEqual(["out/called", "out/told"])
  expect([rig.read("out/called"), rig.read("out/told")]).toEqual(["a b", "a\nb\n"])
  rig.write("src/a", "two")
  expect(await build()).toEqual([])
})

test("in a sandbox nobody sees what others leave beside its outputs, but for what it needs", async () => {
  const rig = new Rig()
  rig.write("out/beside.h", "a source\n")
  symlinkSync("nowhere", rig.path("out/.#locked"))
  symlinkSync("nowhere", rig.path(".#locked"))
  const writes = (to: string, after: readonly Target[] = []) =>
    target({
      outputs: { to },
      tools: [coreutils, tool({ name: "mv" })],
      run: (_, { to }) => shell(`cd out && ls >seen && mv seen ../${to} && echo ${to}: >../${to}.d`).depfile(`${to}.d`),
      after,
    })
  const first = writes("out/first")
  const needed = target({ outputs: { to: "out/made/needed" }, run: (_, { to }) => write(to, "") })
  const { outcome } = await rig.build([first, writes("out/second", [first]), writes("out/third", [needed])])
  expect(outcome).toBe("done")
  expect(rig.read("out/first")).toBe("beside.h\nseen\n")
  expect(rig.read("out/second")).toBe("beside.h\nfirst\nseen\n")
  expect(rig.read("out/third")).toBe("beside.h\nmade\nseen\n")
})

test("however many files lie beside its outputs, what says what it has read sees and learns them", async () => {
  const rig = new Rig()
  for (let i = 0; i < 3500; i++) rig.write(`src/${i}.h`, `${i}\n`)
  rig.write("src/a.c", "include src/1.h\ninclude src/linked.h\n")
  symlinkSync("2.h", rig.path("src/linked.h"))
  symlinkSync("nowhere", rig.path("src/dangling.h"))
  execFileSync("mkfifo", [rig.path("src/pipe")])
  const build = async () => (await rig.build([joins("src/a.c", "src/a.o")])).ran
  expect([await build(), rig.read("src/a.o")]).toEqual([["src/a.o"], "include src/1.h\ninclude src/linked.h\n1\n2\n"])
  expect(await build()).toEqual([])
  rig.write("src/2.h", "two\n")
  expect([await build(), rig.read("src/a.o").endsWith("1\ntwo\n")]).toEqual([["src/a.o"], true])
})

test("sources beside the logs are seen and learnt, logs are not", async () => {
  const rig = new Rig()
  rig.write("src/a", "include log/deep/b.h\n")
  rig.write("log/deep/b.h", "one\n")
  const build = async () => (await rig.build([joins("src/a", "out/a")])).ran
  expect([await build(), await build()]).toEqual([["out/a"], []])
  rig.write("log/deep/b.h", "two\n")
  expect(await build()).toEqual(["out/a"])
  expect(rig.read("out/a")).toBe("include log/deep/b.h\ntwo\n")
  const lists = target({
    outputs: { to: "out/list" },
    tools: [coreutils],
    run: (_, { to }) => shell(`ls log log/deep >${to}; echo ${to}: >${to}.d`).depfile(`${to}.d`),
  })
  await rig.build([lists])
  expect(rig.read("out/list")).toBe("log:\ndeep\n\nlog/deep:\nb.h\n")
})

test("a real compiler's headers are inputs, in a sandbox and without", async () => {
  const rig = new Rig()
  rig.write("src/main.c", '#include "deep/a.h"\nint main(void) { return A; }\n')
  rig.write("src/deep/a.h", '#include "../b.h"\n#define A B\n')
  rig.write("src/b.h", "#define B 1\n")
  rig.write("src/unused.h", "#define C 1\n")
  const object = () =>
    target({
      inputs: { from: source("src/main.c") },
      outputs: { to: "out/main.o" },
      tools: [
        clang,
        {
          ...clang,
          name: "clang-files",
          files: ["/usr/lib/llvm-19/lib/libclang-cpp.so*", "/usr/lib/llvm-19/lib/clang"],
        },
      ],
      run: ({ from }, { to }) =>
        command("clang", "-ffreestanding", "-c", from, "-o", to, "-MD", "-MF", `${to}.d`).depfile(`${to}.d`),
    })
  for (const sandbox of ["bwrap", "off"] as const) {
    rig.write("src/b.h", "#define B 1\n")
    expect((await rig.build([object()], { sandbox })).said).toEqual(
      sandbox === "off" ? [expect.stringContaining("sandbox")] : [],
    )
    rig.write("src/unused.h", `#define C ${sandbox.length}\n`)
    expect((await rig.build([object()], { sandbox })).ran).toEqual([])
    rig.write("src/b.h", "#define B 2\n")
    expect((await rig.build([object()], { sandbox })).ran).toEqual(["out/main.o"])
    rig.write("src/b.h", "// the same object\n#define B 2\n")
    expect((await rig.build([object()], { sandbox })).ran).toEqual(["out/main.o"])
  }
})

test("what a function needs counts, also if it is not there yet", async () => {
  const rig = new Rig()
  const sum = () =>
    target({
      outputs: { to: "out/sum" },
      module: import.meta.url,
      call: async (_, { to }, { need }) => {
        const texts = ["a", "b"].map((path) => {
          try {
            return readFileSync(need(path), "utf8")
          } catch {
            return "none "
          }
        })
        writeFileSync(to, texts.join(""))
      },
    })
  rig.write("a", "a ")
  expect((await rig.build([sum()])).ran).toEqual(["out/sum"])
  expect(rig.read("out/sum")).toBe("a none ")
  expect((await rig.build([sum()])).ran).toEqual([])
  rig.write("b", "b ")
  expect((await rig.build([sum()])).ran).toEqual(["out/sum"])
  expect(rig.read("out/sum")).toBe("a b ")
  rm(rig, "b")
  expect((await rig.build([sum()])).restored).toEqual(["out/sum"])
})

test("a command that fails in the workspace leaves no depfile there, and an earlier one is not believed", async () => {
  const rig = new Rig()
  const made = (script: string) =>
    target({ outputs: { to: "out/a" }, run: (_, { to }) => shell(script.replaceAll("TO", to)).depfile(`${to}.d`) })
  const build = (script: string) => rig.build([made(script)], { sandbox: "off" })
  expect((await build("echo TO: >TO.d; exit 3")).outcome).toBe("failed")
  expect(existsSync(rig.path("out/a.d"))).toBe(false)
  rig.write("out/a.d", "out/a: none\n")
  const { said } = await build("echo >TO")
  expect(said.join()).toContain("depfile")
})

test("what an earlier rule discovered is nothing to one that discovers nothing", async () => {
  const rig = new Rig()
  rig.write("a", "text\n")
  const plain = () => target({ outputs: { to: "out/a" }, run: (_, { to }) => write(to, "text\n") })
  const finding = target({
    outputs: { to: "out/a" },
    module: import.meta.url,
    call: async (_, { to }, { need }) => writeFileSync(to, readFileSync(need("a"))),
  })
  await rig.build([plain()])
  await rig.build([finding])
  const { ran, restored } = await rig.build([plain()])
  expect({ ran, restored }).toEqual({ ran: [], restored: ["out/a"] })
})

test("a depfile that is missing, or none, is an error", async () => {
  const rig = new Rig()
  const bad = (script: string) =>
    target({
      outputs: { to: "out/x" },
      tools: [coreutils],
      run: (_, { to }) => shell(`touch ${to}; ${script}`).depfile("out/x.d"),
    })
  for (const script of ["true", "echo rubbish >out/x.d"]) {
    const { outcome, failures } = await rig.build([bad(script)])
    expect(outcome).toBe("failed")
    expect(failures[0]?.diagnostic.what).toContain("depfile")
  }
})

test("a depfile is read as compilers write it", () => {
  expect(parseDepfile("a.o: a.c a.h \\\n  b.h\n\na.h:\n\nb.h:\n")).toEqual(["a.c", "a.h", "b.h"])
  expect(parseDepfile("a.o : with\\ blank.h $$x.h \\#y.h c\\:d.h\r\n")).toEqual([
    "with blank.h",
    "$x.h",
    "#y.h",
    "c:d.h",
  ])
  expect(parseDepfile("")).toEqual([])
  expect(parseDepfile("rubbish")).toBeUndefined()
})

const rm = (rig: Rig, path: string): void => rmSync(rig.path(path))

function write_(root: string, path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}
