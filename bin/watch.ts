// Builds again whenever something changes. What only files changed is built in this process; what needs the Buildfile again, by a
// process of its own, so that nothing here grows old. Others can ask to be told when everything is built: see wait.ts.

import { spawn } from "node:child_process"
import { createServer, type Socket } from "node:net"
import { dirname, join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { BuildError } from "../lib/base/diagnostic.ts"
import { isAllowed, statIfThere, unlinkIfThere } from "../lib/base/files.ts"
import { constants } from "../lib/base/fs.ts"
import { type Watched, watchWorkspace } from "../lib/load/watch.ts"
import { fileStat } from "../lib/store/stat.ts"
import { type Typed, unwatched } from "./options.ts"
import { isIdle, modulesOf, quick } from "./quick.ts"
import { sayThrown } from "./thrown.ts"
import { type Answer, socketPath } from "./wait.ts"

/** A person's editor may write a file in several steps. */
const settleMs = 10

/** Watches until it is interrupted; gives the exit status. */
export async function watch(typed: Typed, root: string, argv: readonly string[]): Promise<number> {
  const interrupt = new AbortController()
  const stop = () => interrupt.abort()
  process.once("SIGINT", stop).once("SIGTERM", stop)
  const watched = await watchWorkspace(root)
  const watcher = new Watcher(watched, { typed, root, argv })
  watcher.listen()
  try {
    await watcher.build()
    await watcher.follow(true)
    while (!interrupt.signal.aborted) {
      await watched.changed(interrupt.signal)
      await sleep(settleMs)
      await watcher.follow()
    }
  } catch (thrown) {
    if (!interrupt.signal.aborted) throw thrown
  } finally {
    watcher.close()
    await watched.close()
  }
  return 130
}

/** How builds that failed left what they, or others meanwhile, have changed. */
class Left {
  readonly #root: string
  readonly #states = new Map<string, string>()
  /** Directories in which they made something that was gone when somebody looked. */
  readonly #fleeting = new Set<string>()

  constructor(root: string) {
    this.#root = root
  }

  /** Whether some of these paths are not as they were left; they are from now on. */
  isNew(paths: ReadonlySet<string>, meanwhile: boolean): boolean {
    return [...paths].map((path) => this.#isNewAt(path, meanwhile)).includes(true)
  }

  #isNewAt(path: string, meanwhile: boolean): boolean {
    const stat = statIfThere(join(this.#root, path))
    // What comes into a directory is told by its own name.
    const state = stat === undefined ? "" : stat.isDirectory() ? "directory" : fileStat("", stat).join(" ")
    const before = this.#states.get(path)
    this.#states.set(path, state)
    if (state === before) return false
    if (state !== "" || before !== undefined || !meanwhile) return true
    const isFirst = !this.#fleeting.has(dirname(path))
    this.#fleeting.add(dirname(path))
    return isFirst
  }
}

/** What is built again, and the command line that says so. */
interface Again {
  readonly typed: Typed
  readonly root: string
  readonly argv: readonly string[]
}

class Watcher {
  readonly #watched: Watched
  readonly #typed: Typed
  readonly #root: string
  readonly #argv: readonly string[]
  readonly #server = createServer()
  readonly #connected = new Set<Socket>()
  /** Those of them that are told when everything is built. */
  readonly #asking = new Set<Socket>()
  #isBuilding = true
  #status = 0
  #left: Left | undefined

  constructor(watched: Watched, { typed, root, argv }: Again) {
    this.#watched = watched
    this.#typed = typed
    this.#root = root
    this.#argv = unwatched(argv)
  }

  /** Brings everything up to date; `among` are the only paths that may have changed, and perhaps `meanwhile`, by the last build. */
  async build(among?: ReadonlySet<string>, meanwhile = false): Promise<void> {
    if (among !== undefined && this.#isNothing(among, meanwhile)) return
    this.#isBuilding = true
    this.#status = (await this.#here()) ?? (await this.#inProcess())
    await this.#watched.also(modulesOf(this.#typed, this.#root))
    this.#isBuilding = false
    if (this.#status === 0) this.#left = undefined
    if (this.#typed.level !== "quiet") process.stderr.write("watching; Ctrl-C ends it\n")
  }

  /** Whether nothing has to be done for these changes. What failed would fail again, and change as much again. */
  #isNothing(among: ReadonlySet<string>, meanwhile: boolean): boolean {
    if (this.#status === 0) return isIdle(this.#typed, this.#root, among)
    this.#left ??= new Left(this.#root)
    return !this.#left.isNew(among, meanwhile)
  }

  /** Builds as long as there are changes, those `meanwhile` a build went on; then tells those who asked. */
  async follow(meanwhile = false): Promise<void> {
    for (let own = meanwhile; ; own = true) {
      // What a build that failed has changed is told by then.
      if (own && this.#status !== 0) await this.#watched.sync().catch(() => {})
      if (!this.#watched.hasChanges) break
      await this.build(this.#watched.take(), own)
    }
    for (const socket of this.#asking) this.#answer(socket)
    this.#asking.clear()
  }

  /** Builds in this process, where that can be; an error of the build is its outcome, as it would be of another process. */
  async #here(): Promise<number | undefined> {
    try {
      return await quick(this.#typed, this.#root)
    } catch (thrown) {
      if (!(thrown instanceof BuildError)) throw thrown
      return sayThrown(thrown, this.#typed.isColoured)
    }
  }

  #inProcess(): Promise<number> {
    const child = spawn(process.execPath, [...process.execArgv, process.argv[1] ?? "", ...this.#argv], {
      cwd: this.#root,
      stdio: "inherit",
    })
    return new Promise((resolve, reject) => {
      child.once("error", reject)
      child.once("exit", (status) => resolve(status ?? 1))
    })
  }

  listen(): void {
    const path = socketPath(this.#typed, this.#root)
    // Where that cannot be, who waits finds nobody, and builds himself.
    this.#server.on("error", () => {})
    if (!isAllowed(dirname(path), constants.W_OK)) return
    unlinkIfThere(path)
    this.#server.listen(path).on("connection", async (socket) => {
      this.#connected.add(socket)
      socket
        .on("error", () => {})
        .on("close", () => {
          this.#connected.delete(socket)
          this.#asking.delete(socket)
        })
      // Who cannot be answered builds himself.
      const isSeen = await this.#watched.sync().then(
        () => true,
        () => false,
      )
      if (!isSeen) socket.destroy()
      else if (this.#isBuilding || this.#watched.hasChanges) this.#asking.add(socket)
      else this.#answer(socket)
    })
  }

  /** Nobody is told any more: who still waits builds himself. */
  close(): void {
    this.#server.close()
    for (const socket of this.#connected) socket.destroy()
  }

  #answer(socket: Socket): void {
    const answer: Answer = { status: this.#status, said: this.#status === 0 ? "up to date" : "the last build failed" }
    socket.end(JSON.stringify(answer))
  }
}
