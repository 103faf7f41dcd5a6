// The bootstrap's figures in doc/bootstrap.md: `node bench/run.ts --bootstrap`, in a checkout where the stages are built. What each
// package took is kept with its result, so it does not matter in how many sittings they were.

import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { Costs } from "../bin/costs.ts"
import { sizeText } from "../lib/base/quantity.ts"
import { duration } from "../lib/report/words.ts"
import { costsOf } from "./costs.ts"
import { machine } from "./report.ts"
import { withSection } from "./section.ts"

const root = join(import.meta.dirname, "..")
const page = join(root, "doc/bootstrap.md")
const title = "A complete run"
const shownDigits = 12

/** The table of what the stages took: a line for each package, and one for each stage. */
export function bootstrapTable(costs: readonly Costs[]): string {
  const stages = Map.groupBy(
    costs.filter(({ target }) => /^stage\d\//.test(target)),
    ({ target }) => target.slice(0, "stage1".length),
  )
  const rows = [...stages].flatMap(([stage, parts]) => [
    ...parts.map((part) => rowOf(stage, part.target.slice(stage.length + 1), part, digestOf(part))),
    rowOf(`**${stage}**`, "**all**", totalOf(parts), ""),
  ])
  return ["| stage | package | processor | time | size | digest |", "|---|---|---:|---:|---:|---|", ...rows].join("\n")
}

type Total = Pick<Costs, "durationMs" | "cpuMs" | "sizeBytes">

const rowOf = (stage: string, name: string, { durationMs, cpuMs, sizeBytes }: Total, digest: string): string =>
  `| ${[stage, name, cpuMs === undefined ? "" : duration(cpuMs), duration(durationMs), sizeText(sizeBytes), digest].join(" | ")} |`

const digestOf = ({ digests }: Costs): string => `\`${Object.values(digests)[0]?.slice(0, shownDigits) ?? ""}\``

function totalOf(parts: readonly Costs[]): Total {
  const sum = (of: (part: Costs) => number) => parts.reduce((total, part) => total + of(part), 0)
  return {
    durationMs: sum(({ durationMs }) => durationMs),
    ...(parts.some(({ cpuMs }) => cpuMs !== undefined) ? { cpuMs: sum(({ cpuMs = 0 }) => cpuMs) } : {}),
    sizeBytes: sum(({ sizeBytes }) => sizeBytes),
  }
}

/** Prints the table; with `isRecorded` it becomes a section of doc/bootstrap.md, and what it is made of bench/bootstrap.json. */
export function bootstrapFigures(isRecorded: boolean): void {
  const costs = costsOf("bootstrap")
  const table = bootstrapTable(costs)
  console.log(table)
  if (!isRecorded) return
  writeFileSync(join(import.meta.dirname, "bootstrap.json"), `${JSON.stringify(costs, undefined, 2)}\n`)
  writeFileSync(
    page,
    withSection(
      readFileSync(page, "utf8"),
      title,
      `${table}\n\n${machine}. Time is that of the action alone; processor is what was seen of runs of a second or longer.`,
    ),
  )
}
