// Opens what a build is run with: its workspace, the store, and what is made of them; and closes it.

import { join } from "node:path"
import { renderDiagnostic } from "../base/diagnostic.ts"
import { removeMeanwhile } from "../base/files.ts"
import { asideNotice, damagedJournalNotice, damagedStoreNotice, noSandboxNotice } from "../graph/errors.ts"
import type { BuildEvent } from "../graph/event.ts"
import { storeDirectory } from "../store/directory.ts"
import { enter } from "../store/inuse.ts"
import type { Base } from "../store/journal.ts"
import { Store } from "../store/store.ts"
import { noteCheckout, sweep } from "../store/sweep.ts"
import { Aside } from "./aside.ts"
import { pipesIn, toolDirectories } from "./directories.ts"
import { keptError, systemError } from "./failure.ts"
import type { Machinery } from "./machinery.ts"
import { Meter } from "./meter.ts"
import { checkSandbox, fixedEnvironment } from "./sandbox.ts"
import { endLeftShells, Shells } from "./shells.ts"
import { ToolRoots } from "./tool-root.ts"
import { sandboxTool, Toolbox } from "./tools.ts"
import { openWorkspace, type Workspace } from "./workspace.ts"

/** Where builds are done. */
export interface Places {
  /** The workspace's directory, absolute. */
  readonly root: string
  /**
   * The store's directory, made when first needed. Default: `HASHMAKE_STORE`, or `hashmake` in the user's cache directory
   * (`XDG_CACHE_HOME`, or `~/.cache`). Engines and checkouts may share one.
   */
  readonly store?: string | undefined
  /**
   * `bwrap` (default): a command sees its declared inputs and tools and nothing else, by Linux user namespaces. `off`: it runs
   * unprotected, undeclared reads are not noticed, and nothing is shared with what ran in a sandbox. Where bubblewrap is not
   * installed, it is as if `off` were said, and a `notice` event says so.
   */
  readonly sandbox?: "bwrap" | "off" | undefined
}

interface OpeningOptions {
  readonly emit?: ((event: BuildEvent) => void) | undefined
  readonly signal?: AbortSignal | undefined
  readonly variant?: string | undefined
  readonly base?: Base
}

/** Opens store and workspace, and closes what has to be closed. */
export async function withMachinery<T>(
  engine: Places,
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
  engine: Places,
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
