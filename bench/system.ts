// The Linux system's figures in RESULTS.md: `node bench/run.ts --system`, in a checkout whose system is built. Each line says what
// was measured, the median of several runs, and what is aimed at. CPU is what the operating system counted for the command and
// its children. With `isCold` everything is also built with an empty store (sources are taken from the full one).

import { spawnSync } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import { cpus } from "node:os"
import { join } from "node:path"
import { storeDirectory } from "../lib/exec/engine.ts"
import { Journal } from "../lib/store/journal.ts"
import { checkout, removeCheckouts } from "../test/checkout.ts"
import { median } from "./measure.ts"
import { machine, recordSection } from "./report.ts"

const root = join(import.meta.dirname, "..")
const store = storeDirectory(process.env)
const runs = 9

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

/** Measures, prints, and keeps the figures in RESULTS.md if `isRecorded`. */
export function systemBenchmarks({ isCold, isRecorded }: { isCold: boolean; isRecorded: boolean }): void {
  const lines = ["| what | median | aim |", "|---|---|---|"]
  const report: Report = (what, value, unit, aim) => {
    lines.push(`| ${what} | ${value.toFixed(unit === "" ? 2 : 3)} ${unit} | ${aim} |`)
    console.log(lines.at(-1))
  }
  console.log(`${machine}\n\n${lines.join("\n")}`)
  try {
    warm(report)
    changed(report)
    if (isCold) cold(report)
  } finally {
    removeCheckouts()
  }
  const command = `\`node bench/run.ts --system${isCold ? " --cold" : ""} --record\``
  const date = new Date().toISOString().slice(0, 10)
  if (isRecorded) recordSection("The Linux system", `${command}. ${machine}, ${date}.\n\n${lines.join("\n")}`)
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

/** Everything, with an empty store. */
function cold(report: Report): void {
  const fresh = checkout()
  const mirror = process.env.HASHMAKE_MIRRORS
  const environment = {
    ...process.env,
    HASHMAKE_STORE: join(fresh, "..", "store"),
    ...(mirror === undefined ? {} : { HASHMAKE_MIRRORS: mirror }),
  }
  timed(process.execPath, [join(fresh, "bin/build.ts"), "-q", "fetch"], fresh, environment)
  const { cpuSeconds, wallSeconds } = timed(
    process.execPath,
    [join(fresh, "bin/build.ts"), "-q", "rootfs"],
    fresh,
    environment,
  )
  const journal = new Journal(join(fresh, ".hashmake/journal"))
  const longest = Math.max(...[...journal.targets()].map(([, { durationMs }]) => durationMs)) / 1000
  const least = Math.max(longest, cpuSeconds / cpus().length)
  report("cold build, sources there", wallSeconds, "s", "")
  report("its CPU time", cpuSeconds, "s CPU", "")
  report("its makespan over max(longest action, CPU time / processors)", wallSeconds / least, "", "at most 1.25")
}
