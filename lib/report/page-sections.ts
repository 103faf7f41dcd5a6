// The parts of the page of a build, each from its timeline.

import { renderDiagnostic } from "../base/diagnostic.ts"
import { type Html, html, trusted } from "../base/html.ts"
import { busyShare, isEnginesRun, type Restored, type Run, type Timeline } from "./timeline.ts"
import { counted, duration } from "./words.ts"

/** The last lines of the log at a path below the workspace. */
export type LastLines = (log: string) => readonly string[]

export interface Section {
  readonly id: string
  readonly name: string
  readonly body: Html
}

/** A run that has its place on the page. */
interface Shown extends Run {
  readonly id: string
  readonly isCritical: boolean
}

/** More than this a browser shows slowly, and nobody reads: the longest are shown, and the critical path. */
const mostShown = 2000
const mostSlowest = 20
const longestLine = 400

const outcomes = {
  built: "built",
  failed: "failed",
  again: "ran again: an input changed meanwhile",
  retried: "failed, and was run again",
  cancelled: "interrupted",
  restored: "restored",
  skipped: "skipped",
  "up-to-date": "up to date",
} as const

const lasted = ({ startMs, endMs }: Pick<Run, "startMs" | "endMs">): number => endMs - startMs
const sum = (spans: readonly Pick<Run, "startMs" | "endMs">[]): number =>
  spans.reduce((total, span) => total + lasted(span), 0)
const took = (ms: number): string => (ms < 1000 ? `${Math.round(ms)} ms` : duration(ms))
const percent = (share: number): string => `${Math.round(share * 100)} %`

/** The parts that there is something to say in. */
export function pageSections(timeline: Timeline, lastLines: LastLines): readonly Section[] {
  const shown = shownOf(timeline)
  const ran = shown.length === 0 ? [] : [lanes(timeline, shown), critical(timeline, shown), slowest(shown)]
  return [...failures(timeline), ...ran, spared(timeline), ...(shown.length === 0 ? [] : [actions(shown, lastLines)])]
}

function shownOf({ runs, critical }: Timeline): readonly Shown[] {
  const path = new Set(critical)
  const longest = new Set(runs.toSorted((a, b) => lasted(b) - lasted(a)).slice(0, mostShown))
  return runs
    .filter((run) => path.has(run) || longest.has(run))
    .map((run, i) => ({ ...run, id: `action-${i + 1}`, isCritical: path.has(run) }))
}

/** What stands below the heading. */
export function pageFacts(timeline: Timeline): Html {
  const { counts, slots, critical, tookMs, runs } = timeline
  const share = tookMs > 0 ? ` (${percent(sum(critical) / tookMs)} of the time)` : ""
  return facts([
    ["Targets", counted(counts)],
    ...(runs.length === 0
      ? []
      : ([
          ["Slots", `${slots}, busy ${percent(busyShare(timeline))} of the time`],
          ["Critical path", `${took(sum(critical))}${share}`],
        ] as const)),
  ])
}

const facts = (rows: readonly (readonly [string, string])[]): Html =>
  html`<dl class="facts">${rows.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>\n`)}</dl>`

function failures({ failures, notices }: Timeline): readonly Section[] {
  const texts = [
    ...failures.map(({ diagnostic }) => renderDiagnostic(diagnostic)),
    ...notices.map((diagnostic) => renderDiagnostic(diagnostic, "note")),
  ]
  if (texts.length === 0) return []
  const body = html`${texts.map((text) => html`<pre tabindex="0">${text}</pre>\n`)}`
  return [{ id: "failures", name: failures.length > 0 ? "What failed" : "Notes", body }]
}

function lanes({ tookMs, slots, runs }: Timeline, shown: readonly Shown[]): Section {
  const wholeMs = Math.max(tookMs, 1)
  const at = (ms: number) => `${((100 * ms) / wholeMs).toFixed(3)}%`
  const bar = (run: Shown) => {
    const looks = `bar ${run.outcome}${run.isCritical ? " critical" : ""}`
    const place = `left:${at(run.startMs)};width:${at(lasted(run))}`
    const sign = `${run.isCritical ? "◆ " : ""}${run.outcome === "failed" ? "✗ " : ""}`
    return html`<li><a class="${looks}" href="#${run.id}" tabindex="${run === shown[0] ? 0 : -1}" style="${place}" title="${words(run)}" aria-label="${words(run)}"><span aria-hidden="true">${sign}${run.target.name}</span></a></li>\n`
  }
  const rest = shown.length < runs.length ? runs : []
  const busy = (slot?: number) =>
    busySpans(
      rest.filter((run) => run.slot === slot),
      wholeMs,
    ).map(
      ({ startMs, endMs }) => html`<span class="busy" style="left:${at(startMs)};width:${at(endMs - startMs)}"></span>`,
    )
  const lane = (
    name: string,
    slot?: number,
  ) => html`<div class="area"><span class="name" aria-hidden="true">${name}</span>${busy(slot)}
<ul class="lane" aria-label="${name}">${shown.filter((run) => run.slot === slot).map(bar)}</ul></div>
`
  const tick = (ms: number) => html`<span style="left:${at(ms)};top:-1.4rem">${took(ms)}</span>`
  const more =
    shown.length < runs.length ? `The ${shown.length} longest of ${runs.length} runs; the others are grey. ` : ""
  return {
    id: "timeline",
    name: "Timeline",
    body: html`<p class="soft">${more}Each bar is an action in its slot, and leads to what is known of it. The arrow keys go from bar to bar.</p>
<div class="controls" hidden><label>Zoom <input id="zoom" type="range" min="1" max="40" value="1"></label></div>
<div class="scroll" tabindex="0" role="region" aria-label="Timeline of the slots"><div class="inner">
<div class="area ticks" aria-hidden="true">${ticks(wholeMs).map(tick)}</div>
<div class="lanes">
${Array.from({ length: slots }, (_, slot) => lane(`slot ${slot + 1}`, slot))}${shown.some(isEnginesRun) ? lane("hashmake") : undefined}</div>
</div></div>
<p class="legend" aria-hidden="true"><span><i class="built"></i>built</span><span><i class="failed"></i>✗ failed</span><span><i></i>interrupted</span><span><i class="critical"></i>◆ on the critical path</span></p>`,
  }
}

/** When a slot was busy: runs with hardly anything between them are one span. */
function busySpans(runs: readonly Run[], wholeMs: number): readonly Pick<Run, "startMs" | "endMs">[] {
  const spans: { startMs: number; endMs: number }[] = []
  for (const { startMs, endMs } of runs) {
    const last = spans.at(-1)
    if (last !== undefined && startMs - last.endMs < wholeMs / 1000) last.endMs = endMs
    else spans.push({ startMs, endMs })
  }
  return spans
}

/** Six to fifteen round times within a span. */
function ticks(wholeMs: number): readonly number[] {
  const power = 10 ** Math.floor(Math.log10(wholeMs / 6))
  const step = [1, 2, 5, 10].map((n) => n * power).find((size) => wholeMs / size <= 15) ?? wholeMs
  return Array.from({ length: Math.floor(wholeMs / step) }, (_, i) => i * step)
}

const words = (run: Shown): string =>
  `${run.target.name}, ${outcomes[run.outcome]}, ${took(lasted(run))}${run.isCritical ? ", on the critical path" : ""}`

const link = (run: Shown): Html => html`<a href="#${run.id}">${run.target.name}</a>`

function critical({ tookMs }: Timeline, shown: readonly Shown[]): Section {
  const path = shown.filter(({ isCritical }) => isCritical)
  const rows = path.map((run) => [
    link(run),
    took(lasted(run)),
    percent(lasted(run) / Math.max(tookMs, 1)),
    took(run.waitedMs),
  ])
  return {
    id: "critical",
    name: "Critical path",
    body: html`<p>Each of these needs the one before it. With any number of slots the build takes as long as they do: ${took(sum(path))}.</p>
${table("The critical path, in order", ["Action", "Took", "Of the build", "Waited for a slot"], rows)}`,
  }
}

function slowest(shown: readonly Shown[]): Section {
  const longest = shown.toSorted((a, b) => lasted(b) - lasted(a)).slice(0, mostSlowest)
  const rows = longest.map((run) => [link(run), took(lasted(run)), took(run.waitedMs), run.isCritical ? "◆ yes" : "no"])
  return {
    id: "slowest",
    name: "Slowest",
    body: table("The actions that took longest", ["Action", "Took", "Waited for a slot", "On the critical path"], rows),
  }
}

function table(label: string, heads: readonly string[], rows: readonly (readonly (Html | string)[])[]): Html {
  const head = (text: string, i: number) =>
    html`<th scope="col"${i > 0 ? trusted(' class="number"') : undefined}>${text}</th>`
  const cell = (value: Html | string, i: number) =>
    i === 0 ? html`<th scope="row">${value}</th>` : html`<td class="number">${value}</td>`
  return html`<table aria-label="${label}"><thead><tr>${heads.map(head)}</tr></thead><tbody>
${rows.map((row) => html`<tr>${row.map(cell)}</tr>\n`)}</tbody></table>`
}

function spared({ counts, restored, runs }: Timeline): Section {
  const without = counts.restored + counts["up-to-date"]
  const share = without === 0 ? 0 : without / (without + runs.length)
  const item = (from: Restored) => html`<li>${from.target.name} <span class="soft">${took(lasted(from))}</span></li>\n`
  const list = html`<details><summary>What was restored</summary><ul>${restored.slice(0, mostShown).map(item)}</ul></details>`
  return {
    id: "spared",
    name: "What did not have to run",
    body: html`<p>${counts["up-to-date"]} up to date, ${counts.restored} restored from the store in ${took(sum(restored))}: ${percent(share)} of all actions. ${runs.length} ran.</p>
${restored.length === 0 ? undefined : list}`,
  }
}

function actions(shown: readonly Shown[], lastLines: LastLines): Section {
  const all = shown.map((run) => action(run, run.log === undefined ? [] : lastLines(run.log)))
  return {
    id: "actions",
    name: "Why each action ran, and what it said",
    body: html`<div class="controls" hidden><label>Filter <input id="filter" type="search" placeholder="name, reason, failed, critical …"></label> <span id="shown" role="status"></span></div>
${all}`,
  }
}

function action(run: Shown, lines: readonly string[]): Html {
  const { id, target, outcome, reason, slot, waitedMs, steps, log, isCritical } = run
  const rows: readonly (readonly [string, string])[] = [
    ["Why", reason],
    ...(target.about === "" ? [] : [["What", target.about] as const]),
    ...(target.where === undefined ? [] : [["Declared", target.where] as const]),
    [
      "Slot",
      slot === undefined ? "none: hashmake did it by itself" : `${slot + 1}, after ${took(waitedMs)} of waiting`,
    ],
    ...steps.map((step) => ["Step", `${step.label.slice(0, longestLine)} · ${took(lasted(step))}`] as const),
    ...(log === undefined ? [] : [["Log", log] as const]),
  ]
  const search = `${target.name} ${outcome} ${reason} ${isCritical ? "critical" : ""}`.toLowerCase()
  const mark = isCritical ? html` <span class="mark">◆ critical</span>` : undefined
  const said = html`<pre tabindex="0" role="group" aria-label="Last lines of the log of ${target.name}">${lines.map((line) => line.slice(0, longestLine)).join("\n")}</pre>`
  return html`<details id="${id}" data-words="${search}"><summary>${target.name} <span class="soft">${outcomes[outcome]}, ${took(lasted(run))}</span>${mark}</summary><div>
${facts(rows)}
${lines.every((line) => line === "") ? undefined : said}</div></details>
`
}
