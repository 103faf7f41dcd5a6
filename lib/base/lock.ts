// A lock that one process holds by a file naming it. The file of a process that has died is taken over; a process is
// known by its id and by when it started, so a reused id is not mistaken for it.

import { createServer } from "node:net"
import { dirname } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { beside, errorCode, readIfThere, unlinkIfThere } from "./files.ts"
import { fingerprintOf } from "./fingerprint.ts"
import { linkSync, realpathSync, writeFileSync } from "./fs.ts"
import { factsOf, startOf } from "./proc.ts"

/** Who holds a lock. */
export interface Holder {
  readonly pid: number
  /** In clock ticks since the machine started, from /proc; empty where that is unknown. */
  readonly startedAt: string
  readonly command: string
}

/** This process. */
export const thisProcess = (): Holder => ({
  pid: process.pid,
  startedAt: startOf("self"),
  command: process.argv.slice(2).join(" "),
})

/** Whether a process still runs; one that has ended, and that nobody has asked for its status yet, does not. */
export function isAlive({ pid, startedAt }: Holder): boolean {
  try {
    process.kill(pid, 0)
  } catch (thrown) {
    if (errorCode(thrown) === "ESRCH") return false
  }
  const facts = factsOf(pid)
  return facts[0] !== "Z" && startedAt === (facts[19] ?? "")
}

/** The process that a file names; undefined if that is nothing sensible. */
export function holderIn(text: string): Holder | undefined {
  try {
    const { pid, startedAt, command } = JSON.parse(text) as Holder
    return Number.isInteger(pid) && pid > 0 && typeof startedAt === "string" ? { pid, startedAt, command } : undefined
  } catch {
    return undefined
  }
}

/** How long (in ms) to leave another process to its taking away. */
const othersMs = 2

/**
 * Removes the file of a holder that has died. Only one process at a time may: another could by then have taken the lock
 * over, and would lose it. A name in the kernel, which ends with the process that has it, sees to that.
 */
async function takeAway(path: string): Promise<void> {
  const guard = createServer()
  const isAlone = await new Promise<boolean>((resolve) => {
    guard
      .once("error", () => resolve(false))
      .listen(`\0hashmake ${fingerprintOf(realpathSync(dirname(path)))}`, () => resolve(true))
  })
  if (!isAlone) return void (await sleep(othersMs))
  const text = readIfThere(path)
  const holder = holderIn(text ?? "")
  if (text !== undefined && (holder === undefined || !isAlive(holder))) unlinkIfThere(path)
  await new Promise((resolve) => guard.close(resolve))
}

/** Who holds a lock now, if anybody does. */
export function heldBy(path: string): Holder | undefined {
  const holder = holderIn(readIfThere(path) ?? "")
  return holder !== undefined && isAlive(holder) ? holder : undefined
}

/** Takes the lock and returns how to let go of it, or says who holds it. */
export async function tryLock(path: string): Promise<(() => void) | Holder> {
  const mine = beside(path)
  writeFileSync(mine, JSON.stringify(thisProcess()))
  try {
    for (;;) {
      try {
        linkSync(mine, path)
        return () => unlinkIfThere(path)
      } catch (thrown) {
        if (errorCode(thrown) !== "EEXIST") throw thrown
      }
      const holder = heldBy(path)
      if (holder !== undefined) return holder
      await takeAway(path)
    }
  } finally {
    unlinkIfThere(mine)
  }
}
