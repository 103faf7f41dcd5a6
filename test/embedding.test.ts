// The engine inside another program: through lib/mod.ts alone.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { expect, expectTypeOf, test } from "vitest"
import {
  BuildError,
  type BuildEvent,
  buildfile,
  choice,
  command,
  copy,
  createEngine,
  type Engine,
  group,
  type Input,
  several,
  shell,
  source,
  type Target,
  target,
  tool,
  write,
} from "../lib/mod.ts"
import { coreutils, Rig } from "./rig.ts"

const project = buildfile(
  { MODE: choice(["debug", "release"], "mode"), PARTS: several(["a", "b", "c"], ["a"], "parts") },
  ({ MODE, PARTS }, { files }) => {
    const parts = PARTS.map((part) =>
      target({ outputs: { to: `out/${MODE}/${part}` }, run: (_, { to }) => write(to, `${MODE} ${part}\n`) }),
    )
    const all = target({
      inputs: { parts: parts.map(({ outputs }) => outputs.to), texts: files("src/*.txt") },
      outputs: { to: `out/${MODE}/all` },
      tools: [coreutils],
      run: ({ parts, texts }, { to }) => shell(`cat ${[...parts, ...texts].join(" ")} >${to}`),
    })
    return { all }
  },
)

test("a project is loaded with typed values, and a build tells its events and its result", async () => {
  const rig = new Rig()
  rig.write("src/x.txt", "x\n")
  const engine = createEngine({ root: rig.root, store: rig.store })
  const { all } = engine.load(project, { MODE: "release", PARTS: ["a", "c"] })
  const build = engine.build([all])
  const types: string[] = []
  for await (const event of build.events) types.push(event.type)
  const { outcome, counts, failures } = await build.result
  expect({ outcome, built: counts.built, failures }).toEqual({ outcome: "done", built: 3, failures: [] })
  expect([types[0], types.at(-1)]).toEqual(["build-started", "build-ended"])
  expect(rig.read("out/release/all")).toBe("release a\nrelease c\nx\n")
})

test("types are exact: a value that there is not does not compile", () => {
  const engine = createEngine()
  const { all } = engine.load(project)
  expectTypeOf(all.outputs.to.name).toEqualTypeOf<string>()
  // @ts-expect-error: the output is called `to`
  expect(all.outputs.program).toBeUndefined()
  // @ts-expect-error: no such mode
  expect(() => engine.load(project, { MODE: "fast" })).toThrow(BuildError)
  // @ts-expect-error: no such variable
  expect(() => engine.load(project, { MODUS: "debug" })).toThrow(/there is no variable/)
  // @ts-expect-error: there is no input `to`
  target({ inputs: { from: source("a") }, outputs: { to: "b" }, run: ({ to }) => command("cp", to) })
})

test("types are as wide as what works: an undefined option is one that is not given, and a list of known length is one", () => {
  const given: { signal?: AbortSignal; store?: string; about?: string; slots?: number; PARTS?: readonly "a"[] } = {}
  const engine = createEngine({ store: given.store, memoryBytes: given.slots, sandbox: undefined })
  const { all } = engine.load(project, { MODE: undefined, PARTS: given.PARTS })
  const options: Parameters<Engine["build"]>[1] = { signal: given.signal, keepGoing: undefined, whole: given.store }
  expect([all.name, options.keepGoing]).toEqual(["out/debug/all", undefined])
  target({
    about: given.about,
    slots: given.slots,
    inputs: { pair: [source("a"), source("b")] },
    outputs: { to: "out/pair" },
    run: ({ pair: [one, other] }, { to }) => command("diff", one, other, to),
  })
})

test("types are as narrow: what may be a list is not taken for one path, and a default is a value", () => {
  const either = source("a") as Input | readonly Input[]
  target({
    inputs: { either },
    outputs: { to: "out/x" },
    // @ts-expect-error: it may be a list
    run: ({ either }, { to }) => copy(either, to),
  })
  // @ts-expect-error: no such part
  expect(several(["a", "b"], ["c"], "parts").default).toBe("c")
})

test("two engines in one process, with variants side by side, do not disturb each other", async () => {
  const rig = new Rig()
  rig.write("src/x.txt", "x\n")
  mkdirSync(rig.path("other/src"), { recursive: true })
  const engines = [rig.root, join(rig.root, "other")].map((root) => createEngine({ root, store: rig.store, slots: 1 }))
  const builds = engines.flatMap((engine) =>
    (["debug", "release"] as const).map((MODE) => engine.build([engine.load(project, { MODE }).all]).result),
  )
  expect((await Promise.all(builds)).map(({ outcome }) => outcome)).toEqual(["done", "done", "done", "done"])
  expect(rig.read("out/debug/all")).toBe("debug a\nx\n")
  expect(rig.read("other/out/release/all")).toBe("release a\n")
})

test("a signal cancels a build; a build that was cancelled before it began runs nothing", async () => {
  const rig = new Rig()
  const engine = createEngine({ root: rig.root, store: rig.store })
  const slow = target({
    outputs: { to: "out/slow" },
    tools: [coreutils],
    run: (_, { to }) => shell(`touch ${to}; sleep 1000`),
  })
  const controller = new AbortController()
  const build = engine.build([slow], { signal: controller.signal })
  for await (const event of build.events) if (event.type === "state" && event.state === "running") controller.abort()
  expect((await build.result).outcome).toBe("cancelled")
  const { outcome, counts } = await engine.build([slow], { signal: AbortSignal.abort() }).result
  expect([outcome, counts.cancelled]).toEqual(["cancelled", 1])
})

test("events that nobody asked for in time, or that somebody else reads, end with the build", async () => {
  const rig = new Rig()
  const engine = createEngine({ root: rig.root, store: rig.store })
  const text = target({ outputs: { to: "out/x" }, run: (_, { to }) => write(to, "x\n") })
  const typesOf = async (events: AsyncIterable<BuildEvent>) => {
    const types: string[] = []
    for await (const { type } of events) types.push(type)
    return types
  }
  const late = engine.build([text])
  await late.result
  expect(await typesOf(late.events)).toEqual([])
  const shared = engine.build([text])
  const [one, other] = await Promise.all([typesOf(shared.events), typesOf(shared.events)])
  expect([...one, ...other].sort()).toEqual(["build-ended", "build-started", "state", "state", "state"])
  const left = engine.build([text])
  for await (const _ of left.events) break
  expect(await typesOf(left.events)).toEqual([])
  expect((await left.result).outcome).toBe("done")
})

test("a build that is cancelled while it waits for another is cancelled, and says so", async () => {
  const rig = new Rig()
  const engine = createEngine({ root: rig.root, store: rig.store })
  const going = Promise.withResolvers<void>()
  const long = target({
    outputs: { to: "out/long" },
    module: import.meta.url,
    call: async (_, { to }) => {
      await going.promise
      writeFileSync(to, "")
    },
  })
  const text = target({ outputs: { to: "out/x" }, run: (_, { to }) => write(to, "x\n") })
  const first = engine.build([long])
  for await (const event of first.events) if (event.type === "state" && event.state === "running") break
  const controller = new AbortController()
  const second = engine.build([text, group("with it", [text])], { signal: controller.signal })
  const types: string[] = []
  for await (const event of second.events) {
    types.push(event.type)
    if (event.type === "waiting") controller.abort()
  }
  const { outcome, counts, failures } = await second.result
  expect({ outcome, cancelled: counts.cancelled, failures }).toEqual({
    outcome: "cancelled",
    cancelled: 1,
    failures: [],
  })
  expect(types).toEqual(["waiting", "build-ended"])
  going.resolve()
  expect((await first.result).outcome).toBe("done")
})

test("a failed action is in the result; an impossible build rejects", async () => {
  const rig = new Rig()
  const engine = createEngine({ root: rig.root, store: rig.store })
  const bad = target({ name: "bad", outputs: { x: "out/x" }, run: () => shell("exit 3") })
  const { outcome, failures } = await engine.build([bad]).result
  expect([outcome, failures[0]?.diagnostic.what]).toEqual(["failed", "`bad` failed: `exit 3` exited with 3"])
  const twice = [group("same", []), group("same", [bad])]
  await expect(engine.build(twice).result).rejects.toThrow(BuildError)
  const tools = [tool({ name: "none-such", debian: ["none-such-package"] })]
  const toolless = target({ outputs: { x: "out/x" }, tools, run: (_, { x }) => shell(`none-such >${x}`) })
  const { diagnostic } = (await engine.build([toolless]).result.catch((thrown) => thrown)) as BuildError
  expect([diagnostic.what, diagnostic.help]).toEqual([
    "a tool is missing: `none-such`",
    expect.stringContaining("none-such-package"),
  ])
})

test("a group that says its members by a function is asked once, when it is wanted", async () => {
  const rig = new Rig()
  const engine = createEngine({ root: rig.root, store: rig.store })
  const text = (name: string) => target({ outputs: { to: `out/${name}` }, run: (_, { to }) => write(to, `${name}\n`) })
  let asked = 0
  const many = group("many", () => {
    asked++
    return [text("a"), text("b")]
  })
  await engine.build([text("c")]).result
  expect(asked).toBe(0)
  expect((await engine.build([many]).result).counts.built).toBe(2)
  expect((await engine.build([many]).result).counts.built).toBe(0)
  expect(asked).toBe(1)
  const wrong = group("wrong", () => ["a"] as never)
  await expect(engine.build([wrong]).result).rejects.toThrow("`wrong`")
})

test("what targets left that a project no longer has is removed, if the embedder says what is the whole of it", async () => {
  const rig = new Rig()
  const engine = createEngine({ root: rig.root, store: rig.store })
  const text = (name: string) => target({ outputs: { to: `out/${name}` }, run: (_, { to }) => write(to, `${name}\n`) })
  const left = () => ["a", "b", "c"].filter((name) => existsSync(rig.path(`out/${name}`))).join(" ")
  await engine.build([text("a"), text("b")], { whole: "letters" }).result
  await engine.build([text("c")], { whole: "others" }).result
  expect(left()).toBe("a b c")
  await engine.build([text("b")]).result
  await engine.build([text("b")], { whole: "letters", dryRun: true }).result
  expect(left()).toBe("a b c")
  rig.write("out/a", "edited\n")
  await engine.build([text("b")], { whole: "letters" }).result
  expect(left()).toBe("a b c")
  await engine.build([text("a"), text("b")], { whole: "letters" }).result
  await engine.build([text("b")], { whole: "letters" }).result
  expect(left()).toBe("b c")
})

test("what a target made stays once it is a source, whether that is declared or learnt", async () => {
  const rig = new Rig()
  const engine = createEngine({ root: rig.root, store: rig.store })
  const made = ["gen/a", "gen/b"].map((path) => target({ outputs: { to: path }, run: (_, { to }) => write(to, path) }))
  const uses = (...after: readonly Target[]) =>
    target({
      after,
      outputs: { to: "out/learnt" },
      module: import.meta.url,
      parameters: String(after.length),
      call: async (_, { to }, { need }) => writeFileSync(to, readFileSync(need("gen/b"))),
    })
  await engine.build([...made, uses(...made)], { whole: "all" }).result
  const reads = target({
    inputs: { from: source("gen/a") },
    outputs: { to: "out/y" },
    run: ({ from }, { to }) => copy(from, to),
  })
  const { outcome } = await engine.build([reads, uses()], { whole: "all" }).result
  expect([outcome, rig.read("out/y"), rig.read("out/learnt")]).toEqual(["done", "gen/a", "gen/b"])
})
