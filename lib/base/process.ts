// Starting a child in a process group of its own, so that all its descendants can be ended with it. Knows nothing of
// sandboxes or actions.

import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process"
import { errorCode } from "./files.ts"

/** How a child ended: its exit status, or the signal that ended it. */
export interface Exit {
  readonly status: number | null
  readonly signal: NodeJS.Signals | null
}

/** A started child; `exit` never rejects, except when the program could not be started. */
export interface Child {
  readonly process: ChildProcess
  readonly exit: Promise<Exit>
}

const graceMs = 3000

/** The children of this process; one listener for all, since Node warns of many. */
const running = new Set<ChildProcess>()

function killRunning(): void {
  for (const child of running) killGroup(child, "SIGKILL")
}

/**
 * Starts `argv` in a new process group. When `signal` aborts, the group gets SIGTERM and, if it lingers, SIGKILL; it
 * does not outlive this process either.
 */
export function start(argv: readonly string[], options: SpawnOptions & { signal?: AbortSignal | undefined }): Child {
  const [program = "", ...args] = argv
  const { signal, ...rest } = options
  const child = spawn(program, args, { ...rest, detached: true })
  // Where no more files can be open, Node gives a child that lacks even its streams.
  if (child.stdio === undefined) {
    child.once("error", () => {})
    throw Object.assign(new Error(`${program} could not be started`), { code: "EMFILE" })
  }
  const exit = new Promise<Exit>((resolve, reject) => {
    child.once("error", reject)
    child.once("close", (status, by) => resolve({ status, signal: by }))
  })
  if (running.size === 0) process.on("exit", killRunning)
  running.add(child)
  const ended = () => {
    running.delete(child)
    if (running.size === 0) process.off("exit", killRunning)
  }
  exit.then(ended, ended)
  if (signal !== undefined) endWith(signal, child, exit)
  return { process: child, exit }
}

function endWith(signal: AbortSignal, child: ChildProcess, exit: Promise<Exit>): void {
  let kill: NodeJS.Timeout | undefined
  const end = () => {
    killGroup(child, "SIGTERM")
    kill = setTimeout(() => killGroup(child, "SIGKILL"), graceMs)
  }
  if (signal.aborted) end()
  else signal.addEventListener("abort", end, { once: true })
  const settled = () => {
    signal.removeEventListener("abort", end)
    clearTimeout(kill)
  }
  exit.then(settled, settled)
}

/** Sends a signal to a child and all its descendants that stayed in its group. */
export function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, signal)
  } catch (thrown) {
    if (errorCode(thrown) !== "ESRCH") throw thrown
  }
}

/** Runs `argv` to its end and gives what it wrote. Not for actions: for questions to the machine. */
export async function ask(
  argv: readonly string[],
  options: SpawnOptions = {},
): Promise<Exit & { stdout: string; stderr: string }> {
  const { process: child, exit } = start(argv, { ...options, stdio: ["ignore", "pipe", "pipe"] })
  let stdout = ""
  let stderr = ""
  child.stdout?.setEncoding("utf8").on("data", (piece: string) => (stdout += piece))
  child.stderr?.setEncoding("utf8").on("data", (piece: string) => (stderr += piece))
  return { ...(await exit), stdout, stderr }
}
