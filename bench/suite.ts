// Measures one case: every tool gets a workspace with the same files and has built there once; then the runs of all tools take
// turns, in an order that differs from round to round, so that what else the machine does falls on all of them.

import { type ChildProcess, spawn } from "node:child_process"
import { createHash } from "node:crypto"
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { killGroup } from "../lib/base/process.ts"
import { type Case, stampFile } from "./cases.ts"
import { writeSources } from "./formats.ts"
import type { Graph } from "./graphs.ts"
import { environmentOf, type Figures, measure, run } from "./measure.ts"
import { buildCall, missing, type Tool, type Workspace } from "./tool.ts"
import { watching } from "./tools.ts"

/** A tool's runs, in the order in which they were made. */
export interface Runs {
  readonly tool: string
  readonly figures: readonly Figures[]
}

/** A case at one size, as it was measured, and why some tools are not in it. */
export interface Measurement {
  readonly name: string
  readonly size: number
  readonly runs: readonly Runs[]
  readonly absent: Readonly<Record<string, string>>
}

interface Taking {
  readonly tool: Tool
  readonly workspace: Workspace
  readonly figures: Figures[]
}

/** Keeps workspaces: several cases use the same graph. */
export class Suite {
  readonly #scratch: string
  readonly #say: (text: string) => void
  #round = 0

  /** `scratch` holds the compiled programs (see run.ts). */
  constructor(scratch: string, say: (text: string) => void) {
    this.#scratch = scratch
    this.#say = say
  }

  /** Measures a case, each tool `repeat` times. Throws an Error if hashmake has built what others have not. */
  measure(one: Case, size: number, tools: readonly Tool[], repeat: number): Measurement {
    const graph = one.graph(size, this.#scratch)
    const absent: Record<string, string> = {}
    const taking = tools.flatMap((tool) => {
      const why = this.#absence(one, graph, size, tool)
      if (why === undefined) return [this.#prepare(graph, tool)]
      if (why !== "") absent[tool.name] = why
      return []
    })
    const ready = this.#withoutFailures(taking, absent, ({ tool, workspace }) => {
      this.#say(`${one.name} ${size || ""} ${tool.name}: preparing`)
      this.#buildOnce(graph, tool, workspace)
    })
    const watchers = one.isWatched === true ? ready.flatMap((each) => this.#watch(each) ?? []) : []
    let left = ready
    for (let round = 0; round < repeat; round++) {
      this.#round++
      const turn = left.map((_, i) => left[(i + round) % left.length] as Taking)
      left = this.#withoutFailures(turn, absent, (each) => each.figures.push(this.#runOnce(one, graph, each)))
    }
    for (const watcher of watchers) killGroup(watcher, "SIGTERM")
    const sound = agreeing(graph, left, absent)
    const order = (a: Taking, b: Taking) => tools.indexOf(a.tool) - tools.indexOf(b.tool)
    const runs = sound.sort(order).map(({ tool, figures }) => ({ tool: tool.name, figures }))
    return { name: one.name, size, runs, absent }
  }

  /** Why a tool does not take part; empty if that need not be said. */
  #absence(one: Case, graph: Graph, size: number, tool: Tool): string | undefined {
    const most = one.tools[tool.name] ?? 0
    if (most === 0) return ""
    if (size > most) return `not tried above ${most}`
    return tool.refuses(graph) ?? missing(tool, this.#scratch)
  }

  #prepare(graph: Graph, tool: Tool): Taking {
    const directory = join(this.#scratch, graph.name, tool.name.replaceAll(/\W+/g, "-"))
    return { tool, workspace: { directory, scratch: this.#scratch }, figures: [] }
  }

  /** Everything is built, and what is written a moment later is not taken for part of it. */
  #buildOnce(graph: Graph, tool: Tool, workspace: Workspace): void {
    const mark = `${workspace.directory}.built`
    if (!existsSync(mark)) {
      mkdirSync(workspace.directory, { recursive: true })
      writeSources(graph, workspace.directory)
      tool.write(graph, workspace)
      run(buildCall(tool, workspace))
      writeFileSync(mark, "")
    }
    run(buildCall(tool, workspace))
  }

  #runOnce(one: Case, graph: Graph, { tool, workspace }: Taking): Figures {
    one.disturb(graph, tool, workspace, this.#round)
    run({ argv: ["sync"], directory: this.#scratch, environment: {} })
    const isAsked = one.isWatched === true && tool.from === "here"
    const argv = tool.argv(workspace)
    const call = buildCall(tool, workspace, isAsked ? [...argv, watching.ask] : argv)
    const { startedNs, ...figures } = measure(call, this.#scratch)
    this.#say(`${one.name} ${tool.name}: ${figures.wallSeconds.toFixed(3)} s, CPU ${figures.cpuSeconds.toFixed(3)} s`)
    if (one.isUntilFirstCommand !== true) return figures
    const stamped = BigInt(readFileSync(stampFile(this.#scratch), "utf8").trim())
    return { ...figures, wallSeconds: Number(stamped - startedNs) / 1e9 }
  }

  /** Starts what watches, and waits until it says that it does. */
  #watch({ tool, workspace }: Taking): ChildProcess | undefined {
    if (tool.from !== "here") return undefined
    const argv = tool.argv(workspace).filter((word) => word !== "-q")
    const call = buildCall(tool, workspace, [...argv, watching.start])
    const [program = "", ...words] = call.argv
    const said = join(this.#scratch, "watching")
    const log = openSync(said, "w")
    const options = { cwd: call.directory, env: environmentOf(call), detached: true } as const
    const child = spawn(program, words, { ...options, stdio: ["ignore", "ignore", log] })
    closeSync(log)
    while (!readFileSync(said, "utf8").includes(watching.says)) {
      if (readFileSync(`/proc/${child.pid}/stat`, "utf8").includes(") Z "))
        throw new Error(`nobody watches: ${readFileSync(said, "utf8")}`)
      run({ argv: ["sleep", "0.1"], directory: this.#scratch, environment: {} })
    }
    return child
  }

  /** What can be done for each; those for which it cannot are said to be absent. */
  #withoutFailures(all: readonly Taking[], absent: Record<string, string>, work: (each: Taking) => void): Taking[] {
    return all.filter((each) => {
      try {
        work(each)
        return true
      } catch (thrown) {
        this.#say(`${each.tool.name}: ${(thrown as Error).message}`)
        absent[each.tool.name] = `failed: ${(thrown as Error).message.trim().split("\n").at(-1)?.slice(0, 80)}`
        return false
      }
    })
  }
}

/** Those that have built what the first of ninja and the others has; why the rest is left out is put into `absent`. */
function agreeing(graph: Graph, all: readonly Taking[], absent: Record<string, string>): Taking[] {
  const digests = new Map(all.map((each) => [each, digestOfOutputs(graph, each)]))
  const judge = all.find(({ tool }) => tool.name === "ninja") ?? all[0]
  const expected = judge === undefined ? undefined : digests.get(judge)
  return all.filter((each) => {
    const { name, from, buildsNothing } = each.tool
    if (buildsNothing === true || digests.get(each) === expected) return true
    if (from === "here") throw new Error(`${name} has built other files of ${graph.name} than ${judge?.tool.name}`)
    absent[name] = "failed: built other files"
    return false
  })
}

function digestOfOutputs(graph: Graph, { tool, workspace: { directory } }: Taking): string {
  if (tool.buildsNothing === true) return ""
  const sum = createHash("sha256")
  for (const { output } of graph.actions())
    sum.update(readFileSync(join(directory, tool.outputPath?.(output) ?? output)))
  return sum.digest("hex")
}
