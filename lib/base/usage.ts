// What processes use, as the kernel counts it in /proc: of one and all that descend from it.

import { readFileSync } from "./fs.ts"
import { childrenOf, factsOf } from "./proc.ts"

/** What a process and its descendants have used, and hold. */
export interface TreeUsage {
  /** Of all that are alive, and of those that they waited for. */
  readonly cpuMs: number
  /** Resident memory; what several share counts for each. */
  readonly residentBytes: number
}

/** A clock tick of /proc, whatever the kernel's own is. */
const tickMs = 10
/** In what `factsOf` gives: the time of the process in user mode, its own in the kernel, and both of the children it waited for. */
const timeFields = [11, 12, 13, 14] as const

/** What a process and its descendants use. `isBelow`: only its descendants. */
export function usageOf(pid: number, isBelow = false): TreeUsage {
  let [cpuMs, residentBytes] = [0, 0]
  const add = (id: number, isCounted: boolean) => {
    for (const child of childrenOf(id)) add(child, true)
    if (!isCounted) return
    const facts = factsOf(id)
    for (const field of timeFields) cpuMs += Number(facts[field] ?? 0) * tickMs
    residentBytes += residentOf(id)
  }
  add(pid, !isBelow)
  return { cpuMs, residentBytes }
}

function residentOf(pid: number): number {
  try {
    return 1024 * Number(/^VmRSS:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1] ?? 0)
  } catch {
    // It has ended.
    return 0
  }
}
