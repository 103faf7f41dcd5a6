import { existsSync, rmSync, utimesSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import {
  command,
  copy,
  group,
  layer,
  layers,
  type OutputDeclaration,
  shell,
  source,
  type Target,
  target,
  tree,
  write,
} from "../lib/mod.ts"
import { coreutils, Rig } from "./rig.ts"

const upper = (from = "a.txt", to = "out/a.txt") =>
  target({
    inputs: { from: source(from) },
    outputs: { to },
    tools: [coreutils],
    run: ({ from }, { to }) => shell(`tr a-z A-Z <${from} >${to}`),
  })

test("a second build runs nothing", async () => {
  const rig = new Rig()
  rig.write("a.txt", "hello")
  expect((await rig.build([upper()])).ran).toEqual(["out/a.txt"])
  expect(rig.read("out/a.txt")).toBe("HELLO")
  expect((await rig.build([upper()])).ran).toEqual([])
})

test("touching an input without changing it runs nothing", async () => {
  const rig = new Rig()
  rig.write("a.txt", "hello")
  await rig.build([upper()])
  utimesSync(rig.path("a.txt"), 1, 1)
  expect((await rig.build([upper()])).ran).toEqual([])
})

test("an edit of the same size and mtime is seen", async () => {
  const rig = new Rig()
  rig.write("a.txt", "hello")
  utimesSync(rig.path("a.txt"), 1, 1)
  await rig.build([upper()])
  rig.write("a.txt", "jello")
  utimesSync(rig.path("a.txt"), 1, 1)
  expect((await rig.build([upper()])).ran).toEqual(["out/a.txt"])
  expect(rig.read("out/a.txt")).toBe("JELLO")
})

test("a reverted edit is restored from the store", async () => {
  const rig = new Rig()
  rig.write("a.txt", "hello")
  await rig.build([upper()])
  rig.write("a.txt", "jello")
  await rig.build([upper()])
  rig.write("a.txt", "hello")
  const { ran, restored } = await rig.build([upper()])
  expect([ran, restored]).toEqual([[], ["out/a.txt"]])
  expect(rig.read("out/a.txt")).toBe("HELLO")
})

test("an output that was removed or edited comes back, and the store never changes", async () => {
  const rig = new Rig()
  rig.write("a.txt", "hello")
  await rig.build([upper()])
  rmSync(rig.path("out/a.txt"))
  expect((await rig.build([upper()])).restored).toEqual(["out/a.txt"])
  writeFileSync(rig.path("out/a.txt"), "edited")
  expect((await rig.build([upper()])).restored).toEqual(["out/a.txt"])
  expect(rig.read("out/a.txt")).toBe("HELLO")
})

test("a need rebuilt to the same bytes stops the ripple", async () => {
  const rig = new Rig()
  rig.write("a.txt", "one\ntwo\n")
  const first = target({
    name: "first",
    inputs: { from: source("a.txt") },
    outputs: { line: "out/line" },
    tools: [coreutils],
    run: ({ from }, { line }) => shell(`head -n1 ${from} >${line}`),
  })
  const second = target({
    name: "second",
    inputs: { line: first.outputs.line },
    outputs: { copy: "out/copy" },
    tools: [coreutils],
    run: ({ line }, { copy }) => command("cp", line, copy),
  })
  expect((await rig.build([second])).ran).toEqual(["first", "second"])
  rig.write("a.txt", "one\nTWO\n")
  expect((await rig.build([second])).ran).toEqual(["first"])
})

test("a lost store is normal: nothing is rebuilt until something needs it", async () => {
  const rig = new Rig()
  const made = (text: string) =>
    target({
      name: "made",
      outputs: { tree: tree() },
      tools: [coreutils],
      run: (_, { tree }) => shell(`echo ${text} >${tree}/f`),
    })
  const used = (from: ReturnType<typeof made>, extra: string) =>
    target({
      name: "used",
      inputs: { all: layers([from.outputs.tree]) },
      outputs: { laid: layer("out/root") },
      tools: [coreutils],
      run: ({ all }, { laid }) => shell(`cp ${all}/f ${laid}/f; echo ${extra} >${laid}/extra`),
    })
  expect((await rig.build([used(made("x"), "1")])).ran).toEqual(["made", "used"])
  rmSync(rig.store, { recursive: true })
  expect((await rig.build([used(made("x"), "1")])).ran).toEqual([])
  rmSync(rig.store, { recursive: true, force: true })
  expect((await rig.build([used(made("x"), "2")])).ran).toEqual(["made", "used"])
  expect(rig.read("out/root/extra")).toBe("2\n")
})

test("layers share a directory; a group that owns it takes away those that are no longer its own", async () => {
  const rig = new Rig()
  const lays = (name: string) =>
    target({ name, outputs: { to: layer("out/root") }, run: (_, { to }) => write(`${to}/${name}/file`, name) })
  const all = (...names: string[]) => group("rootfs", names.map(lays), "", "out/root")
  await rig.build([all("bash", "toybox")])
  rig.write("out/root/mine", "not ours")
  await rig.build([lays("extra")])
  expect(["bash", "toybox", "extra"].map((name) => existsSync(rig.path(`out/root/${name}/file`)))).toEqual([
    true,
    true,
    true,
  ])
  await rig.build([all("bash")])
  expect(["bash", "toybox", "extra", "mine"].map((name) => existsSync(rig.path(`out/root/${name}`)))).toEqual([
    true,
    false,
    false,
    true,
  ])
})

test("a layer and another target that write one path are an error, whoever comes first", async () => {
  const lays = (after: readonly Target[] = []) =>
    target({
      name: "lays",
      after,
      outputs: { to: layer("out/root") },
      run: (_, { to }) => write(`${to}/etc/motd`, "a"),
    })
  const others = [
    (after: readonly Target[] = []) =>
      target({ name: "file", after, outputs: { to: "out/root/etc/motd" }, run: (_, { to }) => write(to, "b") }),
    (after: readonly Target[] = []) =>
      target({ name: "tree", after, outputs: { to: tree("out/root/etc") }, run: (_, { to }) => write(`${to}/x`, "b") }),
    (after: readonly Target[] = []) =>
      target({ name: "below", after, outputs: { to: "out/root/etc/motd/x" }, run: (_, { to }) => write(to, "b") }),
  ]
  for (const other of others) {
    for (const wanted of [lays([other()]), other([lays()])]) {
      const { outcome, said } = await new Rig().build([wanted])
      expect([outcome, said.join("\n")]).toEqual(["failed", expect.stringContaining("is an output of two targets")])
    }
  }
  const beside = target({ outputs: { to: "out/root/etc/hosts" }, after: [lays()], run: (_, { to }) => write(to, "c") })
  expect((await new Rig().build([beside])).outcome).toBe("done")
})

test("what a target made and no longer does is taken away, unless it was edited or is another's by now", async () => {
  const rig = new Rig()
  const gives = (name: string, outputs: Readonly<Record<string, string | OutputDeclaration>>) =>
    target({
      name,
      outputs,
      module: import.meta.url,
      parameters: JSON.stringify(outputs),
      call: async (_, made) => {
        for (const [name, path] of Object.entries(made))
          if (name.startsWith("tree")) writeFileSync(join(path, "x"), "")
          else writeFileSync(path, "")
      },
    })
  const there = () => ["a", "b", "c", "d", "t", "t2"].filter((name) => existsSync(rig.path(`out/${name}`))).join(" ")
  const build = (...targets: readonly Target[]) => rig.build(targets, { whole: { variant: "", targets } })
  await build(gives("g", { a: "out/a", b: "out/b", c: "out/c", d: "out/d", tree: tree("out/t") }))
  expect(there()).toBe("a b c d t")
  rig.write("out/c", "edited")
  const other = gives("h", { d: "out/d" })
  await build(other, gives("g", { a: "out/a", tree: tree("out/t2") }))
  expect(there()).toBe("a c d t2")
  const uses = target({
    inputs: { from: source("out/a") },
    outputs: { to: "out/z" },
    run: ({ from }, { to }) => copy(from, to),
  })
  expect((await build(uses, gives("g", { tree: tree("out/t2") }))).outcome).toBe("done")
  expect(there()).toBe("a c t2")
})

for (const sandbox of ["bwrap", "off"] as const)
  test(`what is in the way of an output, and no build left, is kept (sandbox: ${sandbox})`, async () => {
    const rig = new Rig()
    const made = target({
      outputs: { to: "guide.md" },
      tools: [coreutils],
      run: (_, { to }) => shell(`echo made >${to}`),
    })
    const all = target({
      outputs: { to: tree("docs") },
      tools: [coreutils],
      run: (_, { to }) => shell(`echo made >${to}/index`),
    })
    const later = target({ outputs: { to: "docs" }, tools: [coreutils], run: (_, { to }) => shell(`echo made >${to}`) })
    rig.write("guide.md", "mine")
    rig.write("docs/guide/one.md", "mine")
    const { said, outcome } = await rig.build([made, all], { sandbox })
    const kept = /kept in +(\S+)/.exec(said.join("\n"))?.[1] ?? "?"
    expect([outcome, rig.read("guide.md"), rig.read("docs/index")]).toEqual(["done", "made\n", "made\n"])
    expect([rig.read(`${kept}/guide.md`), rig.read(`${kept}/docs/guide/one.md`)]).toEqual(["mine", "mine"])
    const notes = (texts: readonly string[]) => texts.filter((text) => text.includes("kept in"))
    expect(notes((await rig.build([made, all], { sandbox })).said)).toEqual([])
    rig.write("guide.md", "edited")
    expect(notes((await rig.build([made, later], { sandbox })).said)).toEqual([])
    expect([rig.read("guide.md"), rig.read("docs")]).toEqual(["made\n", "made\n"])
  })

test("a source is copied by the engine itself, and what is copied is whole", async () => {
  const rig = new Rig()
  rig.write("small", "small")
  rig.write("large", "large\n".repeat(100_000))
  const copies = ["small", "large"].map((path) =>
    target({
      inputs: { from: source(path) },
      outputs: { to: `out/${path}` },
      run: ({ from }, { to }) => copy(from, to),
    }),
  )
  expect((await rig.build(copies)).ran.toSorted()).toEqual(["out/large", "out/small"])
  for (const path of ["small", "large"]) expect(rig.read(`out/${path}`)).toBe(rig.read(path))
  rmSync(rig.path("out"), { recursive: true })
  expect((await rig.build(copies)).ran).toEqual([])
  for (const path of ["small", "large"]) expect(rig.read(`out/${path}`)).toBe(rig.read(path))
})
