// Runs a function rule in the engine's process, and gives it the few things that it may do besides computing.

import { isAbsolute, join, relative, resolve } from "node:path"
import { PassThrough } from "node:stream"
import { BuildError, placedError, reasonOf } from "../base/diagnostic.ts"
import type { Digest } from "../base/digest.ts"
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
  const written = logWriter(order.log)
  const outputs = Object.values(target.outputs).map((output) => [output.name, join(directory, outputPath(output))])
  try {
    await action.rule.call(
      inputPaths(target, ({ name }) => paths.get(name) ?? ""),
      strictly(Object.fromEntries(outputs), target) as never,
      runningFor(order, { directory, need, written }),
    )
  } catch (thrown) {
    if (thrown instanceof BuildError) throw placedError(thrown, order.workspaceRoot, () => thrown)
    if (order.signal.aborted) throw thrown
    const how = reasonOf(thrown)
    appendFileSync(order.log, `${(thrown as Partial<Error> | null)?.stack ?? how}\n`)
    return { step: "", how }
  }
  written.check()
  return undefined
}

/** What a function's programs are started with. */
interface Starting extends Pick<Order, "log" | "signal"> {
  readonly scratch: string
  readonly written: ReturnType<typeof logWriter>
}

interface Around extends Pick<Starting, "written"> {
  readonly directory: string
  readonly need: (path: string) => void
}

function runningFor(order: Order, { directory, need, written }: Around): Running {
  const { target, log, emit, signal, store, tools, installed } = order
  const { scratch } = rootsBelow(directory)
  return {
    signal,
    scratch,
    keep: store.keep,
    stored: (digest) => store.storedFile(digest as Digest),
    need(path) {
      const full = resolve(order.workspaceRoot, path)
      const below = relative(order.workspaceRoot, full)
      if (below.startsWith("..") || isAbsolute(below)) throw new Error(`${path} is not in the workspace`)
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
    start: (argv, options = {}) => startProgram({ ...order, scratch, written }, argv, options),
  }
}

function startProgram(
  { log, signal, scratch, written }: Starting,
  argv: readonly string[],
  options: StartOptions,
): Started {
  appendFileSync(log, `# ${argv.join(" ")}\n`)
  const { directory: cwd = scratch, environment = {}, capture = false } = options
  const file = openSync(log, "a")
  const to = capture ? "pipe" : file
  const env = { PATH: "/usr/bin:/usr/sbin:/bin:/sbin", LC_ALL: "C", ...environment }
  const { process: child, exit } = start(argv, { cwd, env, signal, stdio: ["pipe", to, to] })
  closeSync(file)
  const output = new PassThrough({ encoding: "utf8" })
  if (capture) {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", (piece: Buffer) => {
        written.write(piece)
        output.write(piece)
      })
    }
  }
  const status = exit.then((ended) => ended.status).finally(() => output.end())
  child.stdin?.on("error", () => {}) // a program that ended reads no more; its status tells why
  return {
    output,
    write: (text) => void child.stdin?.write(text),
    end: () => child.stdin?.end(),
    kill: () => killGroup(child, "SIGKILL"),
    status,
  }
}
