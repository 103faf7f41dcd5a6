// An engine: one store, one workspace, and builds in it. No global state: two engines in one process do not disturb each other.

import { availableParallelism, userInfo } from "node:os"
import { isAbsolute, join, resolve } from "node:path"
import { renderDiagnostic } from "../base/diagnostic.ts"
import { removeMeanwhile } from "../base/files.ts"
import {
  asideNotice,
  damagedJournalNotice,
  damagedStoreNotice,
  environmentValueError,
  type MissingTool,
  missingToolsError,
  noJobserverNotice,
  noSandboxNotice,
} from "../graph/errors.ts"
import type { BuildEvent } from "../graph/event.ts"
import { checkRoots, type Graph, graphOf, makersOf } from "../graph/graph.ts"
import type { Target } from "../graph/target.ts"
import { enter } from "../store/inuse.ts"
import { type Base, Journal } from "../store/journal.ts"
import { writeLater } from "../store/later.ts"
import { lacksInputs, type Part, partOf } from "../store/part.ts"
import type { Remembered } from "../store/remembered.ts"
import { staleTargets } from "../store/stale.ts"
import { Store } from "../store/store.ts"
import { noteCheckout, sweep } from "../store/sweep.ts"
import { checkAble } from "./able.ts"
import { Aside } from "./aside.ts"
import { removeStrays, type Whole } from "./clean.ts"
import { pipesIn, toolDirectories } from "./directories.ts"
import { keptError, systemError } from "./failure.ts"
import { installCommand } from "./install.ts"
import { connect } from "./jobserver.ts"
import { heardBy, Keeper, type Remember } from "./keeper.ts"
import type { Machinery } from "./machinery.ts"
import { parseMakeflags } from "./makeflags.ts"
import { Meter } from "./meter.ts"
import { noteModules } from "./modules.ts"
import { checkSandbox, fixedEnvironment } from "./sandbox.ts"
import { endLeftShells, Shells } from "./shells.ts"
import { Slots } from "./slots.ts"
import { type BuildResult, notBegun } from "./states.ts"
import { ToolRoots } from "./tool-root.ts"
import { sandboxTool, Toolbox } from "./tools.ts"
import { Walk, type WalkOptions } from "./walk.ts"
import { openWorkspace, type Workspace } from "./workspace.ts"

export interface EngineOptions {
  /** The workspace's directory, absolute. */
  readonly root: string
  /**
   * The store's directory, made when first needed. Default: `HASHMAKE_STORE`, or `hashmake` in the user's cache directory
   * (`XDG_CACHE_HOME`, or `~/.cache`). Engines and checkouts may share one.
   */
  readonly store?: string | undefined
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
  /**
   * `bwrap` (default): a command sees its declared inputs and tools and nothing else, by Linux user namespaces. `off`: it runs
   * unprotected, undeclared reads are not noticed, and nothing is shared with what ran in a sandbox. Where bubblewrap is not
   * installed, it is as if `off` were said, and a `notice` event says so.
   */
  readonly sandbox?: "bwrap" | "off" | undefined
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

/** Where the store is: `HASHMAKE_STORE`, or `hashmake` in the user's cache directory. Throws a BuildError for a path that is not absolute. */
export function storeDirectory(environment: NodeJS.ProcessEnv): string {
  const { HOME, XDG_CACHE_HOME = "", HASHMAKE_STORE = "" } = environment
  if (isAbsolute(HASHMAKE_STORE)) return resolve(HASHMAKE_STORE)
  // Each directory that one builds from would have a store of its own.
  if (HASHMAKE_STORE !== "") throw environmentValueError("HASHMAKE_STORE", HASHMAKE_STORE, "an absolute path")
  // The specification of base directories has one that is not absolute ignored.
  const cache = isAbsolute(XDG_CACHE_HOME) ? XDG_CACHE_HOME : join(HOME || userInfo().homedir, ".cache")
  return resolve(cache, "hashmake")
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
    if (part === undefined || lacksInputs(part, machinery.store)) return undefined
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
    return await new Walk(graph, machinery, {
      slots,
      keepGoing,
      dryRun,
      verbose,
      signal,
      emit,
      known,
      upToDate,
      makers,
    }).run()
  } finally {
    client?.close()
  }
}

interface OpeningOptions extends Pick<BuildOptions, "emit" | "signal"> {
  readonly variant?: string | undefined
  readonly base?: Base
}

/** Opens store and workspace, and closes what has to be closed. */
export async function withMachinery<T>(
  engine: EngineOptions,
  work: (machinery: Machinery) => Promise<T>,
  options: OpeningOptions = {},
): Promise<T> {
  try {
    return await opened(engine, work, options)
  } catch (thrown) {
    throw keptError(thrown, engine.root)
  }
}

async function opened<T>(
  engine: EngineOptions,
  work: (machinery: Machinery) => Promise<T>,
  { emit = () => {}, signal, variant, base }: OpeningOptions,
): Promise<T> {
  const { root, sandbox = "bwrap" } = engine
  const said = new Set<string>()
  const notice = (diagnostic: ReturnType<typeof damagedStoreNotice>) => {
    const text = renderDiagnostic(diagnostic)
    if (!said.has(text)) emit({ type: "notice", diagnostic })
    said.add(text)
  }
  const directory = engine.store ?? storeDirectory(process.env)
  const workspace = await openWorkspace(root, { emit, signal, base })
  let leave = () => {}
  try {
    const store = new Store(directory, (what, path) => notice(damagedStoreNotice(what, path)))
    leave = await useStore(store, workspace)
    if (workspace.journal.damagedLines > 0) notice(damagedJournalNotice(workspace.journal.damagedLines))
    const toolbox = new Toolbox(workspace.journal, process.env.PATH ?? "")
    const bwrap = sandbox === "off" ? undefined : toolbox.find(sandboxTool)?.programs[0]?.path
    if (bwrap === undefined) notice(noSandboxNotice())
    const own = (name: string) => join(root, ".hashmake", name)
    endLeftShells(own("shells"))
    const pipes = pipesIn(own("pipes"))
    const cleaning: Promise<void>[] = []
    const machinery: Machinery = {
      store,
      workspace,
      toolbox,
      toolRoots: new ToolRoots(store, workspace.journal),
      bwrap,
      modules: new Map(),
      shells: new Shells(own("shells"), root, fixedEnvironment),
      meter: new Meter(store.root),
      toolDirectory: toolDirectories(own("bin")),
      pipePath: pipes,
      // What cannot be removed now is swept away later: it is no reason for a build to fail.
      discard: (directory) => void cleaning.push(removeMeanwhile(directory).catch(() => {})),
      aside: new Aside(workspace, (path, directory) => notice(asideNotice(path, directory))),
      variant,
      checkSandbox: once(() => checkSandbox(bwrap ?? "")),
    }
    try {
      return await work(machinery)
    } finally {
      machinery.meter.close()
      await Promise.all([machinery.shells.close(), ...cleaning])
    }
  } finally {
    try {
      workspace.close()
    } finally {
      leave()
    }
  }
}

/** Says that this process uses the store for this workspace; gives how to say that it no longer does. */
async function useStore(store: Store, workspace: Workspace): Promise<() => void> {
  try {
    await sweep(store.root)
    noteCheckout(store.root, workspace.root)
    return await enter(store)
  } catch (thrown) {
    throw systemError(thrown, { workspace, store }, store.root)
  }
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}
