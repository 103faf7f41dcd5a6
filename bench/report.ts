// What was measured, as tables and a chart: results.json keeps the last measurement of every case and size, and RESULTS.md is made
// of it, a section a suite.

import { spawnSync } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import { cpus } from "node:os"
import { join } from "node:path"
import { readIfThere } from "../lib/base/files.ts"
import { cases } from "./cases.ts"
import { chart } from "./chart.ts"
import { type Figures, median } from "./measure.ts"
import type { Measurement, Runs } from "./suite.ts"
import { npmPackages } from "./tool.ts"
import { tools } from "./tools.ts"

/** A measurement with when and where it was made. */
export interface Recorded extends Measurement {
  readonly date: string
  readonly machine: string
}

const resultsFile = join(import.meta.dirname, "results.json")
const page = join(import.meta.dirname, "RESULTS.md")

/** Where it is measured. */
export const machine = `${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}`

/** The medians of a tool's runs. */
export function medians({ figures }: Runs): Figures {
  const of = (name: keyof Figures) => median(figures.map((one) => one[name]))
  return { wallSeconds: of("wallSeconds"), cpuSeconds: of("cpuSeconds"), memoryBytes: of("memoryBytes") }
}

const ratio = (a: number, b: number | undefined): string => (b === undefined ? "" : (a / b).toFixed(2))

function rows({ name, size, runs, absent }: Measurement): readonly (readonly string[])[] {
  const of = (name: string) => runs.filter(({ tool }) => tool === name).map(medians)[0]
  const [ninja, ours] = [of("ninja"), of("hashmake")]
  const goal = cases.find((one) => one.name === name)?.goal ?? ""
  const aim = typeof goal === "string" ? goal : (goal[size] ?? "")
  const measured = runs.map((one) => {
    const { wallSeconds, cpuSeconds, memoryBytes } = medians(one)
    return [
      one.tool,
      wallSeconds.toFixed(3),
      cpuSeconds.toFixed(3),
      (memoryBytes / 1e6).toFixed(0),
      ratio(wallSeconds, ninja?.wallSeconds),
      ratio(cpuSeconds, ninja?.cpuSeconds),
      ratio(memoryBytes, ninja?.memoryBytes),
      ratio(wallSeconds, ours?.wallSeconds),
      size === 0 ? "" : Math.round(size / wallSeconds).toLocaleString("en"),
      one.tool === "hashmake" ? aim : "",
    ]
  })
  return [...measured, ...Object.entries(absent).map(([tool, why]) => [tool, why])]
}

const head = [
  "tool",
  "wall s",
  "CPU s",
  "MB",
  "wall ÷ ninja",
  "CPU ÷ ninja",
  "memory ÷ ninja",
  "wall ÷ hashmake",
  "actions a second",
  "aim",
]

/** A measurement as a table of Markdown, with its heading. */
export function table(measurement: Measurement): string {
  const { name, size, runs } = measurement
  const about = cases.find((one) => one.name === name)?.about ?? name
  const title = `### ${about}${size === 0 ? "" : `: ${size.toLocaleString("en")} actions`}`
  const lines = [head, head.map((_, i) => (i === 0 ? "---" : "---:")), ...rows(measurement)]
  const repeated = `Medians of ${Math.max(0, ...runs.map(({ figures }) => figures.length))}; \`--case ${name}\`.`
  return [
    title,
    repeated,
    lines.map((cells) => `| ${head.map((_, i) => cells[i] ?? "").join(" | ")} |`).join("\n"),
  ].join("\n\n")
}

/** The growth of a case with its size, tool by tool, as SVG. */
export function growth(all: readonly Measurement[], name: string): string {
  const of = all.filter((one) => one.name === name).sort((a, b) => a.size - b.size)
  const tools = [...new Set(of.flatMap(({ runs }) => runs.map(({ tool }) => tool)))]
  const lines = tools.map((tool) => ({
    name: tool,
    points: of.flatMap(({ size, runs }) => {
      const found = runs.find((one) => one.tool === tool)
      return found === undefined ? [] : [[size, medians(found).wallSeconds] as const]
    }),
  }))
  return chart(lines, { title: "nothing to do", x: "actions", y: "seconds (wall)" })
}

/** Keeps measurements, in the place of older ones of the same case and size, and writes the page anew. */
export function record(measurements: readonly Measurement[]): void {
  const date = new Date().toISOString().slice(0, 10)
  const fresh = measurements.map((one) => ({ ...one, date, machine }))
  const isReplaced = (old: Recorded) => fresh.some(({ name, size }) => old.name === name && old.size === size)
  const kept = (JSON.parse(readIfThere(resultsFile) ?? "[]") as Recorded[]).filter((old) => !isReplaced(old))
  const place = (one: Recorded) => cases.findIndex(({ name }) => name === one.name)
  const all = [...kept, ...fresh].sort((a, b) => place(a) - place(b) || a.size - b.size)
  writeFileSync(resultsFile, `${JSON.stringify(all.map(rounded), undefined, 1)}\n`)
  writeFileSync(join(import.meta.dirname, "growth.svg"), growth(all, "nothing"))
  const made = [...new Set(all.map(({ date, machine }) => `${machine}, ${date}`))].join("; ")
  const text = [
    `\`npm run bench -- --record\`; \`--help\` says what can be chosen. ${made}. The tools take turns; each is called as`,
    "bench/tools.ts and bench/runners.ts say, hashmake as npm installs it (bench/package.ts). CPU is that of all processes, servers included; memory is that of the largest.",
    `The version of each: ${versions()}.`,
    "Where a goal is missed, [bounds.md](bounds.md) says what bounds it.",
    "\n![growth from 1,000 actions](growth.svg)\n",
    ...all.map((one) => `${table(one)}\n`),
  ].join("\n")
  recordSection("Speed, beside others", text.trimEnd())
}

/** What is compared with. */
function versions(): string {
  const debian = tools.flatMap(({ from }) => (from !== "here" && "debian" in from ? [from.debian] : []))
  const { stdout } = spawnSync("dpkg-query", ["-W", "-f", "${Package} ${Version}, ", ...debian], { encoding: "utf8" })
  return `${stdout}${Object.entries(npmPackages)
    .map((one) => one.join(" "))
    .join(", ")}`
}

const rounded = (one: Recorded): Recorded => ({
  ...one,
  runs: one.runs.map(({ tool, figures }) => ({
    tool,
    figures: figures.map(({ wallSeconds, cpuSeconds, memoryBytes }) => ({
      wallSeconds: Number(wallSeconds.toFixed(6)),
      cpuSeconds: Number(cpuSeconds.toFixed(6)),
      memoryBytes,
    })),
  })),
})

/** Puts a text in the place of a section of RESULTS.md. */
export function recordSection(title: string, text: string): void {
  const [top = "", ...sections] = readFileSync(page, "utf8").split(/^## /m)
  const others = sections.filter((section) => !section.startsWith(`${title}\n`)).map((section) => section.trimEnd())
  const isFirst = title.startsWith("Speed")
  const ours = `${title}\n\n${text}`
  const all = isFirst ? [ours, ...others] : [...others, ours]
  writeFileSync(page, `${[top.trimEnd(), ...all.map((section) => `## ${section}`)].join("\n\n")}\n`)
}
