// `gc` and `verify` as a person sees them.

import { spawnSync } from "node:child_process"
import { readdirSync, statSync, utimesSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import { renderDiagnostic } from "../lib/base/diagnostic.ts"
import { sizeIn, sizeText, spanIn } from "../lib/base/quantity.ts"
import { busyEngineError } from "../lib/graph/errors.ts"
import type { Collected, UpkeepEvent } from "../lib/graph/upkeep.ts"
import { BuildError } from "../lib/mod.ts"
import { upkeepReporter } from "../lib/report/upkeep.ts"
import { collectAlone } from "../lib/store/inuse.ts"
import { Store } from "../lib/store/store.ts"
import { expectGolden } from "./golden.ts"
import { Rig } from "./rig.ts"

const checkout = join(import.meta.dirname, "..")

function project() {
  const rig = new Rig()
  const lib = JSON.stringify(join(checkout, "lib/mod.ts"))
  rig.write("package.json", '{ "type": "module" }')
  rig.write(
    "Buildfile.ts",
    `import { buildfile, target, write } from ${lib}
export default buildfile({}, () => {
  const text = target({ name: "text", outputs: { to: "out/text" }, run: (_, { to }) => write(to, "a text") })
  return { default: text, text }
})`,
  )
  const run = (words: readonly string[], environment: NodeJS.ProcessEnv = {}) =>
    spawnSync(process.execPath, [join(checkout, "bin/build.ts"), ...words], {
      cwd: rig.root,
      env: { ...process.env, HASHMAKE_STORE: rig.store, NO_COLOR: "1", ...environment },
      encoding: "utf8",
    })
  return { rig, run }
}

const said = (event: UpkeepEvent): string => {
  let text = ""
  const print = (line: string) => (text += `${line}\n`)
  upkeepReporter({ output: { write: print }, print, isColoured: false, isJson: false, isQuiet: false })(event)
  return text
}

const collected: Collected = {
  freed: {
    unnamed: { things: 3, sizeBytes: 4096 },
    oldest: { things: 1200, sizeBytes: 3.21e9 },
    unused: { things: 0, sizeBytes: 0 },
  },
  kept: {
    built: { things: 22_000, sizeBytes: 8.2e9 },
    running: { things: 12, sizeBytes: 123_456 },
    recent: { things: 45_678, sizeBytes: 11.6e9 },
  },
  limitBytes: 20e9,
  checkouts: 3,
  isDryRun: false,
}

test("a collection ends with what was freed, what is kept, and why", () => {
  const tight: Collected = { ...collected, limitBytes: 1e9, checkouts: 1, isDryRun: true }
  expectGolden("gc", [said({ type: "collected", ...collected }), said({ type: "collected", ...tight })].join("\n"))
})

test("gc and verify say what they did, exit with 1 if something is wrong, and tell programs the same", () => {
  const { rig, run } = project()
  expect(run([]).status).toBe(0)
  expect(run(["gc", "--max-size", "0"])).toMatchObject({ status: 0, stderr: "" })
  expect(run(["verify"])).toMatchObject({ status: 0, stderr: "" })
  const records = run(["gc", "-n", "--json"]).stdout.trim().split("\n")
  expect(JSON.parse(records.at(-1) ?? "")).toMatchObject({ type: "collected", isDryRun: true, limitBytes: 20e9 })
  const [shard = ""] = readdirSync(join(rig.store, "blob"))
  const [name = ""] = readdirSync(join(rig.store, "blob", shard))
  const blob = join(rig.store, "blob", shard, name)
  const { atime, mtime } = statSync(blob)
  writeFileSync(blob, "a trap")
  utimesSync(blob, atime, mtime)
  const found = run(["verify", "--json"])
  const last = JSON.parse(found.stdout.trim().split("\n").at(-1) ?? "")
  expect([found.status, last]).toMatchObject([1, { type: "verified", wrong: 1, isRepaired: false }])
  const { status, stdout } = run(["verify", "--repair"])
  expectGolden("verify", stdout)
  expect(status).toBe(1)
  expect(run(["verify"]).status).toBe(0)
})

test("what is typed wrong is an error", () => {
  const { run } = project()
  const errors = [
    run(["gc", "--max-size", "lots"]),
    run(["gc", "--older-than", "5 moons"]),
    run(["gc", "text"]),
    run(["verify", "text"]),
    run(["gc"], { HASHMAKE_STORE_SIZE: "20 apples" }),
  ]
  expect(errors.map(({ status }) => status)).toEqual([2, 2, 2, 2, 2])
  expectGolden("gc-errors", errors.map(({ stderr }) => stderr).join("\n"))
})

test("a store is looked after by one process at a time", async () => {
  const store = new Store(new Rig().store)
  const end = await collectAlone(store)
  const refusal = await collectAlone(store).catch((thrown: BuildError) => thrown)
  end()
  expect(refusal).toBeInstanceOf(BuildError)
  expect(await collectAlone(store)).toBeTypeOf("function")
  const texts = [refusal as BuildError, busyEngineError(4711, "rootfs")].map((error) =>
    renderDiagnostic((error as BuildError).diagnostic),
  )
  expectGolden("gc-busy", texts.join("\n\n"), [[`process ${process.pid} `, "process PID "]])
})

test("sizes and times are read as people write them", () => {
  expect(["20GB", "1.5 kb", "512MiB", "7", "x", "1 GB2", "-1", ""].map(sizeIn)).toEqual([
    20e9,
    1500,
    536_870_912,
    7,
    undefined,
    undefined,
    undefined,
    undefined,
  ])
  expect(["2K", "256M", "1.5g", "1 T", "256m", "1M1", "99999999999999999999T"].map(sizeIn)).toEqual([
    2048,
    2 ** 28,
    1_610_612_736,
    2 ** 40,
    2 ** 28,
    undefined,
    undefined,
  ])
  expect(["30d", "12 h", "2w", "3"].map(spanIn)).toEqual([2_592_000_000, 43_200_000, 1_209_600_000, undefined])
  expect([0, 999, 1000, 123_456, 20e9, 5e15].map(sizeText)).toEqual([
    "0 B",
    "999 B",
    "1.0 kB",
    "123 kB",
    "20.0 GB",
    "5000 TB",
  ])
})
