// An engine: one store, one workspace, and builds in it. No global state: two engines in one process do not disturb each other.

import { readdirSync } from "node:fs"
import { rm } from "node:fs/promises"
import { homedir } from "node:os"
import { join, resolve } from "node:path"
import { renderDiagnostic } from "../base/diagnostic.ts"
import { statIfThere } from "../base/files.ts"
import { damagedJournalNotice, damagedStoreNotice, type MissingTool, noSandboxNotice } from "../graph/errors.ts"
import type { BuildEvent } from "../graph/event.ts"
import { type Graph, graphOf } from "../graph/graph.ts"
import type { Target } from "../graph/target.ts"
import { Journal } from "../store/journal.ts"
import { Store } from "../store/store.ts"
import type { Machinery } from "./machinery.ts"
import { checkSandbox } from "./sandbox.ts"
import { sandboxTool, Toolbox } from "./tools.ts"
import { type BuildResult, Walk } from "./walk.ts"
import { keptMark, openWorkspace } from "./workspace.ts"

export interface EngineOptions {
  /** The workspace's directory, absolute. */
  readonly root: string
  /** The store's directory; default: `storeDirectory(process.env)`. */
  readonly store?: string
  /** How many actions run at once, and what each may start (`$JOBS`). */
  readonly slots: number
  readonly sandbox?: "bwrap" | "off"
}

export interface BuildOptions {
  readonly keepGoing?: boolean
  /** Run nothing; tell what would run, and why. */
  readonly dryRun?: boolean
  /** Tell what actions write as events. */
  readonly verbose?: boolean
  readonly signal?: AbortSignal
  readonly emit?: (event: BuildEvent) => void
}

/** Where the store is: `HASHMAKE_STORE`, or `hashmake` in the user's cache directory. */
export function storeDirectory(environment: NodeJS.ProcessEnv): string {
  const cache = environment.XDG_CACHE_HOME || join(environment.HOME || homedir(), ".cache")
  return resolve(environment.HASHMAKE_STORE || join(cache, "hashmake"))
}

/** What targets declare but this machine does not have. */
export function missingTools(
  graph: Graph,
  { sandbox = "bwrap" }: Pick<EngineOptions, "sandbox">,
): readonly MissingTool[] {
  const toolbox = new Toolbox(new Journal(), process.env.PATH ?? "")
  return toolbox.missing(graph.targets, sandbox === "off" ? [] : [sandboxTool])
}

/** Builds targets. Throws a BuildError for what makes a build impossible; a failed action is in the result. */
export async function build(
  wanted: readonly Target[],
  engine: EngineOptions,
  options: BuildOptions = {},
): Promise<BuildResult> {
  const { emit = () => {}, signal = new AbortController().signal } = options
  const graph = graphOf(wanted)
  const work = async (machinery: Machinery) => {
    const { keepGoing = false, dryRun = false, verbose = false } = options
    return new Walk(graph, machinery, { slots: engine.slots, keepGoing, dryRun, verbose, signal, emit }).run()
  }
  return withMachinery(engine, work, { emit, signal })
}

/** Opens store and workspace, and closes what has to be closed. */
export async function withMachinery<T>(
  engine: EngineOptions,
  work: (machinery: Machinery) => Promise<T>,
  { emit = () => {}, signal }: Pick<BuildOptions, "emit" | "signal"> = {},
): Promise<T> {
  const { root, slots, sandbox = "bwrap" } = engine
  const said = new Set<string>()
  const notice = (diagnostic: ReturnType<typeof damagedStoreNotice>) => {
    const text = renderDiagnostic(diagnostic)
    if (!said.has(text)) emit({ type: "notice", diagnostic })
    said.add(text)
  }
  const workspace = await openWorkspace(root, emit, signal)
  try {
    const store = new Store(engine.store ?? storeDirectory(process.env), (what, path) =>
      notice(damagedStoreNotice(what, path)),
    )
    await sweep(store)
    if (workspace.journal.damagedLines > 0) notice(damagedJournalNotice(workspace.journal.damagedLines))
    const toolbox = new Toolbox(workspace.journal, process.env.PATH ?? "")
    const bwrap = sandbox === "off" ? undefined : toolbox.find(sandboxTool)?.programs[0]?.path
    if (bwrap === undefined) notice(noSandboxNotice())
    const machinery: Machinery = {
      store,
      workspace,
      toolbox,
      bwrap,
      jobs: slots,
      modules: new Map(),
      checkSandbox: once(() => checkSandbox(bwrap ?? "")),
    }
    return await work(machinery)
  } finally {
    workspace.close()
  }
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}

/** Removes what engines that were killed left in the store's work directory. */
async function sweep(store: Store): Promise<void> {
  const work = join(store.root, "work")
  const leftovers = readdirSync(work).filter((name) => isLeft(name, join(work, name)))
  await Promise.all(leftovers.map((name) => rm(join(work, name), { recursive: true, force: true })))
}

function isLeft(name: string, path: string): boolean {
  const pid = Number(/^\w+\.(\d+)\./.exec(name)?.[1])
  if (statIfThere(join(path, keptMark)) !== undefined || Number.isNaN(pid)) return false
  return statIfThere(`/proc/${pid}`) === undefined
}
