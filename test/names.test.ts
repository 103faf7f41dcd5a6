// Names and paths of every kind, and things at them that are no files: each is built, or refused by an error that names it and
// changes nothing.

import { spawnSync } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, unlinkSync } from "node:fs"
import { createServer } from "node:net"
import { expect, onTestFinished, test } from "vitest"
import { evaluate } from "../lib/load/load.ts"
import {
  BuildError,
  buildfile,
  copy,
  group,
  layer,
  renderDiagnostic,
  shell,
  source,
  type Target,
  target,
  tree,
  write,
} from "../lib/mod.ts"
import { copies, coreutils, quote, Rig } from "./rig.ts"

/** What a build says, whether it throws or not; anything but a BuildError passes. */
async function said(rig: Rig, wanted: readonly Target[], sandbox: "bwrap" | "off" = "bwrap"): Promise<string> {
  try {
    return (await rig.build(wanted, { sandbox })).said.join("\n")
  } catch (thrown) {
    if (thrown instanceof BuildError) return renderDiagnostic(thrown.diagnostic)
    throw thrown
  }
}

// Names and paths

const names = [
  "line\nbreak",
  'it\'s "quoted"',
  "\u{1f600}",
  "é",
  "e\u0301",
  " blanks ",
  "$HOME `id`",
  "-n",
  "*?[a]",
  "back\\slash",
  "\u0001\u007f",
]

test("any name in UTF-8 is a name: of a source, an output, and in a tree", async () => {
  for (const sandbox of ["bwrap", "off"] as const) {
    const rig = new Rig()
    for (const name of names) rig.write(`src/${name}`, name)
    const { files } = evaluate(
      buildfile({}, (_, { files }) => ({
        files: target({
          name: "files",
          inputs: { all: files("src/*") },
          outputs: { tree: tree("out/tree") },
          tools: [coreutils],
          run: ({ all }, { tree }) => shell(`cp ${all.map(quote).join(" ")} ${tree}/`),
        }),
      })),
      {},
      rig.root,
    )
    const one = (name: string) => ({ ...copies(`src/${name}`, `out/${name}`), name })
    const { outcome, said } = await rig.build([files, ...names.map(one)], { sandbox, keepGoing: true })
    expect([outcome, said.filter((text) => text.startsWith("error"))]).toEqual(["done", []])
    expect(readdirSync(rig.path("out/tree")).sort()).toEqual(names.toSorted())
    for (const name of names) expect([rig.read(`out/${name}`), rig.read(`out/tree/${name}`)]).toEqual([name, name])
    expect((await rig.build([files, ...names.map(one)], { sandbox })).ran).toEqual([])
  }
})

test("a name that is not UTF-8 is refused by an error that shows it", async () => {
  const rig = new Rig()
  const odd = target({
    name: "odd",
    outputs: { tree: tree() },
    tools: [coreutils],
    run: (_, { tree }) => shell(`touch ${tree}/good "$(printf '${tree}/b\\377d')"`),
  })
  expect(await said(rig, [odd])).toMatch(/error: .*b\ufffdd.*UTF-8/)
})

const long = (length: number): string =>
  "d"
    .repeat(200)
    .concat("/")
    .repeat(Math.floor(length / 201)) + "f".repeat(length % 201)

test("a path that the system can hold is built, and one that it cannot is an error", async () => {
  for (const sandbox of ["bwrap", "off"] as const) {
    const rig = new Rig()
    const fits = long(3_000)
    rig.write(fits, "1")
    expect(await said(rig, [copies(fits, `out/${fits}`)], sandbox)).not.toContain("error")
    expect(rig.read(`out/${fits}`)).toBe("1")
    expect(await said(rig, [copies(long(4_095))], sandbox)).toMatch(/^.*error: .*too long/ms)
    expect(await said(rig, [copies(fits, `out/${long(4_080)}`)], sandbox)).toMatch(/error: .*too long/)
    expect(rig.read(`out/${fits}`)).toBe("1")
  }
})

test("a name of 255 bytes, the longest there is, is built", async () => {
  const rig = new Rig()
  const name = "n".repeat(255)
  rig.write(name, "1")
  const makes = target({
    inputs: { from: source(name) },
    outputs: { to: `out/${name}`, tree: tree("out/tree") },
    tools: [coreutils],
    run: ({ from }, { to, tree }) => shell(`cp ${from} ${to}; cp ${from} ${tree}/`),
  })
  expect(await said(rig, [makes])).not.toContain("error")
  expect([rig.read(`out/${name}`), rig.read(`out/tree/${name}`)]).toEqual(["1", "1"])
})

// What is no file

test("links are followed to what they lead to; loops and links to nowhere are no sources", async () => {
  for (const sandbox of ["bwrap", "off"] as const) {
    const rig = new Rig()
    rig.write("real/file", "1")
    symlinkSync("real/file", rig.path("link"))
    symlinkSync(rig.path("real"), rig.path("directory"))
    symlinkSync("loop", rig.path("loop"))
    symlinkSync("nowhere", rig.path("dangling"))
    for (const from of ["link", "directory/file"]) {
      await rig.build([copies(from)], { sandbox })
      expect(rig.read("out/copy")).toBe("1")
    }
    const wrong = {
      loop: "a link to nothing",
      "loop/file": "not there",
      dangling: "a link to nothing",
      real: "a directory",
    }
    for (const [from, what] of Object.entries(wrong))
      expect(await said(rig, [copies(from)], sandbox)).toContain(`reads \`${from}\`, which is ${what}`)
  }
})

test("a glob finds nothing in .git, nor in a node_modules anywhere", () => {
  const rig = new Rig()
  for (const path of ["a.js", "part/a.js", "node_modules/x/a.js", "part/node_modules/x/a.js", ".git/a.js"])
    rig.write(path, "")
  const found: string[] = []
  evaluate(
    buildfile({}, (_, { files }) => {
      found.push(...["**/*.js", ".git/*.js", "part/**"].flatMap((glob) => files(glob).map(({ path }) => path)))
      return {}
    }),
    {},
    rig.root,
  )
  expect(found).toEqual(["a.js", "part/a.js", "part/a.js"])
})

test("a glob does not run in circles", () => {
  const rig = new Rig()
  rig.write("src/a.c", "")
  for (const name of ["one", "two", "three"]) symlinkSync(".", rig.path(`src/${name}`))
  symlinkSync("a.c", rig.path("src/link.c"))
  symlinkSync("nowhere", rig.path("src/dangling.c"))
  spawnSync("mkfifo", [rig.path("src/pipe.c")])
  const paths: string[] = []
  evaluate(
    buildfile({}, (_, { files }) => {
      paths.push(...files("src/**/*.c").map(({ path }) => path))
      return {}
    }),
    {},
    rig.root,
  )
  expect(paths).toEqual(["src/a.c", "src/link.c"])
})

test("pipes, sockets, devices and directories are no sources: the error says so at once", async () => {
  const rig = new Rig()
  spawnSync("mkfifo", [rig.path("pipe")])
  const server = createServer().listen(rig.path("socket"))
  await new Promise((resolve) => server.once("listening", resolve))
  symlinkSync("/dev/zero", rig.path("device"))
  mkdirSync(rig.path("directory"))
  for (const name of ["pipe", "socket", "device", "directory"]) {
    const told = `reads \`${name}\`, which is ${name === "directory" ? "a directory" : "no file"}`
    for (const sandbox of ["bwrap", "off"] as const) expect(await said(rig, [copies(name)], sandbox)).toContain(told)
    const copied = target({
      inputs: { from: source(name) },
      outputs: { to: "out/x" },
      run: ({ from }, { to }) => copy(from, to),
    })
    expect(await said(rig, [copied])).toContain(told)
  }
  server.close()
  expect(existsSync(rig.path("out"))).toBe(false)
})

test("something in the way of an output's directory is named, not removed", async () => {
  const rig = new Rig()
  rig.write("in", "1")
  rig.write("out", "mine")
  expect(await said(rig, [copies("in", "out/a/b")])).toMatch(/error: `.*out(\/a)?` cannot be made a directory/)
  expect(rig.read("out")).toBe("mine")
  unlinkSync(rig.path("out"))
  symlinkSync("nowhere", rig.path("out"))
  expect(await said(rig, [copies("in", "out/a/b")])).toMatch(/error: `.*out(\/a)?` cannot be made a directory/)
  unlinkSync(rig.path("out"))
  expect((await rig.build([copies("in", "out/a/b")])).outcome).toBe("done")
})

test("a layer whose target got another name keeps its files", async () => {
  const rig = new Rig()
  const lays = (name: string) =>
    target({ name, outputs: { to: layer("out/root") }, run: (_, { to }) => write(`${to}/file`, "1") })
  await rig.build([group("all", [lays("one")], "", "out/root")])
  await rig.build([group("all", [lays("two")], "", "out/root")])
  expect(rig.read("out/root/file")).toBe("1")
})

test("what is in the way of an output is kept, though the output lies in another file system", async () => {
  const rig = new Rig()
  const elsewhere = mkdtempSync("/dev/shm/hashmake-test-")
  onTestFinished(() => rmSync(elsewhere, { recursive: true }))
  symlinkSync(elsewhere, rig.path("out"))
  rig.write("in", "1")
  rig.write("out/copy", "mine")
  rig.write("out/tree/mine", "mine, too")
  const made = target({ outputs: { all: tree("out/tree") }, run: (_, { all }) => write(`${all}/made`, "1") })
  for (const sandbox of ["bwrap", "off"] as const) {
    expect((await rig.build([copies("in"), made], { sandbox })).outcome).toBe("done")
    expect([rig.read("out/copy"), rig.read("out/tree/made")]).toEqual(["1", "1"])
  }
  const [aside = ""] = readdirSync(rig.path(".hashmake")).filter((name) => name.startsWith("aside-"))
  const kept = (path: string) => rig.read(`.hashmake/${aside}/out/${path}`)
  expect([kept("copy"), kept("tree/mine")]).toEqual(["mine", "mine, too"])
})
