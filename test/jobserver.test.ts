// hashmake as a client of GNU make's jobserver, under a real make.

import { spawnSync } from "node:child_process"
import { readFileSync, writeFileSync, writeSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { expect, test } from "vitest"
import { renderDiagnostic } from "../lib/base/diagnostic.ts"
import { start } from "../lib/base/process.ts"
import { connect, Purse } from "../lib/exec/jobserver.ts"
import { Slots } from "../lib/exec/slots.ts"
import * as errors from "../lib/graph/errors.ts"
import { BuildError } from "../lib/mod.ts"
import { expectGolden } from "./golden.ts"
import { clean, freeSlots, Jobs, tokens } from "./jobs.ts"

const fixture = join(import.meta.dirname, "under-make.ts")

interface Ended {
  readonly stderr: string
  readonly status: number | null
}

/** Runs `make -j3` with our program, ending in some way, as one recipe; and with other jobs beside it. */
function underMake(rig: Jobs, ending: string, { works = 0, others = 0 } = {}): Ended {
  const names = Array.from({ length: others }, (_, i) => `other${i}`)
  writeFileSync(
    rig.path("Makefile"),
    [
      `all: us ${names.join(" ")}`,
      `us: ; +@${process.execPath} ${fixture} ${ending} log ${works} 3 || true`,
      `${names.join(" ")} none:`,
      "\t@echo begin >> log; until [ ! -e log ] || [ $$(grep -c begin log) -ge 3 ]; do sleep 0.01; done; echo end >> log",
      "",
    ].join("\n"),
  )
  const { stderr, status } = spawnSync("make", ["-j3"], { cwd: rig.directory, env: clean, encoding: "utf8" })
  return { stderr, status }
}

test("under `make -j3` three run at once: with make's own jobs, and alone", () => {
  for (const others of [4, 0]) {
    const rig = new Jobs()
    expect(underMake(rig, "normal", { works: 5, others })).toEqual({ stderr: "", status: 0 })
    expect(rig.count("end")).toBe(5 + others)
    expect(rig.most()).toBe(3)
  }
})

test.for(["exit", "exception", "signal", "interrupt"])("tokens go back when we end by %s", (ending) => {
  const rig = new Jobs()
  const { stderr, status } = underMake(rig, ending)
  // make counts its tokens at the end, and says so if some are missing.
  expect(stderr).not.toContain("INTERNAL")
  expect(status).toBe(0)
  expect(rig.lines()).toEqual(["holding", ...(ending === "interrupt" ? ["interrupted"] : [])])
})

test("tokens are lost when we are ended by `kill -9`, as with any client, and make goes on", () => {
  const rig = new Jobs()
  expect(underMake(rig, "kill")).toEqual({ stderr: expect.stringMatching(/INTERNAL: Exiting with [12] /), status: 0 })
})

test("without `+` MAKEFLAGS comes without its descriptors: neither closed ones nor Node's own are a jobserver", () => {
  const rig = new Jobs()
  const env = { ...clean, MAKEFLAGS: " -j3 --jobserver-auth=5,6" }
  for (const ending of ["normal", "descriptors"])
    spawnSync(process.execPath, [fixture, ending, rig.log, "1", "1"], { env, stdio: "ignore" })
  expect(rig.lines()).toEqual(["no jobserver", "0 of 900"])
})

test("the very same tokens go back, and whether the pipe blocks is left as it was", async () => {
  const rig = new Jobs()
  const { file, left } = tokens(rig, "abcd")
  const modes = () => readFileSync(`/proc/self/fdinfo/${file}`, "utf8").match(/^flags:.*/m)?.[0]
  const before = modes()
  const env = { ...clean, MAKEFLAGS: "-j5 --jobserver-auth=3,4" }
  const { exit } = start([process.execPath, fixture, "normal", rig.log, "6", "5"], {
    env,
    stdio: ["ignore", "inherit", "inherit", file, file],
  })
  expect(await exit).toEqual({ status: 0, signal: null })
  expect(rig.most()).toBe(5)
  expect(left()).toBe("abcd")
  expect(modes()).toBe(before)
})

test("what is no pipe, or not there, is no jobserver", () => {
  const rig = new Jobs()
  const reached = [rig.log, rig.directory, rig.path("nothing")].map((path) => connect({ kind: "fifo", path }))
  expect([...reached, connect({ kind: "withheld", text: "-2,-2" })]).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ])
})

test("tokens are held only while something needs them; a free one is taken when it comes", async () => {
  const rig = new Jobs()
  const { path, file, left } = tokens(rig, "")
  const client = connect({ kind: "fifo", path })
  const slots = new Slots({ count: 3, client })
  let end = () => {}
  const first = slots.run({ priority: 1 }, () => new Promise<void>((resolve) => (end = resolve)))
  const second = slots.run({ priority: 0 }, async () => client?.held)
  for (let turn = 0; turn < 5; turn++) await new Promise<void>((resolve) => setImmediate(resolve))
  // By now there was none to be had.
  writeSync(file, "xy")
  expect(await second).toBe(1)
  while (client?.held !== 0) await sleep(5)
  expect(left()).toBe("xy")
  end()
  await first
  client?.close()
  expect(left()).toBe("xy")
})

test("however many tokens the outer make has, no more run than there are slots", async () => {
  const rig = new Jobs()
  const { path, left } = tokens(rig, "abcdef")
  const client = connect({ kind: "fifo", path })
  const slots = new Slots({ count: 3, client })
  expect(await freeSlots(slots)).toBe(3)
  client?.close()
  expect(left()).toBe("abcdef")
})

test("an action that needs more slots than the outer make has tokens for runs when nothing else of ours does", async () => {
  const rig = new Jobs()
  const { path, left } = tokens(rig, "x")
  const client = connect({ kind: "fifo", path })
  const slots = new Slots({ count: 8, client })
  const running: number[] = []
  const work = (slots: number) => async () => void running.push(slots)
  await Promise.all([slots.run({ priority: 1 }, work(1)), slots.run({ priority: 0, slots: 8 }, work(8))])
  expect(running).toEqual([1, 8])
  client?.close()
  expect(left()).toBe("x")
})

test("a jobserver that cannot be reached is a notice", () => {
  expectGolden("no-jobserver", renderDiagnostic(errors.noJobserverNotice(), "note"))
})

test("a named pipe that cannot be made is an error", async () => {
  const rig = new Jobs()
  const failed = await Purse.make(rig.path("nothing/purse")).catch((thrown: unknown) => thrown)
  if (!(failed instanceof BuildError)) throw failed
  expectGolden("no-fifo", renderDiagnostic(failed.diagnostic), [[rig.directory, "DIRECTORY"]])
})
