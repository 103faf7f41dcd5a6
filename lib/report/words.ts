// How quantities and outcomes are said, and colours.

import type { Counts, Outcome, Would } from "../graph/event.ts"

/** `0.4 s`, `41 s`, `3 min 07 s`, `2 h 05 min`. */
export function duration(ms: number): string {
  const seconds = ms / 1000
  if (seconds < 10) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  const minutes = Math.floor(whole / 60)
  if (minutes < 60) return `${minutes} min ${String(whole % 60).padStart(2, "0")} s`
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`
}

const outcomeWords: readonly (readonly [Outcome, string])[] = [
  ["built", "built"],
  ["restored", "restored"],
  ["up-to-date", "up to date"],
  ["failed", "failed"],
  ["skipped", "skipped"],
  ["cancelled", "not started"],
]

const wouldWords: readonly (readonly [keyof Would, string])[] = [
  ["run", "would run"],
  ["mayRun", "may run"],
  ["restore", "would be restored"],
]

/** `3 built, 12 up to date`; of a dry run, `1 would run, 12 up to date`. */
export function counted(counts: Counts, would: Would = { run: 0, mayRun: 0, restore: 0 }): string {
  const parts = [
    ...wouldWords.map(([what, words]) => [would[what], words] as const),
    ...outcomeWords.map(([outcome, words]) => [counts[outcome], words] as const),
  ]
  const said = parts.flatMap(([count, words]) => (count > 0 ? [`${count} ${words}`] : []))
  return said.length > 0 ? said.join(", ") : "nothing to do"
}

export type Paint = Readonly<Record<"red" | "green" | "yellow" | "cyan" | "dim" | "bold", (text: string) => string>>

/** Colours, or none. */
export function paint(isColoured: boolean): Paint {
  const with_ = (code: number) => (text: string) => (isColoured ? `\x1b[${code}m${text}\x1b[0m` : text)
  return { red: with_(31), green: with_(32), yellow: with_(33), cyan: with_(36), dim: with_(2), bold: with_(1) }
}

/** A rendered diagnostic with its first word and its help coloured. */
export const painted = (text: string, { red, yellow, cyan, bold }: Paint): string =>
  text
    .replace(/^error: (.*)/, (_, what) => `${red("error:")} ${bold(what)}`)
    .replace(/^note: (.*)/, (_, what) => `${yellow("note:")} ${what}`)
    .replace(/^help:/m, cyan("help:"))
