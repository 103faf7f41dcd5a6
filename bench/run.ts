// The benchmarks' command line: `npm run bench`, or `node bench/run.ts`; `--help` says what can be chosen.

import { mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { parseArgs } from "node:util"
import { archive } from "../lib/linux/source.ts"
import { bootFigures } from "./boots.ts"
import { bootstrapFigures } from "./bootstrap.ts"
import { type Case, cases, stampFile } from "./cases.ts"
import { compilerFigures } from "./compilers.ts"
import { llvmFigures } from "./llvm.ts"
import { cleanAfterwards, compile, endServers } from "./measure.ts"
import { installSelf } from "./package.ts"
import { projects } from "./projects.ts"
import { machine, record, table } from "./report.ts"
import { fetchSource } from "./source.ts"
import { type Measurement, Suite } from "./suite.ts"
import { systemBenchmarks } from "./system.ts"
import { installPackages, type Tool } from "./tool.ts"
import { tools } from "./tools.ts"

const usage = `usage: node bench/run.ts [option …]

Builds the same graphs with hashmake and other tools, in turns, and prints medians and their ratios to ninja's.

  --case NAME     only these (again for more): ${cases.map(({ name }) => name).join(" ")}
  --size ACTIONS  these sizes (again for more) instead of each case's own
  --tool NAME     only these (again for more): ${tools.map(({ name }) => `"${name}"`).join(" ")}
  --repeat N      runs of each (default: 5)
  --record        keep the figures in bench/results.json and write bench/RESULTS.md and bench/growth.svg
  --system        the Linux system's benchmarks instead, in a checkout where it is built
  --boots         how soon the systems are up that were booted in this checkout
  --bootstrap     what the stages took, as they were built in this checkout
  --llvm          what hashmake adds to the cost of compiling LLVM: a part of it, by hashmake and without
  --compilers     what the clang of the build machine and those of the bootstrap's stages take for one library
  --keep DIR      build below DIR and keep it: what was built there is not built again, so that a run can be gone on with
  --cold          with --system: build everything with an empty store, too
  --base          with --system: build the bootstrap's base system with empty stores, at once and one package after the other
  --together      with --system: build every machine's root file system at once with an empty store (an hour)
  --help          this

Everything is built below a temporary directory (BENCH_DIR: another), which is removed afterwards. Tools of Debian are used
where they are installed; those of npm are installed there. 1,000,000 actions are measured when asked for: --case nothing --size 1000000.
`

const { values: asked } = parseArgs({
  options: {
    case: { type: "string", multiple: true },
    size: { type: "string", multiple: true },
    tool: { type: "string", multiple: true },
    repeat: { type: "string", default: "5" },
    record: { type: "boolean", default: false },
    system: { type: "boolean", default: false },
    boots: { type: "boolean", default: false },
    bootstrap: { type: "boolean", default: false },
    llvm: { type: "boolean", default: false },
    compilers: { type: "boolean", default: false },
    keep: { type: "string" },
    cold: { type: "boolean", default: false },
    base: { type: "boolean", default: false },
    together: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
})

/** The things of these names, all if none is named. Throws an Error for a name that there is not. */
function named<T extends { readonly name: string }>(
  all: readonly T[],
  names: readonly string[] | undefined,
): readonly T[] {
  const unknown = names?.find((name) => all.every((one) => one.name !== name))
  if (unknown !== undefined) throw new Error(`there is no ${unknown}: ${all.map(({ name }) => name).join(", ")}`)
  return names === undefined ? all : all.filter(({ name }) => names.includes(name))
}

/** What the chosen cases need besides the tools of the system. */
async function prepare(scratch: string, chosen: readonly Case[], using: readonly Tool[]): Promise<void> {
  mkdirSync(join(scratch, "bin"), { recursive: true })
  compile("measure.c", join(scratch, "measure"))
  compile("stamp.c", join(scratch, "bin/stamped-cp"), [`STAMP="${stampFile(scratch)}"`])
  if (using.some(({ from }) => from === "here")) installSelf(scratch)
  const isWanted = (tool: Tool) => chosen.some((one) => (one.tools[tool.name] ?? 0) > 0)
  const packages = using.filter(isWanted).flatMap(({ from }) => (from !== "here" && "npm" in from ? [from.npm] : []))
  installPackages([...new Set(packages)], scratch)
  for (const project of projects)
    if (chosen.some(({ name }) => name.startsWith(`${project.name}-`)))
      await fetchSource(project.name, archive(project.locations), scratch)
}

/** A directory that is removed however this ends. */
function temporary(): string {
  const below = process.env.BENCH_DIR ?? tmpdir()
  mkdirSync(below, { recursive: true })
  const scratch = mkdtempSync(join(below, "hashmake-bench-"))
  cleanAfterwards(scratch)
  return scratch
}

async function speed(): Promise<void> {
  const chosen = named(cases, asked.case)
  const using = named(tools, asked.tool)
  const scratch = asked.keep === undefined ? temporary() : resolve(asked.keep)
  const measurements: Measurement[] = []
  try {
    await prepare(scratch, chosen, using)
    const suite = new Suite(scratch, (text) => console.error(text))
    console.log(machine)
    for (const one of chosen) {
      const sizes = one.sizes.length === 0 ? [0] : (asked.size?.map(Number) ?? one.sizes)
      for (const size of sizes) {
        const measurement = suite.measure(one, size, using, Number(asked.repeat))
        measurements.push(measurement)
        console.log(`\n${table(measurement)}`)
      }
    }
  } finally {
    endServers()
    if (asked.keep === undefined) rmSync(scratch, { recursive: true, force: true, maxRetries: 5 })
  }
  if (asked.record) record(measurements)
}

/** Part of a build that takes hours. */
async function llvm(): Promise<void> {
  const scratch = temporary()
  compile("measure.c", join(scratch, "measure"))
  await llvmFigures(scratch, Number(asked.repeat), asked.record)
}

try {
  if (asked.help) console.log(usage)
  else if (asked.boots) bootFigures(asked.record)
  else if (asked.bootstrap) bootstrapFigures(asked.record)
  else if (asked.llvm) await llvm()
  else if (asked.compilers) compilerFigures(Number(asked.repeat), asked.record)
  else if (asked.system)
    systemBenchmarks({ isCold: asked.cold, isBase: asked.base, isTogether: asked.together }, asked.record)
  else await speed()
} catch (thrown) {
  console.error((thrown as Error).message)
  process.exitCode = 2
}
