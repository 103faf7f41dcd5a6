// What people get wrong in a Buildfile, which is run without anybody having checked its types: each mistake is told where it is.

import { join } from "node:path"
import { expect, test } from "vitest"
import { build } from "../lib/exec/engine.ts"
import { evaluateTyped, importBuildfile } from "../lib/load/load.ts"
import {
  BuildError,
  buildfile,
  type CreateOptions,
  choice,
  createEngine,
  renderDiagnostic,
  several,
  target,
  text,
  write,
} from "../lib/mod.ts"
import { expectGolden } from "./golden.ts"
import { Rig } from "./rig.ts"

const rest = 'outputs: { to: "out/x" }, run: ({ from }, { to }) => copy(from, to)'
const given = 'inputs: { from: one.outputs.to }, outputs: { to: "out/x" }'

/** What the Buildfile does last, after it has declared `one`. */
const mistakes = [
  `return { all: target({ inputs: { from: "a.txt" }, ${rest} }) }`,
  `return { all: target({ inputs: { from: one }, ${rest} }) }`,
  `return { all: target({ inputs: { from: [one.outputs.to, one] }, ${rest} }) }`,
  `return { all: target({ inputs: { from: one.outputs.nothing }, ${rest} }) }`,
  `return { all: target({ inputs: one.outputs.to, ${rest} }) }`,
  `return { all: target({ inputs: { from: layers([one]) }, ${rest} }) }`,
  `return { all: target({ inputs: { from: source(5) }, ${rest} }) }`,
  `return { all: target({ input: { from: one.outputs.to }, ${rest} }) }`,
  `return { all: target({ name: 5, ${given}, run: ({ from }, { to }) => copy(from, to) }) }`,
  `return { all: target({ ${given}, tools: ["cat"], run: ({ from }, { to }) => copy(from, to) }) }`,
  `return { all: target({ ${given}, tools: cat, run: ({ from }, { to }) => copy(from, to) }) }`,
  `return { all: target({ ${given}, environment: { A: 5 }, run: ({ from }, { to }) => copy(from, to) }) }`,
  `return { all: target({ ${given}, after: [one.outputs.to], run: ({ from }, { to }) => copy(from, to) }) }`,
  "return { all: target({ inputs: { from: one.outputs.to }, outputs: { to: 5 }, run: () => shell(':') }) }",
  "return { all: target({ inputs: { from: one.outputs.to }, outputs: 'out/x', run: () => shell(':') }) }",
  `return { all: target({ ${given} }) }`,
  `return { all: target({ ${given}, run: () => shell(":"), call: async () => {} }) }`,
  `return { all: target({ ${given}, run: "cp" }) }`,
  `return { all: target({ ${given}, call: async () => {} }) }`,
  "return { all: group('all', [one.outputs.to]) }",
  "return { all: group('all', one) }",
  "return { all: group(['all'], [one]) }",
  "return { all: 'out/one' }",
  "return one",
  "return",
  "return Promise.resolve({ all: one })",
  "tool({ name: undefined })",
  "throw new Error('mine')",
  "throw 'mine'",
  `return { all: target({ ${given}, run: ({ from }, { to }) => "cp " + from }) }`,
  `return { all: target({ ${given}, run: ({ from }, { to }) => void copy(from, to) }) }`,
  `return { all: target({ ${given}, run: async ({ from }, { to }) => copy(from, to) }) }`,
  `return { all: target({ ${given}, run: ({ frm }, { to }) => copy(frm, to) }) }`,
  `return { all: target({ ${given}, run: ({ from }, outputs) => copy(from, outputs.out) }) }`,
  `return { all: target({ ${given}, run: ({ from }) => copy(from) }) }`,
  `return { all: target({ ${given}, tools: [cat], run: ({ from }) => command("cat", from, 5) }) }`,
  `return { all: target({ ${given}, run: () => { throw new Error("mine") } }) }`,
  `return { all: target({ ${given}, module: import.meta.url, call: async ({ frm }) => {} }) }`,
  `return { all: target({ ${given}, module: import.meta.url, parameters: { n: 1 }, call: async () => {} }) }`,
  `return { all: target({ ${given}, parameters: "1", run: ({ from }, { to }) => copy(from, to) }) }`,
  `return { all: target({ ${given}, jobserver: "pipe", module: import.meta.url, call: async () => {} }) }`,
  `return { all: target({ ${given}, session: () => command("true") }) }`,
  `return { all: target({ retries: 1, session: () => command("true") }) }`,
  `return { all: target({ ${given}, environment: { "A=B": "x" }, run: ({ from }, { to }) => copy(from, to) }) }`,
  `return { all: target({ ${given}, expectedMs: "5 s", run: ({ from }, { to }) => copy(from, to) }) }`,
  `return { all: target({ ${given}, machine: { memory: 5 }, run: ({ from }, { to }) => copy(from, to) }) }`,
  `return { all: target({ inputs: { from: layers([one.outputs.to]) }, ${rest} }) }`,
  "tool({ name: 'cat', program: ['cat'] })",
  "tool({ name: 'cat', programs: 'cat' })",
  "tool({ name: 'cat', programs: { cat: 'gcat' } })",
  "tool({ name: 'cat', files: ['usr/lib/cat'] })",
  "tool({ name: 'cat', debian: 'coreutils' })",
  "tool('cat')",
]

const texts = (mistake: string) => `
import { buildfile, command, copy, group, layers, shell, source, target, tool } from ${JSON.stringify(join(import.meta.dirname, "../lib/mod.ts"))}
const cat = tool({ name: "cat", debian: ["coreutils"] })
export default buildfile({}, () => {
  const one = target({ inputs: { from: source("a.txt") }, outputs: { to: "out/one" }, run: ({ from }, { to }) => copy(from, to) })
  ${mistake}
})
`

/** What a person is told. */
async function told(text: string): Promise<string> {
  const rig = new Rig()
  rig.write("a.txt", "a\n")
  rig.write("Buildfile.ts", text)
  rig.write("package.json", '{ "type": "module" }')
  try {
    const { targets } = evaluateTyped(await importBuildfile(rig.root), {}, rig.root)
    const { failures } = await build(Object.values(targets), { root: rig.root, store: rig.store })
    return failures.map(({ diagnostic }) => renderDiagnostic(diagnostic)).join("\n")
  } catch (thrown) {
    if (thrown instanceof BuildError) return renderDiagnostic(thrown.diagnostic)
    throw thrown
  }
}

test("what people get wrong in a Buildfile is told where it is, and what to write instead", async () => {
  const all: string[] = []
  for (const mistake of mistakes) all.push(`${mistake}\n${await told(texts(mistake))}\n`)
  expectGolden("mistakes", all.join("\n"))
})

test("a Buildfile that is declared wrongly is told so", async () => {
  const text = (declared: string) =>
    texts("return { all: one }")
      .replace("buildfile({}, () => {", declared)
      .replace(/\}\)\n$/, "}, 0)\n")
  expect(await told(text("buildfile(() => {"))).toContain("what `buildfile` is given for its variables is a function")
  expect(await told(text("(() => {"))).toContain("does not export a Buildfile")
})

test("what an engine is given is checked where it is given, and never passed over", async () => {
  const rig = new Rig()
  const own = { root: rig.root, store: rig.store }
  const one = target({ outputs: { to: "out/one" }, run: (_, { to }) => write(to, "one\n") })
  const variables = {
    MODE: choice(["debug", "release"], "mode"),
    PARTS: several(["a", "b"], [], "parts"),
    T: text("", ""),
  }
  const project = buildfile(variables, () => ({ one }))
  const engine = createEngine(own)
  // As JavaScript has it, which has no types.
  const loose = engine as unknown as Record<"load" | "build", (...given: unknown[]) => { readonly result: unknown }>
  const engines = [
    { slot: 4 },
    { slots: 0 },
    { slots: "4" },
    { memoryBytes: Number.NaN },
    { sandbox: "of" },
    { store: "" },
    { root: new URL("file:///") },
    { makeflags: 5 },
    null,
  ]
  const builds = [
    [one],
    [[one.outputs.to]],
    [["one"]],
    [[one], { keepgoing: true }],
    [[one], { dryRun: "no" }],
    [[one], { signal: new AbortController() }],
    [[one], { whole: "" }],
    [[one], "-k"],
  ]
  const loads = [
    [{ default: project }],
    [undefined],
    [project, { MODE: 7 }],
    [project, { MODE: "relase" }],
    [project, { PARTS: ["a", "c"] }],
    [project, { PARTS: 5 }],
    [project, { T: {} }],
    [project, "MODE=debug"],
  ]
  const works: (() => unknown)[] = [
    ...engines.map(
      (given) => () => createEngine(given === null ? (given as never) : { ...own, ...(given as CreateOptions) }),
    ),
    ...builds.map((given) => () => loose.build(...given).result),
    ...loads.map((given) => () => loose.load(...given)),
  ]
  const said: string[] = []
  for (const work of works) {
    const thrown = await Promise.resolve()
      .then(work)
      .catch((thrown) => thrown)
    said.push(thrown instanceof BuildError ? renderDiagnostic(thrown.diagnostic) : `${thrown}`)
  }
  expectGolden("mistakes-embedding", said.join("\n\n"))
})
