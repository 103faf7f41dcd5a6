// Builds that never were: events at the times that a test says.

import type { BuildEvent, Outcome, State, Target } from "../lib/mod.ts"
import type { Timeline, TimelineRecorder } from "../lib/report/timeline.ts"

/** One thing that happened, and when, in ms. */
export type Happened = readonly [atMs: number, event: BuildEvent]

export const started = (slots: number): Happened => [0, { type: "build-started", targets: 0, slots, expectedMs: 0 }]

export const moved = (
  atMs: number,
  target: Target,
  state: State,
  besides: { reason?: string; log?: string; isEngines?: boolean } = {},
): Happened => [atMs, { type: "state", target, state, tookMs: 0, expectedMs: 0, ...besides }]

export const step = (atMs: number, target: Target, label: string): Happened => [
  atMs,
  { type: "step", target, step: label },
]

/** One that was ready, waited, ran and ended. */
export const ran = (
  target: Target,
  [readyMs, startMs, endMs]: readonly [number, number, number],
  outcome: Outcome = "built",
): readonly Happened[] => [
  moved(readyMs, target, "ready"),
  moved(startMs, target, "running", {
    reason: `input src/${target.name} changed`,
    log: `/work/space/log/${target.name}.txt`,
  }),
  moved(endMs, target, outcome),
]

export const ended = (atMs: number, counts: Partial<Record<Outcome, number>>): Happened => [
  atMs,
  {
    type: "build-ended",
    outcome: counts.failed === undefined ? "done" : "failed",
    tookMs: atMs,
    counts: { built: 0, restored: 0, "up-to-date": 0, failed: 0, skipped: 0, cancelled: 0, ...counts },
  },
]

/** Tells a recorder of all that happened, in order of time. */
export function told(happened: readonly Happened[], make: (now: () => number) => TimelineRecorder): Timeline {
  let at = 0
  const recorder = make(() => at)
  for (const [atMs, event] of happened.toSorted(([a], [b]) => a - b)) {
    at = atMs
    recorder.on(event)
  }
  return recorder.timeline()
}
