// How fast the bootstrap's compilers are beside the build machine's: `node bench/run.ts --compilers`. Each makes the same C++ library of
// the same flags, in turns; CPU time is that of its action. Their own C libraries and allocators are what differs most between them.

import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { Costs } from "../bin/costs.ts"
import { storeDirectory } from "../lib/store/directory.ts"
import libcxx from "../pkg/libcxx.ts"
import native from "../sysdeps/x86_64-linux-musl.ts"
import { checkout, removeCheckouts } from "../test/checkout.ts"
import { median, run } from "./measure.ts"
import { machine, recordSection } from "./report.ts"

const toolchains = { host: "Debian's", stage1: "stage 1's", stage2: "stage 2's" } as const
type Name = keyof typeof toolchains
const names = Object.keys(toolchains) as Name[]

/** Measures, prints, and keeps the figures in RESULTS.md if `isRecorded`. The stages come from the user's store, if they are there. */
export function compilerFigures(repeat: number, isRecorded: boolean): void {
  try {
    const directory = checkout()
    const recipe = join(directory, libcxx.where)
    const text = readFileSync(recipe, "utf8")
    const build = (name: Name, ...words: readonly string[]) =>
      run({
        argv: [
          process.execPath,
          join(directory, "bin/build.ts"),
          ...words,
          `TARGET=${native.triple}`,
          `TOOLCHAIN=${name}`,
        ],
        directory,
        environment: { HASHMAKE_STORE: storeDirectory(process.env) },
      })
    const taken = new Map(names.map((name) => [name, [] as number[]]))
    for (const name of names) build(name, "-q", libcxx.name)
    for (let turn = 0; turn < repeat; turn++)
      for (const name of names) {
        // Each run is an action of its own.
        const flags = `flags: ["-DBENCHMARK_RUN=${process.pid}${turn}"],\n  seconds:`
        writeFileSync(recipe, text.replace("seconds:", flags))
        build(name, "-q", libcxx.name)
        const seconds = cpuSecondsIn(build(name, "query", "costs", libcxx.name, "--json"))
        taken.get(name)?.push(seconds)
        console.error(`${name}: ${seconds.toFixed(1)} s CPU`)
      }
    const lines = tableOf(taken)
    console.log(lines)
    const command = `\`node bench/run.ts --compilers --repeat ${repeat} --record\``
    const date = new Date().toISOString().slice(0, 10)
    const what = `${libcxx.name} for ${native.triple}, configured and compiled`
    const section = `${command}: ${what}. Medians of ${repeat}, in turns. ${machine}, ${date}.\n\n${lines}`
    if (isRecorded) recordSection("The compilers", section)
  } finally {
    removeCheckouts()
  }
}

/** What the library's action took, by what `query costs` says. */
function cpuSecondsIn(costs: string): number {
  const all = costs
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line): Costs => JSON.parse(line))
  return (all.find(({ target }) => target === `${native.triple}/${libcxx.name}`)?.cpuMs ?? Number.NaN) / 1000
}

function tableOf(taken: ReadonlyMap<Name, readonly number[]>): string {
  const debian = median(taken.get("host") ?? [])
  const rows = [...taken].map(([name, seconds]) => {
    const cpu = median(seconds)
    return `| ${toolchains[name]} | ${cpu.toFixed(1)} | ${(cpu / debian).toFixed(3)} |`
  })
  return ["| clang | CPU s | CPU ÷ Debian's |", "|---|---:|---:|", ...rows].join("\n")
}
