// Long command lines: response files, with real programs and 20,000 real paths, and what is said without them.

import { spawnSync } from "node:child_process"
import { mkdirSync, writeFileSync } from "node:fs"
import { expect, test } from "vitest"
import { commandOf } from "../lib/exec/order.ts"
import { responseText, stepLabel } from "../lib/graph/command.ts"
import { compileCommandsOf } from "../lib/graph/compile-commands.ts"
import { command, inOrder, responseFile, shell, source, target, tool } from "../lib/mod.ts"
import { expectGolden } from "./golden.ts"
import { coreutils, Rig } from "./rig.ts"

const sandboxes = ["bwrap", "off"] as const
const clang = tool({ name: "clang", programs: { clang: ["clang-19", "clang"] }, debian: ["clang-19"] })
const llvmAr = tool({ name: "llvm-ar", programs: { "llvm-ar": ["llvm-ar-19", "llvm-ar"] }, debian: ["llvm-19"] })
const ar = tool({ name: "ar", debian: ["binutils"] })

/** So many files of the workspace, with names that a shell and a response file have to quote, too. */
function files(rig: Rig, count: number, stem = 'a longer name than most, of "one" file\\') {
  const directory = "some/directories/that/are/not/short/either"
  mkdirSync(rig.path(directory), { recursive: true })
  return Array.from({ length: count }, (_, i) => {
    const path = `${directory}/${stem}${i}`
    writeFileSync(rig.path(path), `${i}`)
    return source(path)
  })
}

// GNU ar's own time grows with the square: it gets fewer.
test.for([
  ["llvm-ar", 20_000, "off"],
  ["llvm-ar", 4000, "bwrap"],
  ["ar", 1000, "off"],
] as const)("real %s takes %i paths from a response file (%s)", async ([program, count, sandbox]) => {
  const rig = new Rig()
  const archive = target({
    name: "archive",
    inputs: { members: files(rig, count) },
    outputs: { archive: "out/lib.a" },
    tools: [program === "ar" ? ar : llvmAr],
    run: ({ members }, { archive }) => command(program, "qcSD", archive, responseFile(members)),
  })
  const { outcome, said } = await rig.build([archive], { sandbox })
  expect([outcome, said.filter((text) => text.startsWith("error"))]).toEqual(["done", []])
  const { stdout } = spawnSync("ar", ["t", rig.path("out/lib.a")], { encoding: "utf8", maxBuffer: 1 << 26 })
  expect(stdout.trimEnd().split("\n")).toHaveLength(count)
})

test.for(sandboxes)("real clang reads each word as it is (%s)", async (sandbox) => {
  const rig = new Rig()
  rig.write("a b/it's.c", "int main(void) { return sizeof(TEXT) - 1; }\n")
  const program = target({
    name: "program",
    inputs: { source: source("a b/it's.c") },
    outputs: { program: "out/program.s" },
    tools: [clang],
    run: ({ source }, { program }) =>
      command(
        "clang",
        "-S",
        responseFile(["-o", program, '-DTEXT="a \\"b\\" \'c\' \\\\ d"', "-x", "c", source, "-O1"]),
      ),
  })
  const { outcome, said } = await rig.build([program], { sandbox })
  expect([outcome, said.filter((text) => text.startsWith("error"))]).toEqual(["done", []])
  expect(rig.read("out/program.s")).toMatch(/movl\s+\$13, %eax|mov\s+w0, #13/)
})

test("a changed list is a changed key, and explained word by word", async () => {
  const rig = new Rig()
  const lists = (...words: readonly string[]) =>
    target({
      name: "lists",
      outputs: { to: "out/list" },
      tools: [coreutils],
      run: (_, { to }) => inOrder([command("touch", to), command("touch", "-c", responseFile(words))]),
    })
  await rig.build([lists()], { sandbox: "off" })
  const { events } = await rig.build([lists("-i")], { sandbox: "off", dryRun: true })
  const would = events.find(({ type }) => type === "would-run")
  expect(would).toMatchObject({
    reason: "its command changed",
    differences: [{ side: "now", line: '    "-i"', under: "step argv" }],
  })
})

test("an editor is told the words, and a person how many there are", () => {
  const object = target({
    name: "object",
    inputs: { source: source("a.c") },
    outputs: { object: "out/a.o" },
    run: ({ source }, { object }) => command("cc", responseFile(["-c", source, "-o", object])),
  })
  expect(commandOf(object).steps.map(stepLabel)).toEqual(["cc @(4 words)"])
  const [entry] = compileCommandsOf([object], "/w", (one) => commandOf(one))
  expect(entry).toEqual({
    directory: "/w",
    file: "a.c",
    output: "out/a.o",
    arguments: ["cc", "-c", "a.c", "-o", "out/a.o"],
  })
  expect(responseText(["plain", "", "a b", 'q"\\', "two\nlines"])).toBe('plain\n""\n"a b"\n"q\\"\\\\"\n"two\nlines"\n')
})

test.for(sandboxes)("without one, a command line that is too long is an error that says so (%s)", async (sandbox) => {
  const words = Array.from({ length: 70_000 }, (_, i) => `some/directory/with/a/name/${i}.o`)
  const long = (name: string, run: () => ReturnType<typeof shell>) =>
    target({ name, where: "Buildfile.ts:9", outputs: { to: `out/${name}` }, tools: [ar], run })
  const { said } = await new Rig().build(
    [long("lib", () => command("ar", ...words)), long("text", () => shell(`: ${"x".repeat(140_000)}`))],
    { sandbox, keepGoing: true, slots: 1 },
  )
  expectGolden("long-command", said.filter((text) => text.startsWith("error")).join("\n\n"), [[/most .*/g, "most …"]])
})

test.for(sandboxes)(
  "steps whose words are too long for one shell line together are run one by one (%s)",
  async (sandbox) => {
    const rig = new Rig()
    const words = Array.from({ length: 5000 }, (_, i) => `some/directory/with/a/name/${i}.o`)
    const many = target({
      name: "many",
      outputs: { to: "out/many" },
      tools: [coreutils, tool({ name: "echo", debian: ["coreutils"] })],
      run: (_, { to }) => inOrder([command("echo", ...words), command("touch", to)]),
    })
    expect(await rig.build([many], { sandbox })).toMatchObject({ failures: [] })
  },
)

test("of very many inputs in a sandbox each is what it was, and the workspace's stay as they are", async () => {
  const rig = new Rig()
  const inputs = files(rig, 150, "in")
  const spoils = target({
    name: "spoils",
    inputs: { inputs },
    outputs: { to: "out/to" },
    tools: [coreutils],
    run: ({ inputs }, { to }) =>
      shell(`cat ${inputs.join(" ")} >${to}; for one in ${inputs.join(" ")}; do rm $one; done`),
  })
  expect(await rig.build([spoils])).toMatchObject({ failures: [] })
  expect(rig.read("out/to")).toBe(inputs.map((_, i) => i).join(""))
  expect(inputs.map(({ path }) => rig.read(path))).toEqual(inputs.map((_, i) => String(i)))
})
