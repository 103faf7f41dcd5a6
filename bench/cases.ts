// What is measured: a graph, the state that it is brought to before each run, and what is aimed at (hashmake ÷ ninja).

import { appendFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { compiles, copies, type Graph, packages } from "./graphs.ts"
import type { Project } from "./project.ts"
import { projectGraph, projects } from "./projects.ts"
import type { Tool, Workspace } from "./tool.ts"

/** Something that can be measured. */
export interface Case {
  readonly name: string
  readonly about: string
  /** What is aimed at, as the issue puts it; by size where it differs. */
  readonly goal: string | Readonly<Record<number, string>>
  /** In actions; empty where the graph has its own. */
  readonly sizes: readonly number[]
  graph(size: number, scratch: string): Graph
  /** The tools that take part, each up to a size. */
  readonly tools: Readonly<Record<string, number>>
  /** Brings a workspace in which everything is built to where the run starts. `round` differs from run to run. */
  disturb(graph: Graph, tool: Tool, workspace: Workspace, round: number): void
  /** The time that counts ends with the first command, not with the build. */
  readonly isUntilFirstCommand?: boolean
  /** hashmake watches in the background, and is asked. */
  readonly isWatched?: boolean
}

const any = Number.POSITIVE_INFINITY
const native = { hashmake: any, ninja: any, make: 100_000, tup: 100_000, bazel: 10_000 }
const scripted = { wireit: 1000, turbo: 1000, nx: 1000, "nx, daemon": 1000, moon: 1000 }
const compiled = { hashmake: any, ninja: any, make: any }

const nothing = () => {}

function removeOutputs(graph: Graph, tool: Tool, { directory }: Workspace): void {
  const path = tool.outputPath ?? ((path: string) => path)
  for (const { output, rule } of graph.actions()) {
    rmSync(join(directory, path(output)), { force: true })
    if (graph.rules[rule]?.hasDepfile === true) rmSync(join(directory, path(`${output}.d`)), { force: true })
  }
}

function forgetAll(graph: Graph, tool: Tool, workspace: Workspace): void {
  removeOutputs(graph, tool, workspace)
  tool.forget(workspace)
}

/** Adds a line to the source that a graph names. tup takes what was changed in the same second for unchanged (and, on a tmpfs, everything). */
const edit =
  (text: (round: number) => string) =>
  (graph: Graph, _: Tool, { directory }: Workspace, round: number): void => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1100)
    appendFileSync(join(directory, graph.edited), text(round))
  }

const addLine = edit((round) => `line ${1000 + round}\n`)

/** The file that stamp.c writes: the time of a build's first command. */
export const stampFile = (scratch: string): string => join(scratch, "stamp")

export const cases: readonly Case[] = [
  {
    name: "nothing-packages",
    about: "nothing to do, 10 inputs an action",
    goal: { 1000: "Node's own start + 25 ms" },
    sizes: [1000],
    graph: (size) => packages(size, 10),
    tools: { "Node's own start": any, ...native, ...scripted },
    disturb: nothing,
  },
  {
    name: "nothing",
    about: "nothing to do",
    goal: { 10000: "≤ 1.5", 100000: "≤ 0.7", 1000000: "≤ 0.7, memory ≤ 0.6" },
    sizes: [1000, 10_000, 100_000],
    graph: (size) => copies(size),
    tools: native,
    disturb: nothing,
  },
  {
    name: "nothing-watched",
    about: "nothing to do, hashmake watching",
    goal: "≤ 0.1",
    sizes: [100_000],
    graph: (size) => copies(size),
    tools: { hashmake: any, ninja: any },
    disturb: nothing,
    isWatched: true,
  },
  {
    name: "first-command",
    about: "one source edited, up to the first command",
    goal: "≤ 1.0",
    sizes: [100_000],
    graph: (size) => copies(size, { program: "stamped-cp" }),
    tools: { hashmake: any, ninja: any, make: 100_000, tup: 100_000 },
    disturb(graph, tool, workspace, round) {
      addLine(graph, tool, workspace, round)
      rmSync(stampFile(workspace.scratch), { force: true })
    },
    isUntilFirstCommand: true,
  },
  {
    name: "edited-packages",
    about: "one source edited, 10 inputs an action",
    goal: "",
    sizes: [200],
    graph: (size) => packages(size, 10),
    tools: { ...native, ...scripted },
    disturb: addLine,
  },
  {
    name: "header",
    about: "a header edited that one in ten uses",
    goal: "≤ 1.05",
    sizes: [10_000],
    graph: (size) => compiles(size),
    tools: compiled,
    disturb: (graph, _, { directory }, round) =>
      writeFileSync(join(directory, graph.edited), `#define shared ${1000 + round}\n`),
  },
  {
    name: "cold",
    about: "cold, `cp`",
    goal: "≤ 0.85",
    sizes: [10_000],
    graph: (size) => copies(size),
    tools: { ...native, "hashmake, sandboxed": any },
    disturb: forgetAll,
  },
  {
    name: "cold-packages",
    about: "cold, 10 inputs an action",
    goal: "",
    sizes: [200],
    graph: (size) => packages(size, 10),
    tools: { ...native, ...scripted, "nx, daemon": 0 },
    disturb: forgetAll,
  },
  {
    name: "cold-builtin",
    about: "cold, copied by hashmake's own rule, by `cp` elsewhere",
    goal: "≤ 0.3",
    sizes: [10_000],
    graph: (size) => copies(size, { isBuiltin: true }),
    tools: { hashmake: any, ninja: any },
    disturb: forgetAll,
  },
  {
    name: "restored",
    about: "outputs deleted; restored by hashmake, built again elsewhere",
    goal: "≤ 0.5, ≥ 20,000 a second",
    sizes: [10_000],
    graph: (size) => copies(size),
    tools: { hashmake: any, ninja: any, make: any },
    disturb: removeOutputs,
  },
  {
    name: "restored-packages",
    about: "outputs deleted, 10 inputs an action",
    goal: "",
    sizes: [200],
    graph: (size) => packages(size, 10),
    tools: { hashmake: any, ninja: any, ...scripted, "nx, daemon": 0 },
    disturb: removeOutputs,
  },
  ...projects.flatMap(projectCases),
]

function projectCases(project: Project): readonly Case[] {
  const { name, extension, edit: added } = project
  const both = {
    goal: "≤ 1.02",
    sizes: [],
    graph: (_: number, scratch: string) => projectGraph(project, join(scratch, name)),
    tools: { ...compiled, "hashmake, sandboxed": any },
  }
  const language = extension === "c" ? "C" : "C++"
  return [
    { ...both, name: `${name}-cold`, about: `${name}'s own sources (${language}), cold`, disturb: forgetAll },
    { ...both, name: `${name}-edited`, about: `${name}'s own sources, one file edited`, disturb: edit(added) },
  ]
}
