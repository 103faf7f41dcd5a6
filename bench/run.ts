// The figures of bench/RESULTS.md, measured: `node bench/run.ts`, in a checkout whose system is built. Each line says what was
// measured, the median of several runs, and what is aimed at. CPU is what the operating system counted for the command and its
// children. `--cold` also builds everything with an empty store (sources are taken from the full one).

import { spawnSync } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import { cpus } from "node:os"
import { join } from "node:path"
import { storeDirectory } from "../lib/mod.ts"
import { Journal } from "../lib/store/journal.ts"
import { checkout, removeCheckouts } from "../test/checkout.ts"

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

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0

function report(what: string, value: number, unit: string, aim: string): void {
  console.log(`| ${what} | ${value.toFixed(unit === "" ? 2 : 3)} ${unit} | ${aim} |`)
}

console.log(`${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}\n\n| what | median | aim |\n|---|---|---|`)

const start = Array.from({ length: runs }, () => timed(process.execPath, ["-e", ""], root).cpuSeconds)
report("Node's own start", median(start), "s CPU", "")
timed("./build", ["-q", "rootfs"], root)
const nothing = Array.from({ length: runs }, () => timed("./build", ["-q", "rootfs"], root).cpuSeconds)
report("nothing to do: `./build rootfs`", median(nothing), "s CPU", "under 0.3")
const help = Array.from({ length: runs }, () => timed("./build", ["help"], root).cpuSeconds)
report("`./build help`", median(help), "s CPU", "")

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

if (process.argv.includes("--cold")) {
  const cold = checkout()
  const mirror = process.env.HASHMAKE_MIRRORS
  const fresh = {
    ...process.env,
    HASHMAKE_STORE: join(cold, "..", "store"),
    ...(mirror === undefined ? {} : { HASHMAKE_MIRRORS: mirror }),
  }
  timed(process.execPath, [join(cold, "bin/build.ts"), "-q", "fetch"], cold, fresh)
  const { cpuSeconds, wallSeconds } = timed(process.execPath, [join(cold, "bin/build.ts"), "-q", "rootfs"], cold, fresh)
  const journal = new Journal(join(cold, ".hashmake/journal"))
  const longest = Math.max(...[...journal.targets()].map(([, { durationMs }]) => durationMs)) / 1000
  const least = Math.max(longest, cpuSeconds / cpus().length)
  report("cold build, sources there", wallSeconds, "s", "")
  report("its CPU time", cpuSeconds, "s CPU", "")
  report("its makespan over max(longest action, CPU time / processors)", wallSeconds / least, "", "at most 1.25")
}
removeCheckouts()
