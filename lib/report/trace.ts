// A build as a trace that Perfetto (ui.perfetto.dev) and chrome://tracing open: a track for each slot, one for the critical path,
// one for what the store gave, and how many actions waited for a slot.
// Format: Trace Event Format, https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU

import type { Reporter } from "./console.ts"
import { type RecorderOptions, type Run, type Timeline, TimelineRecorder } from "./timeline.ts"

/** One event of the format; times are µs. */
type TraceEvent = { readonly ph: string; readonly pid: number; readonly name: string } & Readonly<
  Record<string, unknown>
>

const pid = 1
/** Tracks are sorted by number: the critical path, then slots, then the store. */
const criticalTrack = 1
const firstSlot = 2
const longestName = 120

export interface TraceOptions extends RecorderOptions {
  readonly write: (trace: string) => void
}

/** Consumes events; writes the trace, once, when it is closed. */
export function traceReporter(options: TraceOptions): Reporter {
  const recorder = new TimelineRecorder(options)
  let isWritten = false
  return {
    on: recorder.on,
    close: () => {
      if (!isWritten) options.write(traceOf(recorder.timeline()))
      isWritten = true
    },
  }
}

/** The trace of a build, as JSON. */
export function traceOf(timeline: Timeline): string {
  const { outcome, slots, counts, critical } = timeline
  const storeTrack = firstSlot + slots
  const marked = new Set(critical)
  const events = [
    ...names(slots, storeTrack),
    ...timeline.runs.flatMap((run) => runEvents(run, marked.has(run))),
    ...critical.map((run) => slice(run.target.name, "critical path", criticalTrack, run, facts(run, true))),
    ...critical.slice(1).flatMap((run, i) => arrow(critical[i] as Run, run, i)),
    ...timeline.restored.map((from) => slice(from.target.name, "restored", storeTrack, from, { outcome: "restored" })),
    ...waiting(timeline),
  ]
  const lines = events.map((event) => JSON.stringify(event)).join(",\n")
  const about = JSON.stringify({ outcome, slots, counts })
  return `{"displayTimeUnit":"ms","otherData":${about},"traceEvents":[\n${lines}\n]}\n`
}

function names(slots: number, storeTrack: number): readonly TraceEvent[] {
  const track = (tid: number, name: string): readonly TraceEvent[] => [
    { ph: "M", pid, tid, name: "thread_name", args: { name } },
    { ph: "M", pid, tid, name: "thread_sort_index", args: { sort_index: tid } },
  ]
  return [
    { ph: "M", pid, name: "process_name", args: { name: "hashmake" } },
    ...track(criticalTrack, "critical path"),
    ...Array.from({ length: slots }, (_, i) => track(firstSlot + i, `slot ${i + 1}`)).flat(),
    ...track(storeTrack, "restored from the store"),
  ]
}

const µs = (ms: number): number => Math.round(ms * 1000)

function slice(
  name: string,
  cat: string,
  tid: number,
  { startMs, endMs }: Pick<Run, "startMs" | "endMs">,
  args: object,
): TraceEvent {
  return { ph: "X", pid, tid, name, cat, ts: µs(startMs), dur: µs(endMs) - µs(startMs), args }
}

const facts = ({ outcome, reason, waitedMs, log }: Run, isCritical: boolean) => ({
  outcome,
  why: reason,
  "waited for a slot, ms": Math.round(waitedMs),
  "on the critical path": isCritical,
  ...(log === undefined ? {} : { log }),
})

function runEvents(run: Run, isCritical: boolean): readonly TraceEvent[] {
  const tid = firstSlot + run.slot
  const steps = run.steps.map((step) =>
    slice(
      step.label.slice(0, longestName),
      "step",
      tid,
      step,
      step.label.length > longestName ? { step: step.label } : {},
    ),
  )
  return [
    slice(run.target.name, isCritical ? `${run.outcome},critical` : run.outcome, tid, run, facts(run, isCritical)),
    ...steps,
  ]
}

/** From the end of one run (its last µs: an arrow begins within a slice) to the start of the next. */
const arrow = (from: Run, to: Run, id: number): readonly TraceEvent[] => [
  {
    ph: "s",
    pid,
    tid: firstSlot + from.slot,
    name: "critical path",
    cat: "critical path",
    id,
    ts: Math.max(µs(from.startMs), µs(from.endMs) - 1),
  },
  {
    ph: "f",
    bp: "e",
    pid,
    tid: firstSlot + to.slot,
    name: "critical path",
    cat: "critical path",
    id,
    ts: µs(to.startMs),
  },
]

/** How many were ready and had no slot, whenever that changed. */
function waiting({ runs }: Timeline): readonly TraceEvent[] {
  const changes = runs
    .flatMap(({ startMs, waitedMs }) => [
      { at: startMs - waitedMs, by: 1 },
      { at: startMs, by: -1 },
    ])
    .sort((a, b) => a.at - b.at || b.by - a.by)
  let actions = 0
  return changes.map(({ at, by }) => {
    actions += by
    return { ph: "C", pid, name: "waiting for a slot", ts: µs(at), args: { actions } }
  })
}
