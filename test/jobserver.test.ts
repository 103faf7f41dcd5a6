// GNU make's jobserver: MAKEFLAGS, hashmake under a real make, and real makes under hashmake. Parallelism is counted by the jobs
// themselves, from the lines that they write when they begin and end; a job may wait until so many have begun, never for a time.

import { execFileSync, spawnSync } from "node:child_process"
import {
  appendFileSync,
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import fc from "fast-check"
import { expect, onTestFinished, test } from "vitest"
import { renderDiagnostic } from "../lib/base/diagnostic.ts"
import { type Exit, killGroup, start } from "../lib/base/process.ts"
import { connect, Purse } from "../lib/exec/jobserver.ts"
import { type Auth, makeflagsFor, parseMakeflags } from "../lib/exec/makeflags.ts"
import { type Slot, Slots } from "../lib/exec/slots.ts"
import { BuildError, errors } from "../lib/mod.ts"
import { expectGolden } from "./golden.ts"

// MAKEFLAGS

const cases: Readonly<Record<string, ReturnType<typeof parseMakeflags>>> = {
  "": { letters: "", jobs: undefined, auth: undefined },
  " -j --no-print-directory": { letters: "", jobs: Number.POSITIVE_INFINITY, auth: undefined },
  "kn -j3 --jobserver-auth=3,4 -- D=x\\ y A=b\\ c": {
    letters: "kn",
    jobs: 3,
    auth: { kind: "pipe", read: 3, write: 4 },
  },
  "w -j12 --jobserver-fds=7,8": { letters: "w", jobs: 12, auth: { kind: "pipe", read: 7, write: 8 } },
  " -j8 --jobserver-auth=fifo:/tmp/GMfifo12": { letters: "", jobs: 8, auth: { kind: "fifo", path: "/tmp/GMfifo12" } },
  "-j8 --jobserver-auth=fifo:/tmp/a\\ b$$c": { letters: "", jobs: 8, auth: { kind: "fifo", path: "/tmp/a b$c" } },
  "-j --jobserver-fds=3,4 --jobserver-auth=5,6": {
    letters: "",
    jobs: Number.POSITIVE_INFINITY,
    auth: { kind: "pipe", read: 5, write: 6 },
  },
  " -j3 --jobserver-auth=3,4 --jobserver-auth=-2,-2": {
    letters: "",
    jobs: 3,
    auth: { kind: "withheld", text: "-2,-2" },
  },
  " -j3 -- X=--jobserver-auth=3,4": { letters: "", jobs: 3, auth: undefined },
  "-j 6": { letters: "", jobs: 6, auth: undefined },
  "-kj6": { letters: "", jobs: 6, auth: undefined },
  "--jobs=6 -Ij9": { letters: "", jobs: 6, auth: undefined },
  "A=b -j0": { letters: "", jobs: undefined, auth: undefined },
}

test.for(Object.entries(cases))("MAKEFLAGS `%s` is understood", ([text, flags]) => {
  expect(parseMakeflags(text)).toEqual(flags)
})

test("what real make tells its recipes is understood", () => {
  const rig = new Jobs()
  writeFileSync(rig.path("Makefile"), 'all:\n\t@printf %s "$$MAKEFLAGS"\n')
  const told = (...args: string[]) =>
    parseMakeflags(
      execFileSync("make", ["-C", rig.directory, ...args], { env: clean, encoding: "utf8" })
        .split("\n")
        .at(0) ?? "",
    )
  expect(told("-s", "-k", "-j5", "X=a b$$c")).toEqual({
    letters: expect.stringMatching(/^(sk|ks)$/),
    jobs: 5,
    auth: expect.objectContaining({ kind: expect.stringMatching(/pipe|fifo|withheld/) }),
  })
  expect(told("-s", "-j")).toMatchObject({ jobs: Number.POSITIVE_INFINITY, auth: undefined })
  expect(told("-s")).toMatchObject({ letters: "s", jobs: undefined, auth: undefined })
})

const anyUnit = fc.nat({ max: 0xffff }).map((unit) => String.fromCharCode(unit))

test("no text makes reading MAKEFLAGS fail", () => {
  const word = fc.oneof(
    fc.constantFrom(
      "-j",
      "-j8",
      "--jobserver-auth=",
      "--jobserver-fds=1,",
      "fifo:",
      "--",
      "\\",
      "$",
      " ",
      "\t",
      "=",
      "3,4",
    ),
    fc.string({ unit: anyUnit }),
  )
  fc.assert(fc.property(fc.array(word), (words) => void parseMakeflags(words.join(""))))
})

test("what is written for children is read as it was meant", () => {
  const path = fc.string({ unit: anyUnit, minLength: 1 })
  const descriptor = fc.nat({ max: 999_999_999 })
  const auth: fc.Arbitrary<Auth> = fc.oneof(
    path.map((path) => ({ kind: "fifo" as const, path })),
    fc.tuple(descriptor, descriptor).map(([read, write]) => ({ kind: "pipe" as const, read, write })),
  )
  const jobs = fc.oneof(fc.integer({ min: 1 }), fc.constant(Number.POSITIVE_INFINITY))
  fc.assert(
    fc.property(jobs, auth, (jobs, auth) => {
      expect(parseMakeflags(makeflagsFor(jobs, auth))).toEqual({ letters: "", jobs, auth })
    }),
  )
})

// The rig

const clean = { PATH: process.env.PATH ?? "", LC_ALL: "C" }

/** A directory with a log in which jobs tell when they begin and end. */
class Jobs {
  readonly directory = mkdtempSync(join(tmpdir(), "hashmake-test-"))
  readonly log = this.path("log")

  constructor() {
    onTestFinished(() => rmSync(this.directory, { recursive: true, force: true }))
    writeFileSync(this.log, "")
  }

  path(name: string): string {
    return join(this.directory, name)
  }

  lines(): readonly string[] {
    return readFileSync(this.log, "utf8").split("\n").slice(0, -1)
  }

  count(line: string): number {
    return this.lines().filter((other) => other === line).length
  }

  /** The most jobs that ran at once. */
  most(): number {
    let running = 0
    return this.lines().reduce((most, line) => {
      running += line === "begin" ? 1 : line === "end" ? -1 : 0
      return Math.max(most, running)
    }, 0)
  }

  /** Waits until a line was written so often. */
  async until(line: string, count: number): Promise<void> {
    while (this.count(line) < count) await sleep(5)
  }

  /** A tree of makes: two below the first, `jobs` jobs each, each of which waits until `need` have begun. */
  makefile(jobs: number, need: number, last = "echo end >> log"): void {
    const names = Array.from({ length: jobs }, (_, i) => `job${i}`)
    writeFileSync(
      this.path("Makefile"),
      [
        "all: left right",
        "left right: ; +@$(MAKE) --no-print-directory jobs SIDE=$@",
        `jobs: ${names.map((name) => `$(SIDE)${name}`).join(" ")}`,
        `${names.map((name) => `left${name} right${name}`).join(" ")}:`,
        `\t@echo begin >> log; until [ $$(grep -c begin log) -ge ${need} ]; do sleep 0.01; done; ${last}`,
        "",
      ].join("\n"),
    )
  }
}

/** Whether all slots are free, and no more than those: so many run at once, each waiting for all. */
async function freeSlots(slots: Slots): Promise<number> {
  let running = 0
  let most = 0
  const all = Array.from({ length: slots.count + 1 }, () =>
    slots.run({ priority: 0 }, async () => {
      most = Math.max(most, ++running)
      while (most < slots.count) await sleep(5)
      running--
    }),
  )
  await Promise.all(all)
  return most
}

const fixture = join(import.meta.dirname, "under-make.ts")

// Under make

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
      "\t@echo begin >> log; until [ $$(grep -c begin log) -ge 3 ]; do sleep 0.01; done; echo end >> log",
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

/** A named pipe with these tokens in it. */
function tokens(rig: Jobs, bytes: string): { path: string; file: number; left: () => string } {
  const path = rig.path("tokens")
  execFileSync("mkfifo", [path])
  const file = openSync(path, constants.O_RDWR)
  onTestFinished(() => closeSync(file))
  writeSync(file, bytes)
  const left = () => {
    writeSync(file, ".")
    const buffer = Buffer.alloc(100)
    const text = buffer.subarray(0, readSync(file, buffer)).toString().replace(".", "")
    writeSync(file, text)
    return [...text].sort().join("")
  }
  return { path, file, left }
}

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
  const slots = new Slots({ count: 3, ...(client && { client }) })
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

test("an action that needs more slots than the outer make has tokens for runs when nothing else of ours does", async () => {
  const rig = new Jobs()
  const { path, left } = tokens(rig, "x")
  const client = connect({ kind: "fifo", path })
  const slots = new Slots({ count: 8, ...(client && { client }) })
  const running: number[] = []
  const work = (slots: number) => async () => void running.push(slots)
  await Promise.all([slots.run({ priority: 1 }, work(1)), slots.run({ priority: 0, slots: 8 }, work(8))])
  expect(running).toEqual([1, 8])
  client?.close()
  expect(left()).toBe("x")
})

// Serving

const pipeFlags = (slots: Slots) => ({
  ...clean,
  MAKEFLAGS: makeflagsFor(slots.count, { kind: "pipe", read: 3, write: 4 }),
})

let purses = 0

/** An action that runs make in `rig`, as a client of its slots' jobserver. `started` is told its process group. */
const makeIn =
  (rig: Jobs, slots: Slots, { signal, started, args = [] as string[] }: MakeOptions = {}) =>
  async (slot: Slot): Promise<Exit> => {
    const purse = await slot.serve(rig.path(`purse${purses++}`))
    const child = start(["make", "-k", ...args], {
      cwd: rig.directory,
      env: pipeFlags(slots),
      stdio: ["ignore", "ignore", "ignore", ...purse.descriptors()],
      signal,
    })
    started?.(() => killGroup(child.process, "SIGKILL"))
    return child.exit
  }

interface MakeOptions {
  readonly signal?: AbortSignal
  readonly started?: (kill: () => void) => void
  readonly args?: string[]
}

test("a tree of makes inside an action runs as much at once as there are slots", async () => {
  const rig = new Jobs()
  const slots = new Slots({ count: 3 })
  rig.makefile(4, 3)
  expect(await slots.run({ priority: 0 }, makeIn(rig, slots))).toEqual({ status: 0, signal: null })
  expect([rig.count("end"), rig.most()]).toEqual([8, 3])
  expect(await freeSlots(slots)).toBe(3)
})

test("makes of several actions and the engine's own actions keep one bound", async () => {
  const rig = new Jobs()
  const slots = new Slots({ count: 4 })
  rig.makefile(3, 4)
  const own = async () => {
    appendFileSync(rig.log, "begin\n")
    await rig.until("begin", 4)
    appendFileSync(rig.log, "end\n")
  }
  const makes = [2, 0].map((priority) => slots.run({ priority }, makeIn(rig, slots)))
  const owns = Array.from({ length: 6 }, () => slots.run({ priority: 1 }, own))
  expect(await Promise.all(makes)).toEqual([0, 0].map((status) => ({ status, signal: null })))
  await Promise.all(owns)
  expect([rig.count("end"), rig.most()]).toEqual([18, 4])
  expect(await freeSlots(slots)).toBe(4)
})

test("all slots are free again when children failed", async () => {
  const rig = new Jobs()
  const slots = new Slots({ count: 3 })
  rig.makefile(3, 3, "echo end >> log; exit 1")
  expect(await slots.run({ priority: 0 }, makeIn(rig, slots))).toEqual({ status: 2, signal: null })
  expect(rig.most()).toBe(3)
  expect(await freeSlots(slots)).toBe(3)
})

test("all slots are free again when children that held tokens were killed, at once, and while others run", async () => {
  const rig = new Jobs()
  const slots = new Slots({ count: 4 })
  // Each job kills its make, which holds a token for every job of its own but the first.
  rig.makefile(2, 3, "kill -9 $$PPID")
  const other = new Jobs()
  let end = () => {}
  const long = slots.run({ priority: 1 }, async (slot) => {
    await slot.serve(other.path("purse"))
    await new Promise<void>((resolve) => (end = resolve))
  })
  expect(await slots.run({ priority: 0 }, makeIn(rig, slots))).toEqual({ status: 2, signal: null })
  // "long" still runs: three are left, and they are there.
  const left = Array.from({ length: 3 }, () =>
    slots.run({ priority: 0 }, async () => {
      appendFileSync(other.log, "begin\n")
      await other.until("begin", 3)
    }),
  )
  await Promise.all(left)
  end()
  await long
  expect(await freeSlots(slots)).toBe(4)
})

test.for(["killed", "cancelled"])("all slots are free again when the action was %s", async (how) => {
  const rig = new Jobs()
  const slots = new Slots({ count: 3 })
  rig.makefile(3, 1000)
  const cancel = new AbortController()
  let kill = () => {}
  const make = slots.run({ priority: 0 }, makeIn(rig, slots, { signal: cancel.signal, started: (by) => (kill = by) }))
  await rig.until("begin", 3)
  if (how === "killed") kill()
  else cancel.abort()
  expect((await make).status).not.toBe(0)
  expect(await freeSlots(slots)).toBe(3)
})

/** An action whose child takes and gives tokens as cargo does, by a shell script that finds the named pipe as `$PIPE`. */
const scriptIn = (rig: Jobs, script: string, sandbox: (pipe: string) => readonly string[] = () => []) => {
  const take = `take() { dd bs=1 count=1 of=/dev/null 2> /dev/null <&9; }; give() { printf + >&9; }`
  return async (slot: Slot): Promise<Exit> => {
    const purse = await slot.serve(rig.path(`purse${purses++}`))
    const argv = [...sandbox(purse.path), "sh", "-eu", "-c", `exec 9<>"$PIPE"; ${take}; ${script}`]
    const env = { ...clean, PIPE: purse.path }
    return start(argv, { cwd: rig.directory, env, stdio: ["ignore", "ignore", "inherit"] }).exit
  }
}

const well: Exit = { status: 0, signal: null }

test("a child in a sandbox takes tokens by the pipe's name, mounted read-only", async () => {
  const rig = new Jobs()
  const slots = new Slots({ count: 3 })
  const box = ["--unshare-all", "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev"]
  const sandbox = (pipe: string) => ["bwrap", ...box, "--ro-bind", pipe, pipe]
  const script = "take; take; give; take; give; give"
  expect(await slots.run({ priority: 0 }, scriptIn(rig, script, sandbox))).toEqual(well)
  expect(await freeSlots(slots)).toBe(3)
})

test("real make in a sandbox inherits the descriptors", async () => {
  const rig = new Jobs()
  const slots = new Slots({ count: 3 })
  rig.makefile(3, 3)
  const exit = await slots.run({ priority: 0 }, async (slot) => {
    const purse = await slot.serve(rig.path("purse"))
    const box = ["bwrap", "--unshare-all", "--bind", "/", "/", "--proc", "/proc", "--dev", "/dev"]
    return start([...box, "--", "make"], {
      cwd: rig.directory,
      env: pipeFlags(slots),
      stdio: ["ignore", "ignore", "inherit", ...purse.descriptors()],
    }).exit
  })
  expect(exit).toEqual(well)
  expect([rig.count("end"), rig.most()]).toEqual([6, 3])
})

test("a token that a child gives back goes to an action that waits", async () => {
  const rig = new Jobs()
  const slots = new Slots({ count: 2 })
  const script =
    "take; echo taken >> log; until grep -q go log; do sleep 0.01; done; give; until grep -q own log; do sleep 0.01; done"
  const child = slots.run({ priority: 0 }, scriptIn(rig, script))
  await rig.until("taken", 1)
  const own = slots.run({ priority: 0 }, async () => appendFileSync(rig.log, "own\n"))
  appendFileSync(rig.log, "go\n")
  expect(await child).toEqual(well)
  await own
})

test("tokens that lie unread in one purse are carried to one that is empty", async () => {
  const rig = new Jobs()
  const slots = new Slots({ count: 6 })
  const idle = slots.run({ priority: 0 }, scriptIn(rig, "until grep -q all log; do sleep 0.01; done"))
  const eager = slots.run({ priority: 0 }, scriptIn(rig, "take; take; take; take; echo all >> log"))
  expect(await Promise.all([idle, eager])).toEqual([well, well])
  expect(await freeSlots(slots)).toBe(6)
})

test("an action that waits for all slots does not narrow the children of the one that it waits for", async () => {
  const rig = new Jobs()
  const slots = new Slots({ count: 4 })
  const script = "until grep -q wait log; do sleep 0.01; done; take; take; take; echo all >> log"
  const child = slots.run({ priority: 0 }, scriptIn(rig, script))
  const wide = slots.run({ priority: 0, slots: 4 }, async () => rig.lines())
  await new Promise((resolve) => setImmediate(resolve))
  appendFileSync(rig.log, "wait\n")
  expect(await child).toEqual(well)
  expect(await wide).toEqual(["wait", "all"])
})

test("a child that writes tokens that it never had, or fills the pipe, makes nobody else run more", async () => {
  const rig = new Jobs()
  const slots = new Slots({ count: 3 })
  const script =
    "for i in 1 2 3 4 5 6 7 8; do give; done; dd if=/dev/zero bs=1 count=70000 oflag=nonblock >&9 2> /dev/null || true"
  expect(await slots.run({ priority: 0 }, scriptIn(rig, script))).toEqual(well)
  expect(await freeSlots(slots)).toBe(3)
})

test("under an outer make children use its tokens, none is hoarded, and killed children lose none", async () => {
  const rig = new Jobs()
  const { path, left } = tokens(rig, "abcdefg")
  const client = connect({ kind: "fifo", path })
  const slots = new Slots({ count: 8, ...(client && { client }) })
  const script =
    "take; take; take; take; take; take; take; echo all >> log; until grep -q go log; do sleep 0.01; done; give; give; give; give; give; echo five >> log; until grep -q end log; do sleep 0.01; done; kill -9 $$"
  const child = slots.run({ priority: 0 }, scriptIn(rig, script))
  await rig.until("all", 1)
  expect(left()).toBe("")
  appendFileSync(rig.log, "go\n")
  await rig.until("five", 1)
  // Two are held for good; of the five one lies in the purse, in case it is wanted.
  while (client?.held !== 3) await sleep(5)
  appendFileSync(rig.log, "end\n")
  expect(await child).toEqual({ status: null, signal: "SIGKILL" })
  client?.close()
  expect(left()).toBe("abcdefg")
})

test("whatever actions and children do, what runs is bounded, and all tokens are there in the end", async () => {
  const step = fc.oneof(
    fc.record({
      does: fc.constant("run" as const),
      slots: fc.integer({ min: 1, max: 3 }),
      priority: fc.nat({ max: 3 }),
    }),
    fc.record({ does: fc.constant("serve" as const) }),
    fc.record({ does: fc.constantFrom("take", "take", "take", "give", "end", "turn"), which: fc.nat({ max: 9 }) }),
  )
  const scenario = fc.tuple(
    fc.option(fc.nat({ max: 5 }), { nil: undefined }),
    fc.array(step, { maxLength: 60, size: "max" }),
  )
  await fc.assert(
    fc.asyncProperty(scenario, async ([outer, steps]) => {
      const rig = new Jobs()
      const outside = outer === undefined ? undefined : tokens(rig, "abcdefg".slice(0, outer))
      const client = outside && connect({ kind: "fifo", path: outside.path })
      const slots = new Slots({ count: 4, client })
      const model = new Model(slots, outer === undefined ? 4 : Math.min(4, 1 + outer))
      for (const step of steps) {
        if (step.does === "run") model.run(step)
        else if (step.does === "serve") model.serve(rig)
        else await model.act(step.does, step.which)
        model.check()
      }
      await model.endAll()
      if (outside === undefined) expect(await freeSlots(slots)).toBe(4)
      client?.close()
      expect(outside?.left() ?? "").toBe("abcdefg".slice(0, outer ?? 0))
    }),
    { numRuns: 60 },
  )
})

/** Actions that run until they are told to end, and children of theirs, played by the test, with the tokens that they hold. */
class Model {
  readonly #slots: Slots
  readonly #bound: number
  readonly #running = new Map<() => void, number>()
  readonly #children: { file: number; held: number }[] = []
  readonly #done: Promise<void>[] = []

  constructor(slots: Slots, bound: number) {
    this.#slots = slots
    this.#bound = bound
  }

  run({ slots, priority }: { slots: number; priority: number }): void {
    this.#done.push(this.#slots.run({ slots, priority }, () => this.#untilEnded(slots)))
  }

  serve(rig: Jobs): void {
    const serve = async (slot: Slot) => {
      const { path } = await slot.serve(rig.path(`purse${purses++}`))
      const child = { file: openSync(path, constants.O_RDWR | constants.O_NONBLOCK), held: 0 }
      this.#children.push(child)
      await this.#untilEnded(1)
      // However many it holds: they end with it.
      this.#children.splice(this.#children.indexOf(child), 1)
      closeSync(child.file)
    }
    this.#done.push(this.#slots.run({ priority: 0 }, serve))
  }

  async act(does: string, which: number): Promise<void> {
    const child = this.#children[which % this.#children.length]
    if (does === "turn") await sleep(which)
    else if (does === "end") [...this.#running.keys()][which % this.#running.size]?.()
    else if (child === undefined) return
    else if (does === "give" && child.held > 0) child.held -= writeSync(child.file, "+")
    else if (does === "take") child.held += takenFrom(child.file)
  }

  /** Our own slots and what the children hold; an action that needs more than there is may run alone. */
  check(): void {
    const own = [...this.#running.values()].reduce((sum, slots) => sum + slots, 0)
    const held = this.#children.reduce((sum, child) => sum + child.held, 0)
    if (this.#running.size > 1 || held > 0) expect(own + held).toBeLessThanOrEqual(this.#bound)
  }

  async endAll(): Promise<void> {
    let isDone = false
    const done = Promise.all(this.#done).then(() => {
      isDone = true
    })
    for (; !isDone; await sleep(1)) for (const end of this.#running.keys()) end()
    await done
  }

  async #untilEnded(slots: number): Promise<void> {
    let end = () => {}
    const ended = new Promise<void>((resolve) => {
      end = resolve
    })
    this.#running.set(end, slots)
    this.check()
    await ended
    this.#running.delete(end)
  }
}

function takenFrom(file: number): number {
  try {
    return readSync(file, new Uint8Array(1))
  } catch {
    return 0
  }
}

// What is said

test("a jobserver that cannot be reached is a notice", () => {
  expectGolden("no-jobserver", renderDiagnostic(errors.noJobserverNotice(), "note"))
})

test("a named pipe that cannot be made is an error", async () => {
  const rig = new Jobs()
  const failed = await Purse.make(rig.path("nothing/purse")).catch((thrown: unknown) => thrown)
  if (!(failed instanceof BuildError)) throw failed
  expectGolden("no-fifo", renderDiagnostic(failed.diagnostic), [[rig.directory, "DIRECTORY"]])
})
