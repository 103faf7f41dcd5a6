// The Linux system's figures in RESULTS.md: `node bench/run.ts --system`, in a checkout whose system is built. Each line says what
// was measured, the median of several runs (of one, where it takes long), and what is aimed at. CPU is what the operating system
// counted for the command and its children, or what the actions of a long build used. What is built with an empty store has its
// sources before the clock starts.

import { spawnSync } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import { cpus } from "node:os"
import { join } from "node:path"
import type { Costs } from "../bin/costs.ts"
import { closure, type Recipe } from "../lib/linux/mod.ts"
import { storeDirectory } from "../lib/store/directory.ts"
import { Journal } from "../lib/store/journal.ts"
import { foundation } from "../pkg/all.ts"
import { baseSystem } from "../pkg/base/system.ts"
import native from "../sysdeps/x86_64-linux-musl.ts"
import { checkout, removeCheckouts } from "../test/checkout.ts"
import { median } from "./measure.ts"
import { machine, recordSection } from "./report.ts"

const root = join(import.meta.dirname, "..")
const store = storeDirectory(process.env)
const runs = 9
const target = `TARGET=${native.triple}`

interface Timed {
  readonly cpuSeconds: number
  readonly wallSeconds: number
  readonly output: string
}

function timed(program: string, words: readonly string[], cwd: string, env: NodeJS.ProcessEnv = process.env): Timed {
  const before = process.hrtime.bigint()
  const { stdout, stderr, status } = spawnSync(
    "/bin/sh",
    ["-c", '"$@"; code=$?; times; exit $code', "sh", program, ...words],
    { cwd, env, encoding: "utf8", maxBuffer: 1 << 28 },
  )
  const wallSeconds = Number(process.hrtime.bigint() - before) / 1e9
  if (status !== 0) throw new Error(stderr)
  const children = stdout.trimEnd().split("\n").at(-1) ?? ""
  const cpuSeconds = [...children.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds),
    0,
  )
  return { cpuSeconds, wallSeconds, output: stdout }
}

type Report = (what: string, value: number, unit: string, aim: string) => void

/** What is measured. `isBase` and `isTogether` take about an hour each. */
export type Asked = Readonly<Record<"isCold" | "isBase" | "isTogether", boolean>>

/** Measures, prints, and keeps the figures in RESULTS.md if `isRecorded`: each of the long ones in a section of its own. */
export function systemBenchmarks({ isCold, isBase, isTogether }: Asked, isRecorded: boolean): void {
  const usual = (report: Report) => {
    warm(report)
    changed(report)
    if (isCold) cold(report)
  }
  try {
    if (isCold || !(isBase || isTogether)) section("The Linux system", isCold ? " --cold" : "", usual, isRecorded)
    if (isBase) section("The base system", " --base", base, isRecorded)
    if (isTogether) section("All machines", " --together", together, isRecorded)
  } finally {
    removeCheckouts()
  }
}

function section(title: string, options: string, measure: (report: Report) => void, isRecorded: boolean): void {
  const lines = ["| what | median | aim |", "|---|---|---|"]
  console.log(`\n${title}. ${machine}\n\n${lines.join("\n")}`)
  measure((what, value, unit, aim) => {
    lines.push(`| ${what} | ${value.toFixed(unit === "" ? 2 : 3)} ${unit} | ${aim} |`)
    console.log(lines.at(-1))
  })
  const command = `\`node bench/run.ts --system${options} --record\``
  const date = new Date().toISOString().slice(0, 10)
  if (isRecorded) recordSection(title, `${command}. ${machine}, ${date}.\n\n${lines.join("\n")}`)
}

/** What costs nothing but looking. */
function warm(report: Report): void {
  const start = Array.from({ length: runs }, () => timed(process.execPath, ["-e", ""], root).cpuSeconds)
  report("Node's own start", median(start), "s CPU", "")
  timed("./build", ["-q", "rootfs"], root)
  const nothing = Array.from({ length: runs }, () => timed("./build", ["-q", "rootfs"], root).cpuSeconds)
  report("nothing to do: `./build rootfs`", median(nothing), "s CPU", "under 0.3")
  const help = Array.from({ length: runs }, () => timed("./build", ["help"], root).cpuSeconds)
  report("`./build help`", median(help), "s CPU", "")
}

/** A second checkout, and a change in it. */
function changed(report: Report): void {
  const copy = checkout()
  const env = { ...process.env, HASHMAKE_STORE: store }
  const restored = timed(process.execPath, [join(copy, "bin/build.ts"), "-q", "rootfs"], copy, env)
  report("second checkout, same store: everything restored", restored.wallSeconds, "s", "under 5")

  const recipe = join(copy, "pkg/libite.ts")
  writeFileSync(
    recipe,
    readFileSync(recipe, "utf8").replace("--enable-static", `--enable-static --program-prefix=${Date.now()}`),
  )
  const events = timed(process.execPath, [join(copy, "bin/build.ts"), "--json", "rootfs"], copy, env).output
  const ran = events
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line))
    .filter(({ state }) => state === "built")
    .map(({ target }) => target)
  report(
    `one recipe's flag changed: actions that ran (${ran.join(", ")})`,
    ran.length,
    "",
    "1, as its tree came out the same",
  )
}

interface Fresh {
  readonly build: (...words: readonly string[]) => Timed
  /** The CPU seconds that the actions behind these targets took: the system counts a sandbox's children for nobody who can be asked later. */
  readonly spent: (...words: readonly string[]) => number
  readonly journal: () => Journal
}

/** A checkout with a store of its own. */
function fresh(): Fresh {
  const directory = checkout()
  const environment = { ...process.env, HASHMAKE_STORE: join(directory, "..", "store") }
  const build = (...words: readonly string[]) =>
    timed(process.execPath, [join(directory, "bin/build.ts"), ...words], directory, environment)
  return {
    build,
    spent(...words) {
      const costs = build("query", "costs", ...words, "--json")
        .output.split("\n")
        .filter((line) => line.startsWith("{"))
      return costs.reduce((sum, line) => sum + ((JSON.parse(line) as Costs).cpuMs ?? 0) / 1000, 0)
    },
    journal: () => new Journal(join(directory, ".hashmake/journal")),
  }
}

/** Every machine's root file system in one graph, with an empty store: what goes on beside compiling, and cores that wait. */
function together(report: Report): void {
  const { build, spent } = fresh()
  build("-q", "fetch", "TARGET=all")
  const { wallSeconds } = build("-q", "rootfs", "TARGET=all")
  const compiling = spent("rootfs", "TARGET=all")
  report("all machines cold, sources there", wallSeconds, "s", "")
  report("the CPU time of their own actions", compiling, "s CPU", "")
  report("its makespan over their CPU time / processors", wallSeconds / (compiling / cpus().length), "", "at most 1.10")
}

/** Everything, with an empty store. */
function cold(report: Report): void {
  const { build, spent, journal: read } = fresh()
  build("-q", "fetch")
  const { wallSeconds } = build("-q", "rootfs")
  const cpuSeconds = spent("rootfs")
  const journal = read()
  const longest = Math.max(...[...journal.targets()].map(([, { durationMs }]) => durationMs)) / 1000
  const least = Math.max(longest, cpuSeconds / cpus().length)
  report("cold build, sources there", wallSeconds, "s", "")
  report("the CPU time of its actions", cpuSeconds, "s CPU", "")
  report("its makespan over max(longest action, CPU time / processors)", wallSeconds / least, "", "at most 1.25")
}

/** The bootstrap's base system for this machine: all of it at once, and one package after the other. */
function base(report: Report): void {
  const recipes = [...foundation, ...closure(baseSystem.recipes).filter(({ isFoundation }) => !isFoundation)]
  const names = recipes.map(({ name }) => name)
  const withSources = (): Fresh => {
    const made = fresh()
    const needed = made.build("query", "deps", ...names, target).output.split("\n")
    made.build("-q", target, ...needed.filter((name) => name.startsWith("source/")))
    return made
  }
  const whole = withSources()
  const { wallSeconds } = whole.build("-q", target, ...names)
  const cpuSeconds = whole.spent(target, ...names)
  const apart = withSources()
  const alone = names.reduce((seconds, name) => seconds + apart.build("-q", target, name).wallSeconds, 0)
  const journal = apart.journal()
  const path = ({ name, needs, isFoundation }: Recipe): number =>
    (journal.built(`${native.triple}/${name}`)?.durationMs ?? 0) +
    Math.max(0, ...[...needs, ...(isFoundation ? [] : foundation)].map(path))
  const critical = Math.max(...recipes.map(path)) / 1000
  const least = Math.max(critical, cpuSeconds / cpus().length)
  report(
    `the base system (${names.length} packages, by the build machine's clang), one package after the other`,
    alone,
    "s",
    "",
  )
  report("all of it at once", wallSeconds, "s", "")
  report("the CPU time of its actions", cpuSeconds, "s CPU", "")
  report("its critical path", critical, "s", "")
  report("its makespan over max(critical path, CPU time / processors)", wallSeconds / least, "", "at most 1.15")
}
