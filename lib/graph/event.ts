// Everything that happens is one of these. The terminal, the log, explain and an embedder's own interface consume the same
// stream; no other way leads out of a build. Times are ms.

import type { Diagnostic } from "../base/diagnostic.ts"
import type { Difference } from "./manifest.ts"
import type { Target } from "./target.ts"

/** The states of a target; it only moves to the right. */
export type State = "wanted" | "ready" | "running" | Outcome
/** How a target ended. restored: from the store, without running. skipped: something that it needs failed. */
export type Outcome = "up-to-date" | "restored" | "built" | "failed" | "skipped" | "cancelled"

export type BuildEvent =
  | { readonly type: "build-started"; readonly targets: number; readonly slots: number; readonly expectedMs: number }
  | {
      readonly type: "state"
      readonly target: Target
      readonly state: State
      readonly tookMs: number
      readonly expectedMs: number
      readonly reason?: string
      readonly log?: string
      /** Of one that runs: the engine does it by itself, without a slot. */
      readonly isEngines?: boolean
    }
  | { readonly type: "step"; readonly target: Target; readonly step: string }
  | { readonly type: "output"; readonly target: Target; readonly text: string }
  | {
      readonly type: "progress"
      readonly target: Target
      readonly fraction: number | undefined
      readonly words: string
    }
  | {
      readonly type: "would-run"
      readonly target: Target
      readonly reason: string
      readonly differences?: readonly Difference[]
    }
  | { readonly type: "failure"; readonly target: Target; readonly diagnostic: Diagnostic }
  | { readonly type: "notice"; readonly diagnostic: Diagnostic }
  | { readonly type: "waiting"; readonly pid: number; readonly command: string }
  | {
      readonly type: "build-ended"
      readonly outcome: "done" | "failed" | "cancelled"
      readonly counts: Counts
      readonly tookMs: number
    }

/** How many targets with an action ended each way. */
export type Counts = Readonly<Record<Outcome, number>>

/** An event as one line of JSON would hold it: a target is its name. */
export const eventRecord = (event: BuildEvent): Record<string, unknown> =>
  "target" in event ? { ...event, target: event.target.name } : { ...event }
