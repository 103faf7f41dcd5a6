// How soon each system of each machine is up, from each image: `node bench/run.ts --boots`, in a checkout where they were booted
// (`./build check-systems`, or `check-all` of one). The figures are in their transcripts, which the store keeps.

import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { Digest } from "../lib/base/digest.ts"
import { storeDirectory } from "../lib/store/directory.ts"
import { Store } from "../lib/store/store.ts"
import { costsOf } from "./costs.ts"
import { machine } from "./report.ts"
import { withSection } from "./section.ts"

const root = join(import.meta.dirname, "..")
const page = join(root, "doc/machines.md")
const title = "How soon they are up"

/** One boot. */
export interface Boot {
  readonly triple: string
  readonly system: string
  readonly from: string
  readonly seconds: number
}

/** What the first line of a boot's transcript says; undefined for a medium that must not be taken. */
export function bootIn(transcript: string): Boot | undefined {
  const [, system = "", triple = "", from = "", seconds] =
    /^(\S+) on (\S+) from (.+): ([\d.]+) s to /.exec(transcript) ?? []
  return seconds === undefined || from.includes("another system")
    ? undefined
    : { triple, system, from, seconds: Number(seconds) }
}

/** A line for each system of a machine, a column for each way to start it. */
export function bootsTable(boots: readonly Boot[]): string {
  const ways = [...new Set(boots.map(({ from }) => from))].sort()
  const systems = Map.groupBy(boots, ({ triple, system }) => `\`${triple}\` | ${system}`)
  const rows = [...systems].sort().map(([name, own]) => {
    const cells = ways.map((way) => own.find(({ from }) => from === way)?.seconds.toFixed(1) ?? "")
    return `| ${[name, ...cells].join(" | ")} |`
  })
  return [`| machine | system | ${ways.join(" | ")} |`, `|---|---|${ways.map(() => "---:|").join("")}`, ...rows].join(
    "\n",
  )
}

/** What was said to the machines that were booted here, or that the store has it of. */
function transcripts(): readonly string[] {
  const store = new Store(storeDirectory(process.env))
  return costsOf("check-systems", "TARGET=all").flatMap(({ digests: { transcript } }) => {
    const path = transcript === undefined ? undefined : store.storedFile(transcript as Digest)
    return path === undefined ? [] : [readFileSync(path, "utf8")]
  })
}

/** Prints the table; with `isRecorded` it becomes a section of doc/machines.md. */
export function bootFigures(isRecorded: boolean): void {
  const boots = transcripts().flatMap((transcript) => bootIn(transcript) ?? [])
  if (boots.length === 0) throw new Error("nothing was booted here: `./build all` boots everything")
  const table = bootsTable(boots)
  console.log(table)
  if (!isRecorded) return
  const text = `Seconds from QEMU's start to the login prompt, or to what a system says first.\n\n${table}\n\n${machine}. QEMU emulates all of them.`
  writeFileSync(page, withSection(readFileSync(page, "utf8"), title, text))
}
