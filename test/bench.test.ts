// The benchmarks' graphs: what is compared must be the same work.

import { mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest"
import { bootIn, bootsTable } from "../bench/boots.ts"
import { bootstrapTable } from "../bench/bootstrap.ts"
import { writeSources } from "../bench/formats.ts"
import { compiles, copies, type Graph, packages } from "../bench/graphs.ts"
import { compile, measure, run } from "../bench/measure.ts"
import { installSelf } from "../bench/package.ts"
import { table } from "../bench/report.ts"
import { withSection } from "../bench/section.ts"
import { buildCall, missing, type Workspace } from "../bench/tool.ts"
import { tools } from "../bench/tools.ts"

const count = 20
const shared = mkdtempSync(join(tmpdir(), "hashmake-bench-test-"))

beforeAll(() => installSelf(shared))

afterAll(() => rmSync(shared, { recursive: true, force: true }))

/** The tools that are here and can build the graph, each in a workspace of its own, in which it has built. */
function built(graph: Graph) {
  const scratch = mkdtempSync(join(tmpdir(), "hashmake-bench-test-"))
  onTestFinished(() => rmSync(scratch, { recursive: true, force: true }))
  symlinkSync(join(shared, "hashmake"), join(scratch, "hashmake"))
  return ["hashmake", "ninja", "make"].flatMap((name) => {
    const tool = tools.find((one) => one.name === name)
    if (tool === undefined) throw new Error(`there is no tool ${name}`)
    if ((tool.refuses(graph) ?? missing(tool, scratch)) !== undefined) return []
    const workspace: Workspace = { directory: join(scratch, `by-${name}`), scratch }
    writeSources(graph, workspace.directory)
    tool.write(graph, workspace)
    run(buildCall(tool, workspace))
    return [{ tool, workspace }]
  })
}

const outputs = (graph: Graph, { directory }: Workspace) =>
  [...graph.actions()].map(({ output }) => [output, readFileSync(join(directory, output)).toString("hex")])

const times = (graph: Graph, { directory }: Workspace) =>
  [...graph.actions()].map(({ output }) => statSync(join(directory, output), { bigint: true }).mtimeNs)

const graphs = [copies(count), copies(count, { isBuiltin: true }), packages(count, 10), compiles(count)]

test.each(graphs)("all tools build the same files of $name, and a second run of any does nothing", (graph) => {
  const all = built(graph)
  const [first, ...others] = all
  if (first === undefined) throw new Error("no tool is here")
  expect(outputs(graph, first.workspace)).toHaveLength(count)
  for (const { tool, workspace } of others)
    expect(outputs(graph, workspace), tool.name).toEqual(outputs(graph, first.workspace))
  for (const { tool, workspace } of all) {
    const before = times(graph, workspace)
    run(buildCall(tool, workspace))
    expect(times(graph, workspace), tool.name).toEqual(before)
  }
})

test.each(graphs)("an edited source of $name is built again by all tools, to the same files", (graph) => {
  const all = built(graph)
  const [first, ...others] = all
  if (first === undefined) throw new Error("no tool is here")
  const before = outputs(graph, first.workspace)
  for (const { tool, workspace } of all) {
    writeFileSync(join(workspace.directory, graph.edited), "#define shared 2\n")
    run(buildCall(tool, workspace))
  }
  const after = outputs(graph, first.workspace)
  expect(after).not.toEqual(before)
  for (const { tool, workspace } of others) expect(outputs(graph, workspace), tool.name).toEqual(after)
})

test("a table says each tool's medians, their ratios to ninja's and hashmake's, and who is absent", () => {
  const figures = (wallSeconds: number, cpuSeconds: number, memoryBytes: number) => [
    { wallSeconds, cpuSeconds, memoryBytes },
    { wallSeconds: wallSeconds * 3, cpuSeconds: cpuSeconds * 3, memoryBytes },
    { wallSeconds: wallSeconds / 3, cpuSeconds: cpuSeconds / 3, memoryBytes },
  ]
  const runs = [
    { tool: "hashmake", figures: figures(1, 2, 4e6) },
    { tool: "ninja", figures: figures(2, 8, 16e6) },
  ]
  const text = table({ name: "nothing", size: 100_000, runs, absent: { moon: "knows packages only" } })
  expect(text.split("\n").filter((line) => line.startsWith("|"))).toEqual([
    "| tool | wall s | CPU s | MB | wall ÷ ninja | CPU ÷ ninja | memory ÷ ninja | wall ÷ hashmake | actions a second | aim |",
    "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    "| hashmake | 1.000 | 2.000 | 4 | 0.50 | 0.25 | 0.25 | 1.00 | 100,000 | ≤ 0.7 |",
    "| ninja | 2.000 | 8.000 | 16 | 1.00 | 1.00 | 1.00 | 2.00 | 50,000 |  |",
    "| moon | knows packages only |  |  |  |  |  |  |  |  |",
  ])
})

test("what a command takes counts its descendants, also one that outlives its parent, as a sandbox's first process does", () => {
  const scratch = mkdtempSync(join(tmpdir(), "hashmake-bench-test-"))
  onTestFinished(() => rmSync(scratch, { recursive: true, force: true }))
  compile("measure.c", join(scratch, "measure"))
  const memory = (script: string) =>
    measure({ argv: ["sh", "-c", script], directory: scratch, environment: {} }, scratch).memoryBytes
  // tail keeps the one line that it reads, which has no end.
  const orphan = "sh -c 'head -c 64M /dev/zero | tail -n 1 >large & echo $! >pid'"
  expect(memory(`${orphan}; while kill -0 $(cat pid) 2>&-; do sleep 0.01; done`)).toBeGreaterThan(64e6)
  expect(memory("true")).toBeLessThan(64e6)
})

test("what the stages took is a table with a line for each package and each stage, in the place of the one before", () => {
  const cost = (target: string, durationMs: number, cpuMs?: number) => ({
    target,
    durationMs,
    ...(cpuMs === undefined ? {} : { cpuMs, peakBytes: 1 }),
    sizeBytes: 1000,
    digests: { tree: "0123456789abcdef" },
  })
  const table = bootstrapTable([
    cost("source/musl/unpack", 1),
    cost("stage1/musl", 60_000, 90_000),
    cost("stage1/clang-config", 20),
    cost("stage2/musl", 30_000, 45_000),
  ])
  expect(table.split("\n").slice(2)).toEqual([
    "| stage1 | musl | 1 min 30 s | 1 min 00 s | 1.0 kB | `0123456789ab` |",
    "| stage1 | clang-config |  | 0.0 s | 1.0 kB | `0123456789ab` |",
    "| **stage1** | **all** | 1 min 30 s | 1 min 00 s | 2.0 kB |  |",
    "| stage2 | musl | 45 s | 30 s | 1.0 kB | `0123456789ab` |",
    "| **stage2** | **all** | 45 s | 30 s | 1.0 kB |  |",
  ])
  const page = "# A page\n\n## First\n\nwords\n\n## Last\n\nwords\n"
  const once = withSection(page, "Figures", "old")
  expect(once).toBe(`${page}\n## Figures\n\nold\n`)
  expect(withSection(once, "Figures", "new")).toBe(`${page}\n## Figures\n\nnew\n`)
})

test("how soon systems are up is a table with a line for each system, from how their transcripts begin", () => {
  const transcript = (first: string) => `${first}\n\n[ 0.1] Linux on it from scratch: 3.1 s to boot\n`
  const boots = [
    transcript("default on x86_64-linux-musl from a CD by BIOS: 15.5 s to the login prompt"),
    transcript("default on x86_64-linux-musl from disk: 4.0 s to the login prompt"),
    transcript('hello on riscv64-linux-musl from disk: 2.1 s to "Hello, World!"'),
    transcript('default on x86_64-linux-musl from a medium of another system: 23.6 s to "no medium has live/0"'),
    transcript("a transcript of a version that did not say it"),
  ].flatMap((text) => bootIn(text) ?? [])
  expect(bootsTable(boots).split("\n")).toEqual([
    "| machine | system | a CD by BIOS | disk |",
    "|---|---|---:|---:|",
    "| `riscv64-linux-musl` | hello |  | 2.1 |",
    "| `x86_64-linux-musl` | default | 15.5 | 4.0 |",
  ])
})
