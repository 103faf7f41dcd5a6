// The remembered graph, through the real command: a Buildfile is evaluated again only when something that it read has changed, and
// whatever is remembered, the build is the same.

import { spawnSync } from "node:child_process"
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs"
import { join } from "node:path"
import fc from "fast-check"
import { expect, test } from "vitest"
import { Remembered } from "../lib/store/remembered.ts"
import { staleTargets } from "../lib/store/stale.ts"
import { Rig } from "./rig.ts"

const checkout = join(import.meta.dirname, "..")

const buildfile = `
import { appendFileSync } from "node:fs"
import { buildfile, choice, copy, group, shell, source, target, tool } from ${JSON.stringify(join(checkout, "lib/mod.ts"))}
import { suffix } from "./suffix.ts"

const coreutils = tool({ name: "coreutils", programs: ["cat", "tr", "sort"] })

export default buildfile({ MODE: choice(["debug", "release"], "mode") }, ({ MODE }, { files, environment }) => {
  appendFileSync("evaluated", MODE + "\\n")
  const word = environment("WORD") ?? "no word"
  const upper = files("src/*.txt").map((from) => target({
    inputs: { from },
    outputs: { to: "out/" + MODE + "/" + from.stem + suffix },
    tools: [coreutils],
    run: ({ from }, { to }) => shell("tr a-z A-Z <" + from + " >" + to + "; echo " + word + " >>" + to),
  }))
  const sum = target({
    inputs: { all: upper.map(({ outputs }) => outputs.to) },
    outputs: { sum: "out/" + MODE + "/sum" },
    tools: [coreutils],
    run: ({ all }, { sum }) => shell("cat /dev/null " + all.join(" ") + " | sort -u >" + sum),
  })
  const counted = target({
    name: "counted",
    inputs: { sum: sum.outputs.sum },
    outputs: { count: "out/" + MODE + "/count" },
    module: import.meta.url,
    call: async ({ sum }, { count }) => {
      const { readFileSync, writeFileSync } = await import("node:fs")
      writeFileSync(count, String(readFileSync(sum, "utf8").split("\\n").length - 1))
    },
  })
  return { all: group("all", [counted]), sum }
})
`

/** A project of two texts; `make` builds it and says how often the Buildfile has been evaluated for that. */
function project() {
  const rig = new Rig()
  rig.write("Buildfile.ts", buildfile)
  rig.write("suffix.ts", 'export const suffix = ".up"\n')
  rig.write("package.json", '{ "type": "module" }')
  rig.write("src/a.txt", "a\n")
  rig.write("src/b.txt", "b\n")
  const make = (words = ["all"], environment: Record<string, string> = {}, options: readonly string[] = []) => {
    rmSync(rig.path("evaluated"), { force: true })
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [...options, join(checkout, "bin/build.ts"), ...words],
      {
        cwd: rig.root,
        env: { ...process.env, HASHMAKE_STORE: rig.store, ...environment },
        encoding: "utf8",
      },
    )
    const evaluated = existsSync(rig.path("evaluated")) ? rig.read("evaluated").split("\n").length - 1 : 0
    const built = [...stderr.matchAll(/^built +(\S+)/gm)].map(([, name]) => name)
    return { status, stdout, stderr, evaluated, built }
  }
  return { rig, make }
}

/** Longer than the grain of a file system's clock: what was written before is not "just now". */
const settle = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50)

test("a build with nothing to do evaluates no Buildfile and writes nothing", () => {
  const { rig, make } = project()
  settle()
  expect(make()).toMatchObject({ status: 0, evaluated: 1 })
  const before = readFileSync(rig.path(".hashmake/journal"))
  expect(make()).toMatchObject({ status: 0, evaluated: 0, built: [] })
  expect(make()).toMatchObject({ status: 0, evaluated: 0, built: [] })
  expect(readFileSync(rig.path(".hashmake/journal"))).toEqual(before)
})

test("a build with nothing to do loads neither streams nor cryptography", () => {
  const { rig, make } = project()
  make()
  settle()
  rig.write(
    "loaded.cjs",
    `process.on("exit", () => require("fs").writeFileSync("loaded", process.moduleLoadList.join("\\n")))`,
  )
  make(["all"], {}, ["--require", rig.path("loaded.cjs")])
  const loaded = rig.read("loaded").split("\n")
  expect(loaded).toContain("NativeModule fs")
  for (const name of ["crypto", "stream", "net", "child_process", "perf_hooks", "internal/fs/promises"])
    expect(loaded).not.toContain(`NativeModule ${name}`)
})

test("an edited source runs what uses it; the Buildfile is evaluated only for a function rule", () => {
  const { rig, make } = project()
  settle()
  make(["sum"])
  rig.write("src/a.txt", "c\n")
  expect(make(["sum"])).toMatchObject({ status: 0, evaluated: 0, built: ["out/debug/a.up", "out/debug/sum"] })
  expect(rig.read("out/debug/sum")).toBe("B\nC\nno word\n")
  expect(make(["sum"])).toMatchObject({ evaluated: 0, built: [] })
  expect(make()).toMatchObject({ evaluated: 1, built: ["counted"] })
  rig.write("src/a.txt", "d\n")
  expect(make()).toMatchObject({ evaluated: 1, built: ["out/debug/a.up", "out/debug/sum", "counted"] })
  expect(rig.read("out/debug/count")).toBe("3")
})

test("an output that was changed or removed comes back without the Buildfile", () => {
  const { rig, make } = project()
  settle()
  make(["sum"])
  rmSync(rig.path("out/debug/a.up"))
  appendFileSync(rig.path("out/debug/sum"), "x")
  expect(make(["sum"])).toMatchObject({ status: 0, evaluated: 0, built: [] })
  expect(rig.read("out/debug/a.up")).toBe("A\nno word\n")
  expect(rig.read("out/debug/sum")).toBe("A\nB\nno word\n")
})

test("a file that a glob finds, a variable of the environment, a module, a variable: each is noticed", () => {
  const { rig, make } = project()
  settle()
  make(["sum"])
  rig.write("src/c.txt", "c\n")
  expect(make(["sum"])).toMatchObject({ evaluated: 1, built: ["out/debug/c.up", "out/debug/sum"] })
  rmSync(rig.path("src/c.txt"))
  expect(make(["sum"])).toMatchObject({ evaluated: 1 })
  expect(rig.read("out/debug/sum")).toBe("A\nB\nno word\n")
  expect(make(["sum"], { WORD: "word" })).toMatchObject({ evaluated: 1 })
  expect(rig.read("out/debug/sum")).toBe("A\nB\nword\n")
  expect(make(["sum"], { WORD: "word", OTHER: "x" })).toMatchObject({ evaluated: 0, built: [] })
  rig.write("suffix.ts", 'export const suffix = ".UP"\n')
  expect(make(["sum"], { WORD: "word" }).evaluated).toBe(1)
  expect(existsSync(rig.path("out/debug/a.UP"))).toBe(true)
  expect(make(["sum", "MODE=release"], { WORD: "word" }).evaluated).toBe(1)
  expect(make(["sum"], { WORD: "word" })).toMatchObject({ evaluated: 0, built: [] })
  expect(make(["sum", "MODE=release"], { WORD: "word" })).toMatchObject({ evaluated: 0, built: [] })
})

test("a link that led nowhere and now leads to a file is found by a glob, however many links there are between; and once it leads nowhere again no more", () => {
  const { rig, make } = project()
  symlinkSync("../else/link", rig.path("src/l.txt"))
  settle()
  expect(make(["sum"])).toMatchObject({ evaluated: 1 })
  expect(make(["sum"])).toMatchObject({ evaluated: 0 })
  mkdirSync(rig.path("else"))
  symlinkSync("file", rig.path("else/link"))
  settle()
  expect(make(["sum"])).toMatchObject({ status: 0, built: [] })
  rig.write("else/file", "l\n")
  expect(make(["sum"])).toMatchObject({ evaluated: 1, built: ["out/debug/l.up", "out/debug/sum"] })
  expect(make(["sum"])).toMatchObject({ evaluated: 0, built: [] })
  rmSync(rig.path("else/file"))
  expect(make(["sum"])).toMatchObject({ status: 0, evaluated: 1 })
  expect(rig.read("out/debug/sum")).toBe("A\nB\nno word\n")
})

/** A rig in which a build tells whether it has looked for files. */
function watchedProject(text: string) {
  const { rig, make } = project()
  rig.write("Buildfile.ts", text)
  const looked = `globalThis.process.on("exit", () => { if (Object.keys(require.cache).some((path) => path.includes("fast-glob"))) require("fs").writeFileSync("looked", "") })`
  rig.write("looked.cjs", looked)
  const look = (targets: string[]) => {
    rmSync(rig.path("looked"), { force: true })
    const { evaluated, built } = make(targets, {}, ["--require", rig.path("looked.cjs")])
    return { evaluated, built, hasLooked: existsSync(rig.path("looked")) }
  }
  return { rig, make, look }
}

test("outputs that lie where a glob looks are no reason to look again, and a source that is put there meanwhile is", () => {
  const beside = buildfile.replace('"out/" + MODE + "/" + from.stem + suffix', '"src/" + from.stem + suffix')
  const { rig, make, look } = watchedProject(beside)
  settle()
  expect(make(["sum"])).toMatchObject({ status: 0, evaluated: 1 })
  expect(look(["sum"])).toEqual({ evaluated: 0, built: [], hasLooked: false })
  rig.write("src/c.txt", "c\n")
  expect(look(["sum"])).toMatchObject({ evaluated: 1, hasLooked: true })
})

test("of a directory that has changed, but not in what a glob finds, this is found once", () => {
  const { rig, make, look } = watchedProject(buildfile)
  settle()
  make(["sum"])
  rig.write("src/a.txt.swp", "")
  settle()
  const idle = { evaluated: 0, built: [] }
  expect(look(["sum"])).toEqual({ ...idle, hasLooked: true })
  expect(look(["sum"])).toEqual({ ...idle, hasLooked: false })
  rmSync(rig.path("src/a.txt.swp"))
  rig.write("src/c.txt", "c\n")
  expect(look(["sum"]).evaluated).toBe(1)
  rmSync(rig.path("src/c.txt"))
  settle()
  expect(look(["sum"])).toMatchObject({ evaluated: 1 })
  const [notes = ""] = readdirSync(rig.path(".hashmake/graph")).filter((name) => name.endsWith(".globs"))
  for (const text of ["", "nonsense", "[]", JSON.stringify([{ pattern: "src/*.txt" }])]) {
    rig.write(`.hashmake/graph/${notes}`, text)
    rig.write("src/more.swp", text)
    expect(look(["sum"])).toMatchObject(idle)
  }
})

test("files that are replaced, as outputs are, and by editors, are no reason to look again; a link instead of one is", () => {
  const { rig, make, look } = watchedProject(buildfile)
  settle()
  make(["sum"])
  const replace = (make: (path: string) => void) => {
    make(rig.path("src/new"))
    renameSync(rig.path("src/new"), rig.path("src/a.txt"))
    settle()
  }
  replace((path) => writeFileSync(path, "aa\n"))
  expect(look(["sum"])).toMatchObject({ evaluated: 0, hasLooked: false })
  replace((path) => symlinkSync(".", path))
  expect(look(["sum"])).toMatchObject({ evaluated: 1, hasLooked: true })
})

test("a module that is edited while the build runs is noticed by the next one", () => {
  const { rig, make } = project()
  const edit = `    call: async ({ sum }, { count }) => {
      const { readFileSync, writeFileSync } = await import("node:fs")
      if (readFileSync("suffix.ts", "utf8").includes(".up")) writeFileSync("suffix.ts", 'export const suffix = ".UP"\\n')`
  const lines = buildfile.split("\n")
  const call = lines.findIndex((line) => line.includes("call:"))
  rig.write("Buildfile.ts", [...lines.slice(0, call), edit, ...lines.slice(call + 2)].join("\n"))
  settle()
  expect(make()).toMatchObject({ status: 0, evaluated: 1 })
  expect(existsSync(rig.path("out/debug/a.up"))).toBe(true)
  expect(make()).toMatchObject({ status: 0, evaluated: 1 })
  expect(existsSync(rig.path("out/debug/a.UP"))).toBe(true)
  expect(make()).toMatchObject({ evaluated: 0, built: [] })
})

test("a directory that the code seems to import is no reason to end with a stack", () => {
  const { rig, make } = project()
  rig.write("suffix.ts", 'export const suffix = ".up"\nexport const help = `copy it from "./src" or from "/"`\n')
  for (const built of [4, 0]) {
    const { status, stderr, built: ran } = make()
    expect([status, ran.length], stderr).toEqual([0, built])
  }
})

test("another PATH counts only as far as a tool was looked for in it", () => {
  const { rig, make } = project()
  rig.write("tools/up", "#!/bin/sh\ntr a-z A-Z\n")
  chmodSync(rig.path("tools/up"), 0o755)
  const within = (...directories: string[]) => ({ PATH: [...directories, process.env.PATH ?? ""].join(":") })
  make()
  settle()
  expect([make().evaluated, make(["all"], within(rig.path("tools"), "/nowhere")).evaluated]).toEqual([0, 0])
  rig.write("Buildfile.ts", buildfile.replace('"cat", "tr", "sort"', '"cat", "tr", "sort", "up"'))
  make(["all"], within(rig.path("tools")))
  settle()
  make(["all"], within(rig.path("tools")))
  expect(make(["all"], within(rig.path("tools"), "/nowhere")).evaluated).toBe(0)
  expect(make(["all"], within("/nowhere", rig.path("tools"))).evaluated).toBe(1)
})

test("what a rule that is no longer there made is removed, and nothing else is", () => {
  const { rig, make } = project()
  settle()
  make(["all"])
  make(["all", "MODE=release"])
  rig.write("out/debug/mine", "mine")
  rmSync(rig.path("src/b.txt"))
  make(["all"])
  expect(readdirSync(rig.path("out/debug")).sort()).toEqual(["a.up", "count", "mine", "sum"])
  expect(readdirSync(rig.path("out/release")).sort()).toEqual(["a.up", "b.up", "count", "sum"])
  rig.write("src/b.txt", "b\n")
  make(["sum"])
  expect(readdirSync(rig.path("out/debug")).sort()).toEqual(["a.up", "b.up", "count", "mine", "sum"])
})

test("where nothing is asked for, `default` is built; where there is none, help is shown", () => {
  const { rig, make } = project()
  settle()
  expect(make([]).built).toEqual([])
  rig.write("Buildfile.ts", buildfile.replace("return { all:", "return { default: sum, all:"))
  expect(make([])).toMatchObject({ status: 0, evaluated: 1 })
  expect(rig.read("out/debug/sum")).toBe("A\nB\nno word\n")
  expect(make([])).toMatchObject({ status: 0, evaluated: 0, built: [] })
})

test("what is remembered may be damaged anywhere: the build is right", () => {
  const { rig, make } = project()
  settle()
  make(["sum"])
  const [name = ""] = readdirSync(rig.path(".hashmake/graph"))
  const path = rig.path(`.hashmake/graph/${name}`)
  const whole = readFileSync(path)
  fc.assert(
    fc.property(fc.integer({ min: 0, max: whole.length - 1 }), fc.boolean(), fc.boolean(), (at, isCut, isEdited) => {
      if (isCut) writeFileSync(path, whole.subarray(0, at))
      else
        writeFileSync(
          path,
          Buffer.concat([whole.subarray(0, at), Buffer.from([~(whole[at] ?? 0) & 255]), whole.subarray(at + 1)]),
        )
      rig.write("src/a.txt", isEdited ? "c\n" : "a\n")
      expect(make(["sum"]).status).toBe(0)
      expect(rig.read("out/debug/sum")).toBe(isEdited ? "B\nC\nno word\n" : "A\nB\nno word\n")
    }),
    { numRuns: 15 },
  )
})

/** A project with generated headers: two users that find theirs by a depfile, one of them through a group. */
function withHeaders() {
  const rig = new Rig()
  rig.write("package.json", '{ "type": "module" }')
  rig.write(
    "Buildfile.ts",
    `
import { buildfile, copy, group, shell, source, target, tool, tree } from ${JSON.stringify(join(checkout, "lib/mod.ts"))}

const programs = tool({ name: "programs", programs: ["cat", "grep", "cut", "cp"] })
const joined = (path, after) => target({
  inputs: { from: source(path) },
  outputs: { to: "out/" + path },
  tools: [programs],
  run: ({ from }, { to }) => shell(
    "cat " + from + " >" + to + "; for name in $(grep -o 'include .*' " + from + " | cut -c9-); do cat $name >>" + to +
      "; echo " + to + ": $name >>" + to + ".d; done; echo " + to + ": >>" + to + ".d",
  ).depfile("out/" + path + ".d"),
  after,
})
export default buildfile({}, () => {
  const copied = (name) => target({
    inputs: { from: source(name) },
    outputs: { to: "gen/" + name },
    run: ({ from }, { to }) => copy(from, to),
  })
  const header = copied("a.h")
  const other = copied("b.h")
  const headers = target({
    inputs: { from: source("c.h") },
    outputs: { all: tree("gen/all") },
    tools: [programs],
    run: ({ from }, { all }) => shell("cp " + from + " " + all + "/c.h"),
  })
  const users = [joined("x.c", [group("headers", [header])]), joined("y.c", [header]), joined("z.c", [headers])]
  return { all: group("all", [...users, other]) }
})
`,
  )
  for (const name of ["a.h", "b.h", "c.h"]) rig.write(name, `${name}\n`)
  rig.write("x.c", "include gen/a.h\n")
  rig.write("y.c", "include gen/a.h\n")
  rig.write("z.c", "include gen/all/c.h\n")
  const make = (mode: string) => {
    const { status, stderr } = spawnSync(process.execPath, [join(checkout, "bin/build.ts"), "all", "--sandbox", mode], {
      ...{ cwd: rig.root, encoding: "utf8" },
      env: { ...process.env, HASHMAKE_STORE: rig.store },
    })
    const built = [...stderr.matchAll(/^built +(\S+)/gm)].map(([, name]) => name)
    return { status, stderr, built }
  }
  return { rig, make }
}

for (const mode of ["bwrap", "off"]) {
  test(`of a part of the graph, too, it is known who makes what is read, and who may read it (sandbox: ${mode})`, () => {
    const { rig, make } = withHeaders()
    settle()
    expect(make(mode)).toMatchObject({ status: 0 })
    settle()
    rig.write("x.c", "include gen/a.h\nmore\n")
    rig.write("y.c", "include gen/a.h\nmore\n")
    expect(make(mode)).toMatchObject({ status: 0, built: expect.arrayContaining(["out/x.c", "out/y.c"]) })
    rig.write("x.c", "include gen/b.h\n")
    const { status, stderr } = make(mode)
    expect(status).toBe(2)
    expect(stderr).toContain("reads `gen/b.h`, which another target makes")
  })

  test(`what is read of another's tree is followed, and must be needed (sandbox: ${mode})`, () => {
    const { rig, make } = withHeaders()
    settle()
    expect(make(mode)).toMatchObject({ status: 0 })
    settle()
    rig.write("c.h", "another\n")
    expect(make(mode)).toMatchObject({ status: 0, built: ["gen/all", "out/z.c"] })
    expect(rig.read("out/z.c")).toBe("include gen/all/c.h\nanother\n")
    rig.write("y.c", "include gen/all/c.h\n")
    const { status, stderr } = make(mode)
    expect(status).toBe(2)
    expect(stderr).toContain("reads `gen/all/c.h`, which another target makes")
  })
}

test("a journal that was cut short before what is remembered is told of no more than it holds", () => {
  const { rig, make } = project()
  settle()
  make(["sum"])
  settle()
  rmSync(rig.path("out/debug/sum"))
  const { size } = statSync(rig.path(".hashmake/journal"))
  truncateSync(rig.path(".hashmake/journal"), size - 100)
  expect(make(["sum", "--json"]).status).toBe(0)
  settle()
  const { stdout } = make(["sum", "--json"])
  const ended = stdout.split("\n").find((line) => line.includes('"build-ended"')) ?? "{}"
  expect(JSON.parse(ended)).toMatchObject({ counts: { "up-to-date": 3, restored: 0, built: 0 } })
})

test("what the store has lost is made again, though only a part of the graph is looked at", () => {
  const { rig, make } = project()
  settle()
  make(["sum"])
  settle()
  for (const room of ["blob", "tree"]) rmSync(join(rig.store, room), { recursive: true, force: true })
  rig.write("src/a.txt", "c\n")
  expect(make(["sum"])).toMatchObject({ status: 0 })
  expect(rig.read("out/debug/sum")).toBe("B\nC\nno word\n")
  rmSync(rig.store, { recursive: true })
  rig.write("src/a.txt", "d\n")
  expect(make(["sum"])).toMatchObject({ status: 0 })
  expect(rig.read("out/debug/sum")).toBe("B\nD\nno word\n")
})

test("of a file that came into an output directory alone it is known that something has to be done", () => {
  const { rig, make } = withHeaders()
  settle()
  expect(make("off").status).toBe(0)
  const [name = ""] = readdirSync(rig.path(".hashmake/graph"))
  const staleAmong = (path: string) => {
    const remembered = Remembered.open(rig.path(`.hashmake/graph/${name}`), rig.root)
    const stale = remembered === undefined ? [] : staleTargets(remembered, undefined, new Set([path]))
    const names = stale.map((number) => remembered?.record(number).plain.name)
    remembered?.close()
    return names
  }
  rig.write("gen/all/stray", "")
  rig.write("gen/stray", "")
  expect([staleAmong("gen/all/stray"), staleAmong("gen/stray")]).toEqual([["gen/all", "out/z.c", "all"], []])
})

/** A workspace of these rules, for which programs and the engine's words are there; `make` builds `all` without a sandbox. */
function withRules(rules: string) {
  const rig = new Rig()
  const mod = JSON.stringify(join(checkout, "lib/mod.ts"))
  rig.write("package.json", '{ "type": "module" }')
  rig.write(
    "Buildfile.ts",
    `import { buildfile, group, shell, source, target, tool } from ${mod}
const programs = tool({ name: "programs", programs: ["cat", "cp", "ls", "sleep", "mkdir"] })
const tools = [programs]
export default buildfile({}, ({}, { files }) => { ${rules} })
`,
  )
  const make = (environment: Record<string, string> = {}) => {
    const { status, stderr } = spawnSync(process.execPath, [join(checkout, "bin/build.ts"), "all", "--sandbox=off"], {
      ...{ cwd: rig.root, encoding: "utf8" },
      env: { ...process.env, HASHMAKE_STORE: rig.store, ...environment },
    })
    const built = [...stderr.matchAll(/^built +(\S+)/gm)].map(([, name]) => name)
    return { status, stderr, built }
  }
  return { rig, make }
}

test("a source that is edited between two of its readers, while a build runs, is built again by the next one", () => {
  const { rig, make } = withRules(`
    const from = source("in")
    const cat = (to, inputs = {}) =>
      target({ inputs: { from, ...inputs }, outputs: { to }, tools, run: ({ from }, { to }) => shell("cat " + from + " >" + to) })
    const first = cat("out/first")
    const edit = target({ inputs: { first: first.outputs.to, edit: source("edit") }, outputs: { to: "out/edit" }, tools,
      run: ({ edit }, { to }) => shell(". ./" + edit + "; cp " + edit + " " + to) })
    const last = cat("out/last", { edit: edit.outputs.to })
    return { all: group("all", [last]) }`)
  rig.write("in", "one")
  rig.write("edit", "printf two >in; sleep 0.1")
  settle()
  expect(make()).toMatchObject({ status: 0, built: ["out/first", "out/edit", "out/last"] })
  expect([rig.read("out/first"), rig.read("out/last")]).toEqual(["one", "two"])
  expect(make().built).toContain("out/first")
  expect(rig.read("out/first")).toBe("two")
  expect(make()).toMatchObject({ status: 0, built: [] })
  // Of a part of the graph as well, one that is no longer looked at.
  rig.write("edit", "printf three >in; sleep 0.1")
  expect(make().built).toContain("out/last")
  expect([rig.read("out/first"), rig.read("out/last")]).toEqual(["two", "three"])
  expect(make().built).toContain("out/first")
  expect(rig.read("out/first")).toBe("three")
})

test("a tool that a link leads to elsewhere, or that is found elsewhere since a link is gone, is another", () => {
  const { rig, make } = withRules(`
    const say = tool({ name: "say" })
    return { all: target({ outputs: { to: "out/said" }, tools: [say], run: (_, { to }) => shell("say >" + to) }) }`)
  const tool = (path: string, word: string) => {
    rig.write(path, `#!/bin/sh\necho ${word}\n`)
    chmodSync(rig.path(path), 0o755)
  }
  tool("tools/one", "one")
  tool("tools/two", "two")
  tool("last/say", "three")
  const link = (to: string) => {
    rmSync(rig.path("first/say"), { force: true })
    symlinkSync(rig.path(to), rig.path("first/say"))
  }
  mkdirSync(rig.path("first"))
  link("tools/one")
  const said = () => {
    settle()
    expect(make({ PATH: `${rig.path("first")}:${rig.path("last")}:${process.env.PATH}` }).status).toBe(0)
    return rig.read("out/said")
  }
  expect([said(), said()]).toEqual(["one\n", "one\n"])
  link("tools/two")
  expect([said(), said()]).toEqual(["two\n", "two\n"])
  rmSync(rig.path("first/say"))
  expect(said()).toBe("three\n")
})

test("a Buildfile, and a module, that a link leads to are what they lead to, with what these import", () => {
  const { rig, make } = withRules("")
  rig.write("shared/word.ts", 'export const word = "one"\n')
  rig.write("shared/said.ts", 'export { word } from "./word.ts"\n')
  rig.write("shared/Buildfile.ts", "")
  renameSync(rig.path("Buildfile.ts"), rig.path("shared/Buildfile.ts"))
  const text = rig
    .read("shared/Buildfile.ts")
    .replace(
      /=> \{.*\}\)/,
      '=> ({ all: target({ outputs: { to: "out/said" }, run: (_, { to }) => shell("echo " + word + " >" + to) }) }))',
    )
  rig.write("shared/Buildfile.ts", `import { word } from "./said.ts"\n${text}`)
  symlinkSync("shared/Buildfile.ts", rig.path("Buildfile.ts"))
  const said = () => {
    settle()
    expect(make()).toMatchObject({ status: 0 })
    return rig.read("out/said")
  }
  expect([said(), said()]).toEqual(["one\n", "one\n"])
  rig.write("shared/word.ts", 'export const word = "two"\n')
  expect(said()).toBe("two\n")
  rig.write("shared/Buildfile.ts", rig.read("shared/Buildfile.ts").replace('"echo "', '"echo is "'))
  expect(said()).toBe("is two\n")
})

test("a directory of a linked package that is called as a module is no reason to end with a stack", () => {
  const { rig, make } = project()
  rig.write(
    "packages/linked/package.json",
    '{ "name": "linked", "version": "1.0.0", "type": "module", "exports": "./index.js" }',
  )
  rig.write("packages/linked/index.js", 'export const suffix = ".up"\n')
  rig.write("packages/linked/chart.js/readme", "")
  mkdirSync(rig.path("node_modules"))
  symlinkSync("../packages/linked", rig.path("node_modules/linked"))
  rig.write("suffix.ts", 'export { suffix } from "linked"\n')
  settle()
  for (const evaluated of [1, 0]) expect(make()).toMatchObject({ status: 0, evaluated })
})

test("of a file that came into a directory that was read it is known that something has to be done", () => {
  const { rig, make } = withRules(`
    const list = target({ outputs: { to: "out/list" }, tools,
      run: (_, { to }) => shell("ls data >" + to + "; echo " + to + ": data >" + to + ".d").depfile(to + ".d") })
    return { all: list }`)
  rig.write("data/a", "")
  settle()
  expect(make().status).toBe(0)
  const [name = ""] = readdirSync(rig.path(".hashmake/graph"))
  rig.write("data/b", "")
  const remembered = Remembered.open(rig.path(`.hashmake/graph/${name}`), rig.root)
  expect(remembered === undefined ? [] : staleTargets(remembered, undefined, new Set(["data/b"]))).toHaveLength(1)
  remembered?.close()
})
