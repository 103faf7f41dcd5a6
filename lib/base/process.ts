// Starting a child in a process group of its own, so that all its descendants can be ended with it. Knows nothing of
// sandboxes or actions.

import { type ChildProcess, execFileSync, type SpawnOptions, spawn } from "node:child_process"
import { setTimeout as sleep } from "node:timers/promises"
import { errorCode } from "./files.ts"
import { readdirSync } from "./fs.ts"
import { guardGroup, releaseGroup } from "./guard.ts"
import { lowerSession } from "./priority.ts"
import { factsOf, familyOf } from "./proc.ts"

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

/** The children of this process, with what ends them; one listener for all, since Node warns of many. */
const running = new Map<ChildProcess, () => readonly number[]>()

function killRunning(): void {
  for (const members of running.values()) for (const id of members()) send(id, "SIGKILL")
}

export interface StartOptions extends SpawnOptions {
  /** Ends it with all its descendants. */
  readonly signal?: AbortSignal | undefined
  /** It stays in this process's group, and so can have its terminal. */
  readonly isAttached?: boolean
}

/**
 * Starts `argv`, in a new process group. When `signal` aborts, all of it gets SIGTERM and, if it lingers, SIGKILL, and the child has
 * ended when nothing of it is left; it does not outlive this process either, not even where this one is killed.
 */
export function start(argv: readonly string[], options: StartOptions): Child {
  const [program = "", ...args] = argv
  const { signal, isAttached = false, ...rest } = options
  const child = spawn(program, args, { ...rest, detached: !isAttached })
  // Where no more files can be open, Node gives a child that lacks even its streams.
  if (child.stdio === undefined) {
    child.once("error", () => {})
    throw Object.assign(new Error(`${program} could not be started`), { code: "EMFILE" })
  }
  const closed = new Promise<Exit>((resolve, reject) => {
    child.once("error", reject)
    child.once("close", (status, by) => resolve({ status, signal: by }))
  })
  const { pid } = child
  const members = () => (pid === undefined ? [] : isAttached ? familyOf(pid) : [-pid])
  const endNow = async () => {
    await endAll(members())
    void letGo(child)
  }
  const exit = signal === undefined ? closed : endedWith(signal, endNow, closed)
  if (running.size === 0) process.on("exit", killRunning)
  running.set(child, members)
  const group = isAttached ? undefined : pid
  if (group !== undefined) {
    guardGroup(group)
    void lowerSession(group)
  }
  const ended = () => {
    running.delete(child)
    if (group !== undefined) releaseGroup(group)
    if (running.size === 0) process.off("exit", killRunning)
  }
  exit.then(ended, ended)
  return { process: child, exit }
}

async function endedWith(signal: AbortSignal, endNow: () => Promise<void>, closed: Promise<Exit>): Promise<Exit> {
  let ending: Promise<void> | undefined
  const end = () => {
    ending = endNow()
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

/** Hears no more of a child that has ended: who left its group may hold what it wrote to, and live on. */
async function letGo({ stdio }: ChildProcess): Promise<void> {
  await sleep(graceMs, undefined, { ref: false })
  for (const stream of stdio) stream?.destroy()
}

/** Ends processes, or groups (negative): by SIGTERM, and what lingers by SIGKILL. */
async function endAll(ids: readonly number[]): Promise<void> {
  for (const id of ids) send(id, "SIGTERM")
  let left = ids
  for (const until = performance.now() + graceMs; performance.now() < until; await sleep(lookMs)) {
    left = left.filter(isLeft)
    if (left.length === 0) return
  }
  for (const id of left) send(id, "SIGKILL")
}

/** Ends a child with its group. */
export const endGroup = ({ pid }: ChildProcess): Promise<void> => endAll(pid === undefined ? [] : [-pid])

/** Sends a signal to a child and all its descendants that stayed in its group. */
export function killGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid !== undefined) send(-pid, signal)
}

/** Sends a signal to a process, or to a group; 0 asks only. False if there is none. */
function send(id: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(id, signal)
  } catch (thrown) {
    if (errorCode(thrown) !== "ESRCH") throw thrown
    return false
  }
}

/** Whether there is more than what has ended and was not asked for its status yet: who is to ask may take its time. */
function isLeft(id: number): boolean {
  if (!send(id, 0)) return false
  const isLiving = ([state = "Z"]: readonly string[]) => state !== "Z" && state !== "X"
  if (id > 0) return isLiving(factsOf(id))
  const processes = readdirSync("/proc").filter((name) => /^\d+$/.test(name))
  return processes.map(factsOf).some((facts) => facts[2] === String(-id) && isLiving(facts))
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

/** What a program writes, waited for; nothing if it cannot be started. */
export function answerOf(program: string, ...args: readonly string[]): string {
  try {
    return execFileSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] })
  } catch (thrown) {
    // A program that fails in the end may have answered all the same.
    return String((thrown as { stdout?: string }).stdout ?? "")
  }
}
