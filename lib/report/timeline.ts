// How a build went, put together from its events: what ran when and in which slot, what was restored, and the chain of needs that
// took longest. The trace and the page are made of it. Times are ms since the build started.

import type { Diagnostic } from "../base/diagnostic.ts"
import type { BuildEvent, Counts, Outcome, Peaks, Usage } from "../graph/event.ts"
import { graphOf, needsOf } from "../graph/graph.ts"
import type { Target } from "../graph/target.ts"

/** One run of an action. */
export interface Run {
  readonly target: Target
  /** again: an input changed while it ran. retried: it failed, and was run again. */
  readonly outcome: Outcome | "again" | "retried"
  readonly startMs: number
  readonly endMs: number
  /** How long it was ready and had no slot. */
  readonly waitedMs: number
  /** From 0; of the slots that could have been its own, the first. Undefined for what the engine does by itself. */
  readonly slot: number | undefined
  readonly reason: string
  /** The path of its log, below the workspace. */
  readonly log: string | undefined
  /** What it used, where that was seen. */
  readonly usage?: Usage
  readonly steps: readonly { readonly label: string; readonly startMs: number; readonly endMs: number }[]
}

/** What the store gave. They come one after the other, each since it was ready or since the one before. */
export interface Restored {
  readonly target: Target
  readonly startMs: number
  readonly endMs: number
}

export interface Timeline {
  readonly outcome: "done" | "failed" | "cancelled"
  readonly tookMs: number
  readonly slots: number
  readonly counts: Counts
  /** What the build needed at most, where that was seen. */
  readonly peaks?: Peaks
  /** In the order in which they started. */
  readonly runs: readonly Run[]
  readonly restored: readonly Restored[]
  /** The chain of needs whose runs took longest together: with any number of slots the build takes as long. In order. */
  readonly critical: readonly Run[]
  readonly failures: readonly { readonly target: Target; readonly diagnostic: Diagnostic }[]
  readonly notices: readonly Diagnostic[]
}

type Started = { -readonly [K in "startMs" | "waitedMs" | "reason" | "log" | "slot"]: Run[K] } & {
  /** When its slot became another's, if that was before its end. */
  endMs?: number
  readonly steps: { label: string; startMs: number }[]
}

const none: Counts = { built: 0, restored: 0, "up-to-date": 0, failed: 0, skipped: 0, cancelled: 0 }

export interface RecorderOptions {
  /** The workspace's directory. */
  readonly root: string
  /** The clock, in ms. Events count when they are told: give `on` to a build as its `emit`. */
  readonly now?: () => number
}

/** Puts a timeline together. */
export class TimelineRecorder {
  readonly #root: string
  readonly #now: () => number
  readonly #ready = new Map<Target, number>()
  readonly #active = new Map<Target, Started>()
  readonly #runs: Run[] = []
  readonly #restored: Restored[] = []
  readonly #failures: { target: Target; diagnostic: Diagnostic }[] = []
  readonly #notices: Diagnostic[] = []
  /** Slot → when it was left. */
  readonly #slots: number[] = []
  /** When the engine was done with the last of what it does by itself. */
  #enginesEndMs = 0
  #start: number
  #built: Pick<Timeline, "outcome" | "tookMs" | "counts" | "peaks"> | undefined
  #slotCount = 1

  constructor({ root, now = () => performance.now() }: RecorderOptions) {
    this.#root = root
    this.#now = now
    this.#start = now()
  }

  on = (event: BuildEvent): void => {
    const at = this.#now() - this.#start
    if (event.type === "build-started") {
      this.#start = this.#now()
      this.#slotCount = event.slots
    } else if (event.type === "state") this.#follow(event, at)
    else if (event.type === "released") this.#released(event.target, at)
    else if (event.type === "step") this.#step(event.target, event.step, at)
    else if (event.type === "retry") this.#retry(event, at)
    else if (event.type === "failure") this.#failures.push(event)
    else if (event.type === "notice") this.#notices.push(event.diagnostic)
    else if (event.type === "build-ended") this.#built = builtBy(event, at)
  }

  #follow(
    { target, state, reason = "", log, usage, isEngines = false }: Extract<BuildEvent, { type: "state" }>,
    at: number,
  ): void {
    if (state === "wanted") return
    if (state === "ready") {
      this.#end(target, "again", at)
      this.#ready.set(target, at)
      return
    }
    const readyMs = this.#active.has(target) ? at : (this.#ready.get(target) ?? at)
    if (state === "running") {
      this.#active.set(target, {
        startMs: at,
        waitedMs: isEngines ? 0 : at - readyMs,
        reason,
        log: this.#below(log),
        slot: isEngines ? undefined : this.#freeSlot(at),
        steps: [],
      })
      return
    }
    this.#ready.delete(target)
    this.#end(target, state, at, usage)
    if (state === "restored")
      this.#restored.push({ target, startMs: Math.max(readyMs, this.#restored.at(-1)?.endMs ?? 0), endMs: at })
  }

  /** It goes on in its slot. */
  #retry({ target, attempt, of, how }: Extract<BuildEvent, { type: "retry" }>, at: number): void {
    const { slot, log } = this.#active.get(target) ?? { slot: undefined, log: undefined }
    this.#end(target, "retried", at)
    if (slot !== undefined) this.#slots[slot] = Number.POSITIVE_INFINITY
    const reason = `attempt ${attempt} of ${of}: ${how}`
    this.#active.set(target, { startMs: at, waitedMs: 0, reason, log, slot, steps: [] })
  }

  /** Its slot is another's. */
  #released(target: Target, at: number): void {
    const started = this.#active.get(target)
    if (started?.slot === undefined) return
    started.endMs = at
    this.#slots[started.slot] = at
  }

  #below(path: string | undefined): string | undefined {
    return path?.startsWith(`${this.#root}/`) === true ? path.slice(this.#root.length + 1) : path
  }

  /** A shell says again which step it begins. */
  #step(target: Target, label: string, at: number): void {
    const steps = this.#active.get(target)?.steps
    if (steps !== undefined && steps.at(-1)?.label !== label) steps.push({ label, startMs: at })
  }

  #freeSlot(at: number): number {
    const free = this.#slots.findIndex((left) => left <= at)
    const slot = free < 0 ? this.#slots.length : free
    this.#slots[slot] = Number.POSITIVE_INFINITY
    return slot
  }

  #end(target: Target, outcome: Run["outcome"], at: number, usage?: Usage): void {
    const started = this.#active.get(target)
    if (started === undefined) return
    this.#active.delete(target)
    if (started.slot === undefined) {
      // It does one after the other: what was started meanwhile has been waiting.
      started.startMs = Math.max(started.startMs, this.#enginesEndMs)
      this.#enginesEndMs = at
    } else if (started.endMs === undefined) this.#slots[started.slot] = at
    const { endMs = at } = started
    const steps = started.steps.map((step, i) => ({ ...step, endMs: started.steps[i + 1]?.startMs ?? endMs }))
    this.#runs.push({ target, outcome, ...started, endMs, steps, ...(usage === undefined ? {} : { usage }) })
  }

  /** The timeline up to now. What has not ended counts as cancelled. */
  timeline(): Timeline {
    const at = this.#now() - this.#start
    for (const target of [...this.#active.keys()]) this.#end(target, "cancelled", at)
    const runs = this.#runs.toSorted((a, b) => a.startMs - b.startMs)
    return {
      ...(this.#built ?? { outcome: "cancelled", tookMs: at, counts: none }),
      slots: Math.max(this.#slotCount, this.#slots.length),
      runs,
      restored: this.#restored,
      critical: criticalPath(runs),
      failures: this.#failures,
      notices: this.#notices,
    }
  }
}

const builtBy = (
  { outcome, counts, peaks }: Extract<BuildEvent, { type: "build-ended" }>,
  tookMs: number,
): Pick<Timeline, "outcome" | "tookMs" | "counts" | "peaks"> => ({
  outcome,
  counts,
  tookMs,
  ...(peaks === undefined ? {} : { peaks }),
})

/** Of the chains of needs, the one whose runs took longest together. */
export function criticalPath(runs: readonly Run[]): readonly Run[] {
  const own = new Map(runs.map((run) => [run.target, run]))
  const longest = new Map<Target, { totalMs: number; need: Target | undefined }>()
  let last: Target | undefined
  for (const target of graphOf([...own.keys()]).targets) {
    let need: Target | undefined
    for (const one of needsOf(target))
      if ((longest.get(one)?.totalMs ?? 0) > (longest.get(need as Target)?.totalMs ?? 0)) need = one
    const run = own.get(target)
    const totalMs = (longest.get(need as Target)?.totalMs ?? 0) + (run === undefined ? 0 : run.endMs - run.startMs)
    longest.set(target, { totalMs, need })
    if (totalMs > (longest.get(last as Target)?.totalMs ?? 0)) last = target
  }
  const chain: Run[] = []
  for (let at = last; at !== undefined; at = longest.get(at)?.need)
    chain.unshift(...(own.has(at) ? [own.get(at) as Run] : []))
  return chain
}

/** What the engine did by itself. */
export const isEnginesRun = ({ slot }: Run): boolean => slot === undefined

/** How much of the slots' time was spent running, from 0 to 1. */
export const busyShare = ({ runs, slots, tookMs }: Pick<Timeline, "runs" | "slots" | "tookMs">): number =>
  tookMs === 0
    ? 0
    : runs.reduce((sum, run) => sum + (isEnginesRun(run) ? 0 : run.endMs - run.startMs), 0) / (slots * tookMs)
