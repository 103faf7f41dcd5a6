// What changes in a workspace while one looks on, by chokidar. Changes are told as paths, early rather than exactly: whoever is told
// looks himself. `sync` makes sure that everything that happened before it has been told.

import { dirname, join, relative } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import type { FSWatcher } from "chokidar"
import type { BuildError } from "../base/diagnostic.ts"
import { unlinkIfThere } from "../base/files.ts"
import { mkdirSync, writeFileSync } from "../base/fs.ts"
import { isLogPath } from "../base/log-name.ts"
import { watchError } from "../graph/errors.ts"

/** A workspace that is watched. Close it when done. */
export interface Watched {
  /** Whether something changed that was not taken yet. */
  readonly hasChanges: boolean
  /** Resolves once there are changes; rejects if `signal` aborts, and with a BuildError if the system lets no more be watched. */
  changed(signal: AbortSignal): Promise<void>
  /** What changed since the last call, relative to the workspace. */
  take(): ReadonlySet<string>
  /** Watches these files as well, which lie elsewhere or where no sources are; tells them as changed, where they may have been by then. */
  also(paths: readonly string[]): Promise<void>
  /** Resolves once every change of before this call can be taken; rejects where nothing can be written. */
  sync(): Promise<void>
  close(): Promise<void>
}

/** Directories of the workspace's root that hold no sources. */
const ownNames = new Set([".hashmake", ".git", "node_modules"])

/** When a file that should have come back as an event is written again, in ms. */
const againMs = 200

/** Watches the workspace; resolves once it does. Rejects with a BuildError if the system lets no more be watched. */
export async function watchWorkspace(root: string): Promise<Watched> {
  const { watch } = await import("chokidar")
  const cookies = join(root, ".hashmake", "sync")
  mkdirSync(cookies, { recursive: true })
  const besides = new Besides(root)
  const isOwn = (path: string) => !path.startsWith(cookies) && besides.isOwn(path)
  const open = (directories: readonly string[]) => watch([...directories], { ignored: isOwn, ignoreInitial: true })
  const changes = new Changes(root, { cookies, open, besides })
  try {
    await changes.begin()
  } catch (thrown) {
    await changes.close()
    throw thrown
  }
  return changes
}

/** The sysctl that was too low, by the system's error. */
const limits: Readonly<Record<string, string>> = {
  ENOSPC: "fs.inotify.max_user_watches",
  EMFILE: "fs.inotify.max_user_instances",
}

/** What is watched besides the workspace's sources, and what of it is not. */
class Besides {
  readonly #root: string
  readonly #files = new Set<string>()
  readonly #directories = new Set<string>()

  constructor(root: string) {
    this.#root = root
  }

  /** Whether a path is no source, and nobody asked for it. */
  isOwn(path: string): boolean {
    const below = relative(this.#root, path)
    const [first = ""] = below.split("/")
    if (first !== ".." && !ownNames.has(first)) return isLogPath(below)
    return !this.#files.has(path) && !this.#directories.has(path)
  }

  /** Asks for a file; gives the directory that has to be watched for it, if it is not yet: files are replaced by others of their name. */
  add(path: string): string | undefined {
    if (!this.isOwn(path)) return undefined
    this.#files.add(path)
    const directory = dirname(path)
    const isNew = this.isOwn(directory)
    this.#directories.add(directory)
    return isNew ? directory : undefined
  }
}

/** Begins to watch directories, and what is below them. */
type Open = (directories: readonly string[]) => FSWatcher

class Changes implements Watched {
  readonly #root: string
  readonly #cookies: string
  readonly #open: Open
  readonly #besides: Besides
  /** The first is the workspace's. */
  readonly #watchers: FSWatcher[] = []
  readonly #waiting = new Map<string, () => void>()
  #changed = new Set<string>()
  #wake: () => void = () => {}
  #count = 0
  #trouble: BuildError | undefined

  constructor(root: string, { cookies, open, besides }: { cookies: string; open: Open; besides: Besides }) {
    this.#root = root
    this.#cookies = cookies
    this.#open = open
    this.#besides = besides
  }

  /** Watches the workspace. Rejects with a BuildError if the system lets no more be watched. */
  async begin(): Promise<void> {
    await this.#watch([this.#root, this.#cookies])
    this.check()
  }

  /** Resolves once the directories are watched: what changes from then on is told. */
  async #watch(directories: readonly string[]): Promise<void> {
    const watcher = this.#open(directories)
    this.#watchers.push(watcher)
    // The raw events come in the order in which things happened; the others say what was found in directories that came.
    watcher.on("raw", (_, name, details) =>
      this.#told(join((details as { watchedPath: string }).watchedPath, name ?? "")),
    )
    watcher.on("all", (_, path) => this.#told(path))
    watcher.on("error", (thrown) => this.#failed(thrown as NodeJS.ErrnoException))
    await new Promise<void>((resolve) => watcher.once("ready", resolve))
  }

  /** What cannot be read (a link to itself, what somebody may not see) is for the build to speak of, should it be needed. */
  #failed({ code = "", path = this.#root }: NodeJS.ErrnoException): void {
    const limit = limits[code]
    if (limit === undefined) return
    this.#trouble ??= watchError(code, path, limit)
    this.#wake()
  }

  /** Throws a BuildError if not everything can be watched. */
  check(): void {
    if (this.#trouble !== undefined) throw this.#trouble
  }

  #told(path: string): void {
    if (path.startsWith(this.#cookies)) return this.#waiting.get(path)?.()
    if (this.#besides.isOwn(path)) return
    this.#changed.add(relative(this.#root, path))
    this.#wake()
  }

  async also(paths: readonly string[]): Promise<void> {
    const directories = paths.flatMap((path) => this.#besides.add(path) ?? [])
    if (directories.length === 0) return
    await this.#watch(directories)
    for (const path of paths) if (directories.includes(dirname(path))) this.#told(path)
  }

  get hasChanges(): boolean {
    return this.#changed.size > 0
  }

  async changed(signal: AbortSignal): Promise<void> {
    for (this.check(); !this.hasChanges; this.check()) {
      signal.throwIfAborted()
      await new Promise<void>((resolve) => {
        this.#wake = resolve
        signal.addEventListener("abort", () => resolve(), { once: true })
      })
    }
  }

  take(): ReadonlySet<string> {
    const changed = this.#changed
    this.#changed = new Set()
    return changed
  }

  async sync(): Promise<void> {
    const path = join(this.#cookies, `${process.pid}-${this.#count++}`)
    const seen = new Promise<true>((resolve) => this.#waiting.set(path, () => resolve(true)))
    try {
      for (;;) {
        mkdirSync(this.#cookies, { recursive: true })
        writeFileSync(path, "")
        if (await Promise.race([seen, sleep(againMs, false)])) return
        // Whoever removed the directory took its watch along.
        this.#watchers[0]?.add(this.#cookies)
      }
    } finally {
      this.#waiting.delete(path)
      unlinkIfThere(path)
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#watchers.map((watcher) => watcher.close()))
  }
}
