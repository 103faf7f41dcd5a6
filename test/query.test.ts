// What can be asked of a graph: query, pictures, explanations, and what editors need to know.

import { spawnSync } from "node:child_process"
import { cpSync, existsSync, mkdirSync, readdirSync, statSync, symlinkSync, utimesSync } from "node:fs"
import { join } from "node:path"
import fc from "fast-check"
import { expect, test } from "vitest"
import { digestOf } from "../lib/base/digest.ts"
import { changesOf } from "../lib/graph/change.ts"
import { type Graph, graphOf } from "../lib/graph/graph.ts"
import { manifestDifference, manifestOf } from "../lib/graph/manifest.ts"
import { command, group, shell, source, type Target, target } from "../lib/mod.ts"
import { expectGolden } from "./golden.ts"
import { Rig } from "./rig.ts"

const checkout = join(import.meta.dirname, "..")

const buildfile = `
import { buildfile, choice, command, group, inOrder, shell, source, target, tool, tree } from ${JSON.stringify(join(checkout, "lib/mod.ts"))}

const cc = tool({ name: "cc", programs: { cc: ["clang-19"] }, debian: ["clang-19"] })
const core = tool({ name: "coreutils", programs: ["cat", "cp"] })
const variables = { MODE: choice(["debug", "release"], "optimise or not") }

export default buildfile(variables, ({ MODE }) => {
  const flags = MODE === "debug" ? ["-O0", "-g"] : ["-O2"]
  const config = target({ name: "config", about: "the generated header", where: "Buildfile.ts:9", inputs: { from: source("config.in") },
    outputs: { header: "out/config.h" }, tools: [core], run: ({ from }, { header }) => shell("cat " + from + " >" + header) })
  const objects = ["main", "util"].map((stem) => target({ about: stem + ".c, compiled", where: "Buildfile.ts:11",
    inputs: { source: source("src/" + stem + ".c"), headers: [source("src/util.h"), config.outputs.header] },
    outputs: { object: "out/" + stem + ".o" }, tools: [cc],
    run: ({ source }, { object }) => command("cc", ...flags, "-Iout", "-include", "src/util.h", "-c", source, "-o", object) }))
  const app = target({ name: "program", about: "the program", inputs: { objects: objects.map((o) => o.outputs.object) },
    outputs: { program: "out/app" }, tools: [cc], run: ({ objects }, { program }) => command("cc", ...objects, "-o", program) })
  const pack = target({ name: "package", inputs: { app: app.outputs.program }, outputs: { tree: tree() }, tools: [core], environment: { MODE },
    run: ({ app }, { tree }) => shell("cp " + app + " " + tree + "/app") })
  const check = target({ name: "check", inputs: { pack: pack.outputs.tree }, after: [config], session: () => command("true") })
  const text = target({ name: "text", inputs: { from: source("config.in") }, outputs: { to: "out/text" }, tools: [core], environment: { MODE },
    run: ({ from }, { to }) => command("cp", ...(MODE === "debug" ? ["-v"] : ["-f", "-p"]), from, to) })
  return { app, check, all: group("all", [pack, check], "everything"), text, config }
})
`

function project() {
  const rig = new Rig()
  rig.write("Buildfile.ts", buildfile)
  rig.write("package.json", '{ "type": "module" }')
  rig.write("config.in", "#define SIZE 3\n")
  rig.write("src/util.h", "int twice(int);\n")
  rig.write("src/util.c", '#include "config.h"\nint twice(int n) { return 2 * n + SIZE; }\n')
  rig.write("src/main.c", "int main(void) { return twice(1); }\n")
  const environment = { ...process.env, HASHMAKE_STORE: rig.store, NO_COLOR: "1" }
  const runIn = (root: string, ...words: readonly string[]) =>
    spawnSync(process.execPath, [join(root, "bin/build.ts"), ...words], {
      cwd: rig.root,
      env: environment,
      encoding: "utf8",
    })
  const run = (...words: readonly string[]) => runIn(checkout, ...words)
  const said = (...words: readonly string[]) => {
    const { stdout, stderr } = run(...words)
    return stdout + stderr
  }
  const shown = (lines: readonly string[]) =>
    lines.map((words) => `$ build ${words}\n${said(...words.split(" "))}`).join("\n")
  return { rig, run, runIn, said, shown }
}

test("each question has its answer, one a line", () => {
  const { shown } = project()
  expectGolden(
    "query",
    shown([
      "query",
      "query targets",
      "query targets out/*.o co*",
      "query deps program",
      "query deps app out/main.o",
      "query rdeps config",
      "query rdeps src/util.c",
      "query rdeps config.in",
      "query path all src/main.c",
      "query path app config",
      "query path app app",
      "query inputs out/main.o package check",
      "query outputs app package all",
      "query sources app",
    ]),
  )
})

test("with --json each answer is an object", () => {
  const { said } = project()
  const [main] = said("query", "targets", "out/main.o", "--json").split("\n")
  expect(JSON.parse(main ?? "")).toEqual({
    target: "out/main.o",
    rule: "command",
    about: "main.c, compiled",
    where: "Buildfile.ts:11",
    needs: ["config"],
    inputs: [
      { input: "source", path: "src/main.c" },
      { input: "headers/0", path: "src/util.h" },
      { input: "headers/1", path: "out/config.h", from: "config", output: "header" },
    ],
    outputs: [{ output: "object", form: "file", path: "out/main.o" }],
  })
  expectGolden(
    "query-json",
    said("query", "path", "check", "src/main.c", "--json") + said("query", "outputs", "package", "--json"),
  )
})

test("costs are told of what is built, in the order in which it was", () => {
  const { said } = project()
  expect(said("query", "costs", "text")).toBe("")
  said("text", "out/main.o")
  const records = said("query", "costs", "text", "program", "--json")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))
  expect(records.map(({ target }) => target)).toEqual(["config", "out/main.o", "text"])
  expect(records.at(-1)).toEqual({
    target: "text",
    durationMs: expect.any(Number),
    sizeBytes: "#define SIZE 3\n".length,
    digests: { to: digestOf("#define SIZE 3\n") },
  })
  expect(said("query", "costs", "config")).toMatch(/^config\t[\d.]+ s\t-\t-\t15 B\t[0-9a-f]{12}\n$/)
})

test("what is asked wrongly is an error with the nearest name", () => {
  const { shown, run } = project()
  const wrong = [
    "query dpes app",
    "query deps",
    "query path app",
    "query deps out/mian.o",
    "query deps src/main.c",
    "query deps mian.o",
  ]
  const more = [
    "query deps nope*",
    "query path config app",
    "query path config src/main.c",
    "graph ap",
    "graph --format png",
    "graph -o",
  ]
  expectGolden("query-wrong", shown([...wrong, ...more]))
  expect(run("query", "deps").status).toBe(2)
})

test("asking reads and writes nothing in the workspace", () => {
  const { rig, said } = project()
  said("query", "deps", "app")
  said("graph", "--format", "dot")
  expect([existsSync(rig.path(".hashmake")), existsSync(rig.path("out")), existsSync(rig.path("log"))]).toEqual([
    false,
    false,
    false,
  ])
})

const empty = (name: string, needs: readonly Target[] = [], reads: readonly string[] = []): Target =>
  target({
    name,
    inputs: { needs: needs.map((need) => need.outputs.to as never), reads: reads.map(source) },
    outputs: { to: `out/${name}` },
    run: () => shell(""),
  })

/** a ← b ← d, a ← c ← d ← e, and f by itself. */
function diamond(): { graph: Graph; named: Readonly<Record<"a" | "b" | "c" | "d" | "e" | "f", Target>> } {
  const a = empty("a", [], ["x"])
  const b = empty("b", [a])
  const c = empty("c", [a], ["y"])
  const d = empty("d", [b, c])
  const e = empty("e", [d])
  const f = empty("f", [], ["x"])
  return { graph: graphOf([e, f]), named: { a, b, c, d, e, f } }
}

test("what a depfile has told counts once it is known: of a header, who reads it", () => {
  const { rig, said } = project()
  rig.write("src/util.h", '#include "deep.h"\nint twice(int);\n')
  rig.write("src/deep.h", "")
  rig.write("out/keep", "")
  expect(said("query", "rdeps", "src/deep.h")).toContain("no target, output or file that is read is named")
  rig.write(
    "Buildfile.ts",
    buildfile.replace(
      '"-c", source, "-o", object)',
      '"-MD", "-MF", object + ".d", "-c", source, "-o", object).depfile(object + ".d")',
    ),
  )
  said("out/main.o", "out/util.o")
  expect(said("query", "rdeps", "src/deep.h")).toBe("out/main.o\nout/util.o\nprogram\npackage\ncheck\nall\n")
  expect(said("query", "path", "app", "src/deep.h")).toBe("program\nout/main.o\nsrc/deep.h\n")
  expect(said("query", "inputs", "out/main.o", "--json")).toContain(
    '{"target":"out/main.o","discovered":true,"path":"src/deep.h"}',
  )
  expect(said("query", "sources", "app")).toContain("src/deep.h\n")
  rig.write("src/deep.h", "extern int deep;\n")
  expectGolden("explain-discovered", said("explain", "out/main.o"))
})

test("deps and rdeps are each other's inverse, and in an order of building", async () => {
  const { depsOf, rdepsOf } = await import("../lib/graph/query.ts")
  const { graph } = diamond()
  for (const one of graph.targets) {
    for (const other of graph.targets)
      expect(depsOf(graph, [one]).includes(other), `${one.name} ${other.name}`).toBe(
        rdepsOf(graph, [other]).includes(one),
      )
    const order = depsOf(graph, [one]).map((target) => graph.targets.indexOf(target))
    expect(order).toEqual(order.toSorted((p, q) => p - q))
  }
})

test("a path is a shortest one, and there is one exactly where there is a need", async () => {
  const { depsOf, pathBetween, thingName } = await import("../lib/graph/query.ts")
  const { graph, named } = diamond()
  for (const one of graph.targets) {
    for (const other of graph.targets)
      expect(pathBetween(one, other) !== undefined).toBe(one === other || depsOf(graph, [one]).includes(other))
  }
  expect(pathBetween(named.e, named.a)).toHaveLength(4)
  expect(pathBetween(named.e, source("y"))?.map(thingName)).toEqual(["e", "d", "c", "y"])
  expect(pathBetween(named.b, source("y"))).toBeUndefined()
})

test("patterns: a star stays within a name, two stars do not", async () => {
  const { matches } = await import("../lib/graph/query.ts")
  const fits = (pattern: string) => ["a.o", "axo", "out/a.o", "out/b/a.o"].filter(matches(pattern))
  expect(fits("*.o")).toEqual(["a.o"])
  expect(fits("**.o")).toEqual(["a.o", "out/a.o", "out/b/a.o"])
  expect(fits("out/?.o")).toEqual(["out/a.o"])
  expect(fits("out/**")).toEqual(["out/a.o", "out/b/a.o"])
})

test("a graph in Graphviz's language, and as JSON", () => {
  const { rig, said } = project()
  expectGolden("graph-dot", said("graph", "--format", "dot"))
  said("graph", "-o", "pictures/of.json", "app")
  const { wanted, targets } = JSON.parse(rig.read("pictures/of.json"))
  expect(wanted).toEqual(["program"])
  expect(targets.map(({ target }: { target: string }) => target)).toEqual([
    "config",
    "out/main.o",
    "out/util.o",
    "program",
  ])
})

test("a picture names every target, has an arrow for every need, and is light or dark", () => {
  const { said } = project()
  const svg = said("graph", "app")
  for (const name of ["config", "out/main.o", "out/util.o", "program"]) expect(svg).toContain(`>${name}</text>`)
  expect(svg.match(/class="edge"/g)).toHaveLength(4)
  expect(svg).toContain("color-scheme: light dark")
})

test("names that mean something to Graphviz or to XML are shown as they are", async () => {
  const { pictureOf } = await import("../lib/report/picture.ts")
  const svg = await pictureOf(graphOf([group('a "b" <c> & \\N {d|e}', [], "\\G ünïcode 日本")]), "svg")
  expect(svg).toContain("a &quot;b&quot; &lt;c&gt; &amp; \\N {d|e}</text>")
})

test("what is too large for a picture is refused; a program may have it", () => {
  const { rig, said, run } = project()
  const many = "Array.from({ length: 1001 }, (_, i) => target({ name: 't' + i, outputs: {}, run: () => shell('') }))"
  const imports = `import { buildfile, group, shell, target } from ${JSON.stringify(join(checkout, "lib/mod.ts"))}`
  rig.write("Buildfile.ts", `${imports}\nexport default buildfile({}, () => ({ all: group("all", ${many}) }))\n`)
  expectGolden("graph-large", said("graph"))
  expect(run("graph", "--format", "dot").status).toBe(0)
})

test("without the library that draws, a picture says what to install, and the rest works", () => {
  const { rig, runIn } = project()
  const without = join(rig.directory, "without")
  for (const room of ["bin", "lib"]) cpSync(join(checkout, room), join(without, room), { recursive: true })
  mkdirSync(join(without, "node_modules"))
  for (const name of readdirSync(join(checkout, "node_modules")).filter((name) => !/^(@viz-js|\..*)$/.test(name)))
    symlinkSync(join(checkout, "node_modules", name), join(without, "node_modules", name))
  cpSync(join(checkout, "package.json"), join(without, "package.json"))
  const { status, stderr } = runIn(without, "graph")
  expect(status).toBe(2)
  expectGolden("graph-no-library", stderr)
  expect(runIn(without, "graph", "--format", "dot").stdout).toBe(runIn(checkout, "graph", "--format", "dot").stdout)
})

test("editors learn how each file is compiled, with paths that are there", () => {
  const { rig, said } = project()
  expect(said("compile-commands")).toContain("compile_commands.json: 2 commands\n")
  const commands = JSON.parse(rig.read("compile_commands.json"))
  expect(commands).toEqual(
    ["main", "util"].map((stem) => ({
      directory: rig.root,
      file: `src/${stem}.c`,
      output: `out/${stem}.o`,
      arguments: [
        "clang-19",
        "-O0",
        "-g",
        "-Iout",
        "-include",
        "src/util.h",
        "-c",
        `src/${stem}.c`,
        "-o",
        `out/${stem}.o`,
      ],
    })),
  )
  rig.write("out/config.h", "#define SIZE 3\n")
  for (const {
    directory,
    arguments: [program, ...words],
  } of commands) {
    const { status, stderr } = spawnSync(program, [...words, "-fsyntax-only"], { cwd: directory, encoding: "utf8" })
    expect(status, stderr).toBe(0)
  }
})

test("a compilation database that has not changed is not written again; another mode's is", () => {
  const { rig, said } = project()
  said("compile-commands")
  utimesSync(rig.path("compile_commands.json"), 1, 1)
  expect(said("compile-commands")).toMatch(/^up to date/)
  expect(statSync(rig.path("compile_commands.json")).mtimeMs).toBe(1000)
  expect(said("compile-commands", "MODE=release", "out/main.o")).toContain(": 1 commands\n")
  expect(rig.read("compile_commands.json")).toContain('"-O2"')
})

test("explain says what was before and what is now: inputs, words of a command, variables", () => {
  const { rig, said } = project()
  said("text", "config")
  rig.write("config.in", "#define SIZE 4\n")
  expectGolden("explain-input", said("explain", "config", "text"))
  expectGolden("explain-command", said("explain", "text", "MODE=release"))
  const [first] = said("explain", "text", "MODE=release", "--json").split("\n")
  expect(JSON.parse(first ?? "")).toMatchObject({
    target: "text",
    reason: expect.stringContaining("its command"),
    needs: [],
    changes: [
      { what: "command", before: ["-v"], now: ["-f", "-p"] },
      { what: "variable", name: "MODE", before: ["debug"], now: ["release"] },
      {
        what: "input",
        name: "config.in",
        before: [expect.stringMatching(/^[0-9a-f]{64}$/)],
        now: [expect.any(String)],
      },
    ],
  })
})

const any = empty("any")

/** A manifest of inputs with these digests. */
const manifest = (digests: readonly number[]) =>
  manifestOf({
    sandbox: "bwrap",
    rule: { command: command("cc", ...digests.map((_, i) => `${i}.c`)) },
    environment: {},
    tools: [],
    inputs: digests.map((digest, i) => ({ name: `${i}.c`, form: "file", digests: [digestOf(String(digest))] })),
    outputs: [],
  })

test("a difference, put back, gives the other manifest; and its lines are in neither's common part", () => {
  const numbers = fc.array(fc.nat(3), { maxLength: 12 })
  fc.assert(
    fc.property(numbers, numbers, (first, second) => {
      const [before, now] = [manifest(first).split("\n"), manifest(second).split("\n")]
      const found = manifestDifference(before.join("\n"), now.join("\n"))
      const kept = (lines: readonly string[], side: "before" | "now") => {
        const rest = [...lines]
        for (const { line } of found.filter((one) => one.side === side)) rest.splice(rest.indexOf(line), 1)
        return rest.sort()
      }
      expect(kept(before, "before")).toEqual(kept(now, "now"))
      expect(found.length === 0).toBe(before.join() === now.join())
    }),
  )
})

test("of manifests with tens of thousands of inputs the changes are found, one or every other", () => {
  const many = Array.from({ length: 30_000 }, (_, i) => i)
  const one = manifestDifference(manifest(many), manifest(many.with(15_000, -1)))
  expect(one.map(({ side }) => side)).toEqual(["before", "now"])
  const half = changesOf(manifestDifference(manifest(many), manifest(many.map((n) => (n % 2 === 0 ? n : -n)))), any)
  expect(half).toHaveLength(15_000)
  expect(half[0]).toEqual({ what: "input", name: "1.c", before: [digestOf("1")], now: [digestOf("-1")] })
  const gone = changesOf(manifestDifference(manifest(many), manifest(many.slice(1000))), any)
  expect(gone.find(({ what }) => what === "command")?.before).toHaveLength(1000)
})

test("what stands in a shell text is part of the command, whatever it looks like", () => {
  const text = (script: string, parameters = "") =>
    manifestOf({
      sandbox: "bwrap",
      rule: parameters === "" ? { command: shell(script) } : { module: digestOf(""), parameters },
      environment: {},
      tools: [],
      inputs: [],
      outputs: [],
    })
  expect(changesOf(manifestDifference(text('input file "a" b\nx'), text('tool "c"\nx')), any)).toEqual([
    { what: "command", before: ['input file "a" b'], now: ['tool "c"'] },
  ])
  expect(changesOf(manifestDifference(text("", "one\ntwo"), text("", "one\nthree")), any)).toEqual([
    { what: "parameters", before: ["two"], now: ["three"] },
  ])
})

test("who reads only the beginning of an answer is told no more, and nothing goes wrong", () => {
  const { rig, run } = project()
  const many =
    "Array.from({ length: 3000 }, (_, i) => target({ name: 'a-name-that-is-long-enough/' + i, outputs: {}, run: () => shell('') }))"
  const imports = `import { buildfile, group, shell, target } from ${JSON.stringify(join(checkout, "lib/mod.ts"))}`
  rig.write("Buildfile.ts", `${imports}\nexport default buildfile({}, () => ({ all: group("all", ${many}) }))\n`)
  expect(run("query", "targets").stdout.length).toBeGreaterThan(65_536)
  const { stdout, stderr } = spawnSync(
    "sh",
    ["-c", `${process.execPath} ${join(checkout, "bin/build.ts")} query targets | head -n 1`],
    {
      cwd: rig.root,
      encoding: "utf8",
    },
  )
  expect([stdout, stderr]).toEqual(["a-name-that-is-long-enough/0\n", ""])
})

test("explain says where an input comes from that another target gives", () => {
  const { rig, said } = project()
  const text = (to: string) => `
import { buildfile, layers, shell, target, tree, write } from ${JSON.stringify(join(checkout, "lib/mod.ts"))}
export default buildfile({}, () => {
  const part = (name, text) => target({ name, outputs: { tree: tree() }, run: (_, { tree }) => write(tree + "/" + name, text) })
  const file = target({ name: "file", outputs: { to: "out/file" }, run: (_, { to }) => write(to, "${to}") })
  const all = target({ name: "all", inputs: { file: file.outputs.to, root: layers([part("one", "").outputs.tree, part("two", "${to}").outputs.tree]) },
    outputs: { to: "out/all" }, run: (_, { to }) => shell(": >" + to) })
  return { all }
})
`
  rig.write("Buildfile.ts", text("before"))
  said("all")
  rig.write("Buildfile.ts", text("now"))
  said("two")
  said("file")
  expectGolden("explain-from", said("explain", "all"))
})

test("explain says what would run because of what it needs, and that nothing would", () => {
  const { rig, said } = project()
  expectGolden("explain-needs", said("explain", "package"))
  said("config")
  expect(said("explain", "config")).toBe("everything is up to date\n")
  expect(said("explain", "config", "--json")).toBe("")
  expect(rig.read("out/config.h")).toContain("SIZE")
})
