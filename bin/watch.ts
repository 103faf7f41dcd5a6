// Builds again whenever something changes. What only files changed is built in this process; what needs the Buildfile again, by a
// process of its own, so that nothing here grows old. Others can ask to be told when everything is built: see wait.ts.

import { spawn } from "node:child_process"
import { createServer, type Socket } from "node:net"
import { setTimeout as sleep } from "node:timers/promises"
import { BuildError } from "../lib/base/diagnostic.ts"
import { unlinkIfThere } from "../lib/base/files.ts"
import { type Watched, watchWorkspace } from "../lib/load/watch.ts"
import type { Typed } from "./options.ts"
import { isIdle, quick } from "./quick.ts"
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
  const watcher = new Watcher(typed, root, argv)
  watcher.listen(watched)
  try {
    await watcher.build()
    await watcher.follow(watched)
    while (!interrupt.signal.aborted) {
      await watched.changed(interrupt.signal)
      await sleep(settleMs)
      await watcher.follow(watched)
    }
  } catch (thrown) {
    if (!interrupt.signal.aborted) throw thrown
  } finally {
    watcher.close()
    await watched.close()
  }
  return 130
}

class Watcher {
  readonly #typed: Typed
  readonly #root: string
  readonly #argv: readonly string[]
  readonly #server = createServer()
  readonly #connected = new Set<Socket>()
  /** Those of them that are told when everything is built. */
  readonly #asking = new Set<Socket>()
  #isBuilding = true
  #status = 0

  constructor(typed: Typed, root: string, argv: readonly string[]) {
    this.#typed = typed
    this.#root = root
    this.#argv = argv.filter((word) => !["-w", "--watch"].includes(word))
  }

  /** Brings everything up to date; `among` are the only paths that may have changed. */
  async build(among?: ReadonlySet<string>): Promise<void> {
    if (among !== undefined && this.#status === 0 && isIdle(this.#typed, this.#root, among)) return
    this.#isBuilding = true
    this.#status = (await this.#here()) ?? (await this.#inProcess())
    this.#isBuilding = false
    if (this.#typed.level !== "quiet") process.stderr.write("watching; Ctrl-C ends it\n")
  }

  /** Builds as long as there are changes; then tells those who asked. */
  async follow(watched: Watched): Promise<void> {
    while (watched.hasChanges) await this.build(watched.take())
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

  listen(watched: Watched): void {
    const path = socketPath(this.#typed, this.#root)
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
      const isSeen = await watched.sync().then(
        () => true,
        () => false,
      )
      if (!isSeen) socket.destroy()
      else if (this.#isBuilding || watched.hasChanges) this.#asking.add(socket)
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
