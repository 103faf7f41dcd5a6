// An engine: one store, one workspace, and builds in it. No global state: two engines in one process do not disturb each other.

import { availableParallelism } from "node:os"
import { type MissingTool, missingToolsError, noJobserverNotice } from "../graph/errors.ts"
import type { BuildEvent } from "../graph/event.ts"
import { checkRoots, type Graph, graphOf, makersOf } from "../graph/graph.ts"
import type { Target } from "../graph/target.ts"
import { Journal } from "../store/journal.ts"
import { writeLater } from "../store/later.ts"
import { lacksInputs, type Part, partOf } from "../store/part.ts"
import type { Remembered } from "../store/remembered.ts"
import { staleTargets } from "../store/stale.ts"
import { checkAble } from "./able.ts"
import { checkAhead } from "./ahead.ts"
import { removeStrays, type Whole } from "./clean.ts"
import { installCommand } from "./install.ts"
import { connect } from "./jobserver.ts"
import { heardBy, Keeper, type Remember } from "./keeper.ts"
import type { Machinery } from "./machinery.ts"
import { parseMakeflags } from "./makeflags.ts"
import { noteModules } from "./modules.ts"
import { type Places, withMachinery } from "./open.ts"
import { Slots } from "./slots.ts"
import { type BuildResult, notBegun } from "./states.ts"
import { sandboxTool, Toolbox } from "./tools.ts"
import { Walk, type WalkOptions } from "./walk.ts"

export interface EngineOptions extends Places {
  /**
   * How many actions run at once, and what each may start (`$JOBS`), from 1. Default: the processors, or what the jobserver in
   * `makeflags` has.
   */
  readonly slots?: number | undefined
  /** What actions that declare `memoryBytes` may use together. Default: what the machine has available when the first of them comes. */
  readonly memoryBytes?: number | undefined
  /**
   * `process.env.MAKEFLAGS` of a tool that builds under a make. If that has a jobserver, no more runs at once than there are tokens
   * free; where it cannot be reached, a `notice` event says so. A process has one job without a token: give this to one engine, which
   * builds one thing at a time. Default: no jobserver.
   */
  readonly makeflags?: string | undefined
}

export interface BuildOptions {
  readonly keepGoing?: boolean | undefined
  /** Run nothing; tell what would run, and why. */
  readonly dryRun?: boolean | undefined
  /** Tell what actions write as events. */
  readonly verbose?: boolean | undefined
  readonly signal?: AbortSignal | undefined
  readonly emit?: (event: BuildEvent) => void
  /** The whole graph that the targets are part of: what an earlier one of this variant had, and it has not, is removed. */
  readonly whole?: Whole | undefined
  /** Where to remember the graph once all of it is up to date, and what it was made from. */
  readonly remember?: Remember | undefined
}

/** What targets declare but this machine does not have. */
export function missingTools(
  graph: Graph,
  { sandbox = "bwrap" }: Pick<EngineOptions, "sandbox">,
): readonly MissingTool[] {
  checkRoots(graph)
  const toolbox = new Toolbox(new Journal(), process.env.PATH ?? "")
  return toolbox.missing(graph.targets, sandbox === "off" ? [] : [sandboxTool])
}

/** Builds targets. Throws a BuildError for what makes a build impossible; a failed action is in the result. */
export async function build(
  wanted: readonly Target[],
  engine: EngineOptions,
  options: BuildOptions = {},
): Promise<BuildResult> {
  const graph = graphOf(wanted)
  checkRoots(graph)
  noteModules(graph.targets.flatMap(({ action }) => (action?.rule.kind === "call" ? action.rule.module : [])))
  const work = async (machinery: Machinery) => {
    const missing = machinery.toolbox.missing(graph.targets)
    if (missing.length > 0) throw missingToolsError(missing, installCommand(missing))
    if (options.whole !== undefined && options.dryRun !== true) removeStrays(machinery.workspace, options.whole)
    const keeper = options.remember === undefined ? undefined : new Keeper(graph, machinery, options.remember)
    const result = await walk(graph, machinery, engine, { ...options, emit: heardBy(keeper, options.emit) })
    if (result.outcome === "done" && options.dryRun !== true) await keeper?.keep()
    return result
  }
  const started = performance.now()
  try {
    return await withMachinery(engine, work, { ...options, variant: options.whole?.variant })
  } catch (thrown) {
    // Cancelled while it waited for another build.
    if (!(thrown instanceof Error && thrown.name === "AbortError")) throw thrown
    const result = notBegun(graph.targets.filter(({ action }) => action !== undefined).length)
    const { outcome, counts } = result
    options.emit?.({ type: "build-ended", outcome, counts, tookMs: performance.now() - started })
    return result
  }
}

/** What is remembered of an earlier build, and which of its targets were found stale, if nothing was built since it was checked. */
export interface Recalled {
  readonly remembered: Remembered
  /** When it was begun to look, in ms of the system's clock. */
  readonly since: number
  readonly stale: readonly number[] | undefined
}

/**
 * Brings what is remembered up to date: only what is stale is looked at. Undefined where that cannot be told without the
 * Buildfile.
 */
export async function rebuild(
  recalled: Recalled,
  engine: EngineOptions,
  options: BuildOptions = {},
): Promise<BuildResult | undefined> {
  const { remembered, since } = recalled
  const work = async (machinery: Machinery) => {
    const part = stalePart(recalled, machinery.workspace.journal)
    if (part === undefined || lacksInputs(part, machinery.store, engine.root)) return undefined
    const { known, upToDate, makers } = part
    const result = await walk(part.graph, machinery, engine, { ...options, known, upToDate, makers })
    if (result.outcome === "done") writeLater(remembered, machinery.workspace.journal, since)
    return result
  }
  return withMachinery(engine, work, { ...options, variant: remembered.head.variant, base: remembered })
}

function stalePart({ remembered, stale }: Recalled, journal: Journal): Part | undefined {
  if (journal.base !== remembered || journal.damagedLines > 0) return undefined
  const isStrange = [...journal.since.targets].some((name) => remembered.targetAt(name) === undefined)
  if (isStrange && remembered.head.layered.length > 0) return undefined
  const isChecked = journal.mark()?.length === remembered.checked.length
  const now = isChecked ? (stale ?? staleTargets(remembered)) : staleTargets(remembered, journal.since)
  return partOf(remembered, now, (name) => journal.later(name))
}

type Walked = BuildOptions & Partial<Pick<WalkOptions, "known" | "upToDate" | "makers">>

async function walk(
  graph: Graph,
  machinery: Machinery,
  { slots: most, memoryBytes, makeflags = "" }: EngineOptions,
  options: Walked,
): Promise<BuildResult> {
  const { keepGoing = false, dryRun = false, verbose = false, emit = () => {} } = options
  const { signal = new AbortController().signal, known = new Map(), upToDate = 0 } = options
  const { makers = makersOf(graph.targets) } = options
  const { auth, jobs = Number.POSITIVE_INFINITY } = parseMakeflags(dryRun ? "" : makeflags)
  checkAble(graph, machinery)
  const client = auth === undefined ? undefined : connect(auth)
  if (auth !== undefined && client === undefined) emit({ type: "notice", diagnostic: noJobserverNotice() })
  try {
    const count = most ?? (client === undefined || !Number.isFinite(jobs) ? availableParallelism() : jobs)
    const slots = new Slots({ count, memoryBytes, client })
    const all = { slots, keepGoing, dryRun, verbose, signal, emit, known, upToDate, makers }
    if (!dryRun) await checkAhead(graph, machinery, all)
    return await new Walk(graph, machinery, all).run()
  } finally {
    client?.close()
  }
}
