// A lock that one process holds by a file naming it. The file of a process that has died is taken over; a process is
// known by its id and by when it started, so a reused id is not mistaken for it.

import { linkSync, readFileSync, renameSync, writeFileSync } from "node:fs"
import { beside, errorCode, ifThere, readIfThere, unlinkIfThere } from "./files.ts"

/** Who holds a lock. */
export interface Holder {
  readonly pid: number
  /** In clock ticks since the machine started, from /proc; empty where that is unknown. */
  readonly startedAt: string
  readonly command: string
}

/** The fields of /proc/PID/stat from the state on; none where that is unknown. */
const factsOf = (pid: number | "self"): readonly string[] =>
  ifThere(() => readFileSync(`/proc/${pid}/stat`, "utf8"))
    ?.replace(/^.*\) /s, "")
    .split(" ") ?? []

const startOf = (facts: readonly string[]): string => facts[19] ?? ""

function isAlive({ pid, startedAt }: Holder): boolean {
  try {
    process.kill(pid, 0)
  } catch (thrown) {
    if (errorCode(thrown) === "ESRCH") return false
  }
  const facts = factsOf(pid)
  // Of one that has died, and that nobody has asked for its status yet, a zombie is left.
  return facts[0] !== "Z" && startedAt === startOf(facts)
}

function holderOf(path: string): Holder | undefined {
  try {
    return JSON.parse(readIfThere(path) ?? "") as Holder
  } catch {
    return undefined
  }
}

/** Moves a dead holder's file away; puts it back if another process has taken the lock over meanwhile. */
function takeAway(path: string, dead: Holder | undefined): void {
  const moved = beside(path)
  ifThere(() => renameSync(path, moved))
  const holder = holderOf(moved)
  if (holder !== undefined && (holder.pid !== dead?.pid || holder.startedAt !== dead.startedAt)) linkSync(moved, path)
  unlinkIfThere(moved)
}

/** Takes the lock and returns how to let go of it, or says who holds it. */
export function tryLock(path: string): (() => void) | Holder {
  const mine = beside(path)
  const me: Holder = { pid: process.pid, startedAt: startOf(factsOf("self")), command: process.argv.slice(2).join(" ") }
  writeFileSync(mine, JSON.stringify(me))
  try {
    for (;;) {
      try {
        linkSync(mine, path)
        return () => unlinkIfThere(path)
      } catch (thrown) {
        if (errorCode(thrown) !== "EEXIST") throw thrown
      }
      const holder = holderOf(path)
      if (holder !== undefined && isAlive(holder)) return holder
      takeAway(path, holder)
    }
  } finally {
    unlinkIfThere(mine)
  }
}
