// What state each target of a build is in. `move` alone changes one, and tells it; what failed is kept.

import type { Diagnostic } from "../base/diagnostic.ts"
import type { BuildEvent, Counts, Outcome, State } from "../graph/event.ts"
import type { Target } from "../graph/target.ts"

/** An action that failed. */
export interface Failure {
  /** The target whose action it is. */
  readonly target: Target
  /** What a person is told: the step that failed, the chain that led to it, the end of its log. */
  readonly diagnostic: Diagnostic
  /** Whether the Buildfile is wrong (an output that was declared and not written, say), and not what the action did. */
  readonly isError: boolean
}

/** How a whole build went. */
export interface BuildResult {
  /** done: all that was wanted is up to date. failed: at least one action failed. cancelled: by the signal. */
  readonly outcome: "done" | "failed" | "cancelled"
  /** How many targets ended each way. */
  readonly counts: Counts
  /** What failed, in the order in which it did; what was not built because of it is only counted, as skipped. */
  readonly failures: readonly Failure[]
}

const none: Counts = { "up-to-date": 0, restored: 0, built: 0, failed: 0, skipped: 0, cancelled: 0 }

/** How a build with so many actions went that was cancelled before it began. */
export const notBegun = (actions: number): BuildResult => ({
  outcome: "cancelled",
  counts: { ...none, cancelled: actions },
  failures: [],
})

/** What is told of a state besides. */
type Besides = Pick<Extract<BuildEvent, { type: "state" }>, "reason" | "isEngines" | "hasTerminal" | "log" | "usage">

export class States {
  readonly failures: Failure[] = []
  /** What each action was expected to last when the build started, in ms. */
  readonly #expected: ReadonlyMap<Target, number>
  readonly #emit: (event: BuildEvent) => void
  readonly #started = new Map<Target, number>()
  readonly #counts: Record<Outcome, number> = { ...none }

  /** `upToDate`: how many are known to be so, and have no state here. */
  constructor(expected: ReadonlyMap<Target, number>, emit: (event: BuildEvent) => void, upToDate = 0) {
    this.#expected = expected
    this.#emit = emit
    this.#counts["up-to-date"] = upToDate
  }

  get counts(): Counts {
    return this.#counts
  }

  move(target: Target, state: State, besides: Besides = {}): void {
    const now = performance.now()
    if (state === "running") this.#started.set(target, now)
    const tookMs = now - (this.#started.get(target) ?? now)
    if (state in this.#counts) {
      this.#counts[state as Outcome]++
      this.#started.delete(target)
    }
    const expectedMs = this.#expected.get(target) ?? 0
    this.#emit({ type: "state", target, state, tookMs, expectedMs, ...besides })
  }

  /** Moves a target to its end, and says which that is. */
  end<O extends Outcome>(target: Target, outcome: O, besides?: Besides): O {
    this.move(target, outcome, besides)
    return outcome
  }

  fail(failure: Failure, log: string): "failed" {
    const { target, diagnostic } = failure
    this.failures.push(failure)
    this.move(target, "failed", { log })
    this.#emit({ type: "failure", target, diagnostic })
    return "failed"
  }
}
