// Runs a function rule in the engine's process, and gives it the few things that it may do besides computing.

import { join, resolve } from "node:path"
import { PassThrough } from "node:stream"
import { BuildError, placedError, reasonOf } from "../base/diagnostic.ts"
import type { Digest } from "../base/digest.ts"
import { pathFrom } from "../base/files.ts"
import { appendFileSync, closeSync, openSync } from "../base/fs.ts"
import { killGroup, start } from "../base/process.ts"
import type { Running, Started, StartOptions } from "../graph/running.ts"
import { strictly } from "../graph/shape.ts"
import { inputPaths, outputPath, rootsBelow } from "./layout.ts"
import { type FailedStep, logWriter, type Order, storedPath } from "./order.ts"
import { programNamed } from "./tools.ts"

/** Calls the function; an Error that it throws is how the action failed. BuildErrors pass. */
export async function callFunction(
  order: Order,
  directory: string,
  need: (path: string) => void,
): Promise<FailedStep | undefined> {
  const { action, target } = order
  if (action.rule.kind !== "call") throw new Error(`${target.name} has no function`)
  const paths = new Map<string, string>()
  for (const input of order.inputs) paths.set(input.name, await storedPath(order, input))
  const outputs = Object.values(target.outputs).map((output) => [output.name, join(directory, outputPath(output))])
  const { scratch } = rootsBelow(directory)
  const programs = new Programs(order, scratch)
  try {
    await action.rule.call(
      inputPaths(target, ({ name }) => paths.get(name) ?? ""),
      strictly(Object.fromEntries(outputs), target) as never,
      { ...runningFor(order, need), scratch, start: programs.start },
    )
  } catch (thrown) {
    if (thrown instanceof BuildError) throw placedError(thrown, order.workspaceRoot, () => thrown)
    if (order.signal.aborted) throw thrown
    const how = reasonOf(thrown)
    appendFileSync(order.log, `${(thrown as Partial<Error> | null)?.stack ?? how}\n`)
    return { step: "", how }
  } finally {
    await programs.end()
  }
  programs.checkLog()
  return undefined
}

/** The programs that a function starts. They end with its action. */
class Programs {
  readonly #log: string
  readonly #scratch: string
  readonly #written: ReturnType<typeof logWriter>
  readonly #over = new AbortController()
  readonly #signal: AbortSignal
  readonly #statuses: Promise<unknown>[] = []

  constructor({ log, signal }: Pick<Order, "log" | "signal">, scratch: string) {
    this.#log = log
    this.#scratch = scratch
    this.#written = logWriter(log)
    this.#signal = AbortSignal.any([signal, this.#over.signal])
  }

  /** Ends those that still run. */
  async end(): Promise<void> {
    this.#over.abort()
    await Promise.all(this.#statuses)
  }

  /** Throws what kept something that they said from the log. */
  checkLog(): void {
    this.#written.check()
  }

  start = (argv: readonly string[], options: StartOptions = {}): Started => {
    appendFileSync(this.#log, `# ${argv.join(" ")}\n`)
    const { directory: cwd = this.#scratch, environment = {}, capture = false } = options
    const file = openSync(this.#log, "a")
    const to = capture ? "pipe" : file
    const env = { PATH: "/usr/bin:/usr/sbin:/bin:/sbin", LC_ALL: "C", ...environment }
    const { process: child, exit } = start(argv, { cwd, env, signal: this.#signal, stdio: ["pipe", to, to] })
    closeSync(file)
    const output = new PassThrough({ encoding: "utf8" })
    if (capture) {
      for (const stream of [child.stdout, child.stderr]) {
        stream?.on("data", (piece: Buffer) => {
          this.#written.write(piece)
          output.write(piece)
        })
      }
    }
    const status = exit.then((ended) => ended.status).finally(() => output.end())
    // Nobody need ask how it ended.
    this.#statuses.push(status.catch(() => {}))
    child.stdin?.on("error", () => {}) // a program that ended reads no more; its status tells why
    return {
      output,
      write: (text) => void child.stdin?.write(text),
      end: () => child.stdin?.end(),
      kill: () => killGroup(child, "SIGKILL"),
      status,
    }
  }
}

function runningFor(order: Order, need: (path: string) => void): Omit<Running, "scratch" | "start"> {
  const { target, log, emit, signal, store, tools, installed } = order
  return {
    signal,
    keep: store.keep,
    stored: (digest) => store.storedFile(digest as Digest),
    need(path) {
      const full = resolve(order.workspaceRoot, path)
      const below = pathFrom(order.workspaceRoot, full)
      if (below === undefined) throw new Error(`${path} is not in the workspace`)
      need(below)
      return full
    },
    log: (line) => appendFileSync(log, `${line}\n`),
    progress: (fraction, words) => emit({ type: "progress", target, fraction, words }),
    notice(what) {
      appendFileSync(log, `${what}\n`)
      emit({ type: "notice", diagnostic: { what } })
    },
    program(name) {
      const path = programNamed(tools, name)
      if (path === undefined) throw new Error(`${target.name} declares no tool with a program ${name}`)
      return path
    },
    installed,
  }
}
