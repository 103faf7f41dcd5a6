// What actions use: the processor's time and memory, looked at once a second while they run. What runs for less than that is not seen.

import { errorCode } from "../base/files.ts"
import { readFileSync, statfsSync, writeFileSync } from "../base/fs.ts"
import { usageOf } from "../base/usage.ts"
import type { Peaks, Usage } from "../graph/event.ts"

const lookMs = 1000

/** What the runs of an action took together: those that were interrupted, and the one that went on from them. */
export interface Spent {
  readonly durationMs: number
  readonly usage?: Usage
}

/** Looks at all that runs. */
export class Meter {
  readonly #root: string
  readonly #accounts = new Set<Account>()
  readonly #freeBytes: number
  #timer: NodeJS.Timeout | undefined
  #peakBytes = 0
  #diskBytes = 0

  /** `root`: a directory in the file system whose room is looked at. */
  constructor(root: string) {
    this.#root = root
    this.#freeBytes = freeIn(root)
  }

  account(): Account {
    return new Account(this.#accounts, () => {
      this.#timer ??= setInterval(() => this.#look(), lookMs).unref()
    })
  }

  /** Undefined as long as nothing was seen to run. */
  get peaks(): Peaks | undefined {
    return this.#peakBytes === 0 ? undefined : { memoryBytes: this.#peakBytes, diskBytes: this.#diskBytes }
  }

  #look(): void {
    let residentBytes = 0
    for (const account of this.#accounts) residentBytes += account.look()
    this.#peakBytes = Math.max(this.#peakBytes, residentBytes)
    this.#diskBytes = Math.max(this.#diskBytes, this.#freeBytes - freeIn(this.#root))
  }

  close(): void {
    clearInterval(this.#timer)
  }
}

const freeIn = (root: string): number => {
  const { bavail, bsize } = statfsSync(root)
  return bavail * bsize
}

/** What one action uses. */
export class Account {
  readonly #running: Set<Account>
  readonly #onBegin: () => void
  #process: { readonly pid: number; readonly isShell: boolean; readonly startedMs: number } | undefined
  #earlier: Spent = { durationMs: 0 }
  #own: Usage | undefined
  #file: string | undefined

  /** Without arguments, one at which nobody looks. */
  constructor(running: Set<Account> = new Set(), onBegin = () => {}) {
    this.#running = running
    this.#onBegin = onBegin
  }

  /** Its process runs. `isShell`: only what descends from that is its own. */
  begin(pid: number | undefined, isShell = false): void {
    if (pid === undefined) return
    this.#process = { pid, isShell, startedMs: performance.now() }
    this.#running.add(this)
    this.#onBegin()
  }

  /** Its process runs no more. */
  end(): void {
    this.#running.delete(this)
  }

  /** What interrupted runs took is in this file; so will be what this one takes. */
  keepIn(file: string): void {
    this.#file = file
    this.#earlier = spentIn(file)
  }

  /** Gives the bytes that it has in memory now. */
  look(): number {
    if (this.#process === undefined) return 0
    const { pid, isShell, startedMs } = this.#process
    const { cpuMs, residentBytes } = usageOf(pid, isShell)
    const { cpuMs: before = 0, peakBytes = 0 } = this.#own ?? {}
    this.#own = { cpuMs: Math.max(before, cpuMs), peakBytes: Math.max(peakBytes, residentBytes) }
    this.#note(performance.now() - startedMs)
    return residentBytes
  }

  /** Where no room is left, an interrupted run's share is not known to the next. */
  #note(durationMs: number): void {
    if (this.#file === undefined) return
    try {
      writeFileSync(this.#file, JSON.stringify(this.spent(durationMs)))
    } catch (thrown) {
      if (errorCode(thrown) === undefined) throw thrown
    }
  }

  /** What all its runs took, the last of them so long. */
  spent(durationMs: number): Spent {
    const { durationMs: earlierMs, usage: earlier } = this.#earlier
    const own = this.#own
    const both = { cpuMs: 0, peakBytes: 0 }
    for (const usage of [earlier, own]) {
      both.cpuMs += usage?.cpuMs ?? 0
      both.peakBytes = Math.max(both.peakBytes, usage?.peakBytes ?? 0)
    }
    return {
      durationMs: earlierMs + durationMs,
      ...(earlier === undefined && own === undefined ? {} : { usage: both }),
    }
  }
}

/** What a file says that may be damaged, or not there. */
function spentIn(file: string): Spent {
  try {
    const { durationMs, usage } = JSON.parse(readFileSync(file, "utf8")) as Spent
    return Number.isFinite(durationMs) && Number.isFinite(usage?.cpuMs) && Number.isFinite(usage?.peakBytes)
      ? { durationMs, ...(usage === undefined ? {} : { usage }) }
      : { durationMs: 0 }
  } catch {
    return { durationMs: 0 }
  }
}
