// Starting a child in a process group of its own, so that all its descendants can be ended with it. Knows nothing of
// sandboxes or actions.

import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process"
import { setTimeout as sleep } from "node:timers/promises"
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
const lookMs = 10

/** The children of this process; one listener for all, since Node warns of many. */
const running = new Set<ChildProcess>()

function killRunning(): void {
  for (const child of running) killGroup(child, "SIGKILL")
}

/**
 * Starts `argv` in a new process group. When `signal` aborts, the group gets SIGTERM and, if it lingers, SIGKILL, and the child has
 * ended when nothing of the group is left; it does not outlive this process either.
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
  const closed = new Promise<Exit>((resolve, reject) => {
    child.once("error", reject)
    child.once("close", (status, by) => resolve({ status, signal: by }))
  })
  const exit = signal === undefined ? closed : endedWith(signal, child, closed)
  if (running.size === 0) process.on("exit", killRunning)
  running.add(child)
  const ended = () => {
    running.delete(child)
    if (running.size === 0) process.off("exit", killRunning)
  }
  exit.then(ended, ended)
  return { process: child, exit }
}

async function endedWith(signal: AbortSignal, child: ChildProcess, closed: Promise<Exit>): Promise<Exit> {
  let ending: Promise<void> | undefined
  const end = () => {
    ending = endGroup(child)
  }
  if (signal.aborted) end()
  else signal.addEventListener("abort", end, { once: true })
  try {
    return await closed
  } finally {
    signal.removeEventListener("abort", end)
    await ending
  }
}

/** Ends a child with its group: by SIGTERM, and what lingers by SIGKILL. */
export async function endGroup(child: ChildProcess): Promise<void> {
  killGroup(child, "SIGTERM")
  for (const until = performance.now() + graceMs; performance.now() < until; await sleep(lookMs))
    if (!killGroup(child, 0)) return
  killGroup(child, "SIGKILL")
}

/** Sends a signal to a child and all its descendants that stayed in its group; 0 asks only. False if there are none. */
export function killGroup(child: ChildProcess, signal: NodeJS.Signals | 0): boolean {
  if (child.pid === undefined) return false
  try {
    return process.kill(-child.pid, signal)
  } catch (thrown) {
    if (errorCode(thrown) !== "ESRCH") throw thrown
    return false
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
