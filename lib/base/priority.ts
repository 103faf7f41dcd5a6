// Linux shares its processors out among sessions first ("autogroups"), and heeds the priorities of processes only within one: what is
// started in a session of its own would take as much as anybody, however low this process's own priority is.

import { getPriority } from "node:os"
import { setTimeout as sleep } from "node:timers/promises"
import { errorCode, readIfThere } from "./files.ts"
import { writeFileSync } from "./fs.ts"
import { factsOf } from "./proc.ts"

const lowest = 19
/** The number of the class that gets what is left over (SCHED_IDLE). */
const idle = "5"
/** Who is not root may say it ten times a second. */
const againMs = 150
const tries = 20

let own: number | undefined

/** Gives a session that this process has started no higher a priority than this process has itself. */
export async function lowerSession(pid: number): Promise<void> {
  own ??= niceness()
  for (let left = own > 0 ? tries : 0; left > 0; left--) {
    try {
      writeFileSync(`/proc/${pid}/autogroup`, String(own))
      return
    } catch (thrown) {
      // It has ended, or this kernel has no autogroups.
      if (errorCode(thrown) !== "EAGAIN") return
    }
    await sleep(againMs, undefined, { ref: false })
  }
}

/** How much this process gives way to others, from 0 to 19: by its class, its own niceness or its session's. */
function niceness(): number {
  if (factsOf("self")[38] === idle) return lowest
  const session = /nice (-?\d+)/.exec(readIfThere("/proc/self/autogroup") ?? "")?.[1]
  return Math.max(getPriority(), Number(session ?? 0))
}
