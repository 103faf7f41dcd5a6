// A build as a trace that Perfetto (ui.perfetto.dev) and chrome://tracing open: a track for each slot, for the critical path, for what
// the engine did by itself and for what the store gave, and how many actions waited for a slot.
// Format: Trace Event Format, https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU

import type { Reporter } from "./reporter.ts"
import { isEnginesRun, type RecorderOptions, type Run, type Timeline, TimelineRecorder } from "./timeline.ts"

/** One event of the format; times are µs. */
type TraceEvent = { readonly ph: string; readonly pid: number; readonly name: string } & Readonly<
  Record<string, unknown>
>

const pid = 1
/** Tracks are sorted by number: the critical path, slots, what the engine does by itself, the store. */
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
  const { outcome, slots, counts, critical, runs, restored } = timeline
  const trackOf = ({ slot = slots }: Run) => firstSlot + slot
  const storeTrack = firstSlot + slots + 1
  const marked = new Set(critical)
  const events = [
    { ph: "M", pid, name: "process_name", args: { name: "hashmake" } },
    ...(critical.length > 0 ? track(criticalTrack, "critical path") : []),
    ...Array.from({ length: slots }, (_, i) => track(firstSlot + i, `slot ${i + 1}`)).flat(),
    ...(runs.some(isEnginesRun) ? track(firstSlot + slots, "done by hashmake itself") : []),
    ...(restored.length > 0 ? track(storeTrack, "restored from the store") : []),
    ...runs.flatMap((run) => runEvents(run, trackOf(run), marked.has(run))),
    ...critical.map((run) => slice(run.target.name, "critical path", criticalTrack, run, facts(run, true))),
    ...critical.flatMap((run, i) => [
      ...(i > 0 ? [arrow("f", i - 1, trackOf(run), µs(run.startMs))] : []),
      // An arrow begins within a slice: in its last µs.
      ...(i < critical.length - 1 ? [arrow("s", i, trackOf(run), Math.max(µs(run.startMs), µs(run.endMs) - 1))] : []),
    ]),
    ...restored.map((from) => slice(from.target.name, "restored", storeTrack, from, { outcome: "restored" })),
    ...waiting(timeline),
  ]
  const lines = events.map((event) => JSON.stringify(event)).join(",\n")
  const about = JSON.stringify({ outcome, slots, counts })
  return `{"displayTimeUnit":"ms","otherData":${about},"traceEvents":[\n${lines}\n]}\n`
}

const track = (tid: number, name: string): readonly TraceEvent[] => [
  { ph: "M", pid, tid, name: "thread_name", args: { name } },
  { ph: "M", pid, tid, name: "thread_sort_index", args: { sort_index: tid } },
]

/** The begin (s) or the end (f) of the arrow with this number. */
const arrow = (ph: "s" | "f", id: number, tid: number, ts: number): TraceEvent => ({
  ph,
  ...(ph === "f" ? { bp: "e" } : {}),
  pid,
  tid,
  name: "critical path",
  cat: "critical path",
  id,
  ts,
})

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

const facts = ({ outcome, reason, waitedMs, log, usage }: Run, isCritical: boolean) => ({
  outcome,
  why: reason,
  "waited for a slot, ms": Math.round(waitedMs),
  "on the critical path": isCritical,
  ...(usage === undefined ? {} : { "processor, ms": usage.cpuMs, "memory, bytes": usage.peakBytes }),
  ...(log === undefined ? {} : { log }),
})

function runEvents(run: Run, tid: number, isCritical: boolean): readonly TraceEvent[] {
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

/** How many were ready and had no slot, whenever that changed. */
function waiting({ runs }: Timeline): readonly TraceEvent[] {
  const changes = runs
    .filter((run) => !isEnginesRun(run))
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
