import { spawn } from "node:child_process"
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { expect, onTestFinished, test, vi } from "vitest"
import { build } from "../lib/exec/engine.ts"
import { type BuildEvent, command, file, group, shell, source, target, tool, tree } from "../lib/mod.ts"
import { coreutils, Rig } from "./rig.ts"

const does = (name: string, script: string, after: ReturnType<typeof target>[] = []) =>
  target({
    name,
    outputs: { to: `out/${name}` },
    tools: [coreutils],
    after,
    run: (_, { to }) => shell(`${script}; touch ${to}`),
  })

test("a failed action publishes nothing, is told with its log, and ends the build", async () => {
  const rig = new Rig()
  const bad = does("bad", "echo partial >out/bad; echo the reason; exit 3")
  const next = does("next", "true", [bad])
  const { outcome, ran, said, counts } = await rig.build([next])
  expect([outcome, ran, counts.failed, counts.skipped]).toEqual(["failed", [], 1, 1])
  expect(existsSync(rig.path("out/bad"))).toBe(false)
  expect(said[0]).toContain("exited with 3")
  expect(said[0]).toContain("chain      next → bad")
  expect(said[0]).toContain("    the reason\n")
})

test("a function may throw anything: what it was is told", async () => {
  const thrown = [
    "the reason",
    new Error("the reason"),
    { the: "reason" },
    null,
    undefined,
    Object.create(null),
    new Error(),
  ]
  const told = [
    "the reason",
    "the reason",
    "{ the: 'reason' }",
    "null",
    "undefined",
    "[Object: null prototype] {}",
    "Error",
  ]
  for (const [i, one] of thrown.entries()) {
    const call = async () => {
      throw one
    }
    const bad = target({ name: "bad", outputs: { to: "out/bad" }, module: import.meta.url, call })
    const { said, outcome } = await new Rig().build([bad])
    expect([outcome, said.at(-1)]).toEqual(["failed", expect.stringContaining(`\`bad\` failed: ${told[i]}\n`)])
  }
})

test("a program that a function has started ends with its action, and one that cannot be started harms nobody who does not ask", async () => {
  const ends: unknown[] = []
  const starts = target({
    outputs: { to: "out/x" },
    module: import.meta.url,
    call: async (_, { to }, { start }) => {
      start(["sleep", "1000"]).status.then((status) => ends.push(status))
      start(["none-such"], { capture: true })
      writeFileSync(to, "")
    },
  })
  const { outcome } = await new Rig().build([starts])
  expect([outcome, ends]).toEqual(["done", [null]])
})

test("with keep-going what does not depend on the failure is built", async () => {
  const rig = new Rig()
  const bad = does("bad", "exit 1")
  const all = group("all", [does("after-bad", "true", [bad]), does("one", "true"), does("two", "sleep 0.2")])
  const { ran, counts } = await rig.build([all], { keepGoing: true, slots: 1 })
  expect([ran.toSorted(), counts.skipped]).toEqual([["one", "two"], 1])
})

test("without it nothing more is started", async () => {
  const rig = new Rig()
  const { ran, counts } = await rig.build([does("bad", "exit 1"), does("one", "true"), does("two", "true")], {
    slots: 1,
  })
  expect([ran, counts.cancelled]).toEqual([[], 2])
})

test("the same failure is tried again by the next build, and works once it is mended", async () => {
  const rig = new Rig()
  rig.write("mode", "exit 1")
  const made = target({
    name: "made",
    inputs: { mode: source("mode") },
    outputs: { to: "out/made" },
    run: ({ mode }, { to }) => shell(`. ./${mode}; echo >${to}`),
  })
  expect((await rig.build([made])).outcome).toBe("failed")
  expect((await rig.build([made])).counts.failed).toBe(1)
  rig.write("mode", "true")
  expect((await rig.build([made])).ran).toEqual(["made"])
})

test("a log that is longer than a text can be is told by its last lines, in whatever way it came about", async () => {
  for (const sandbox of ["bwrap", "off"] as const) {
    const rig = new Rig()
    const bad = target({
      name: "bad",
      outputs: { to: "out/bad" },
      tools: [coreutils],
      run: () => shell("head -c 540000000 /dev/zero; echo; echo the reason; exit 3"),
    })
    const { said } = await rig.build([bad], { sandbox })
    expect(said.at(-1)).toMatch(/exited with 3[^\0]*the reason$/m)
    rmSync(rig.path("log/bad.txt"))
  }
})

test("cancelling ends every child with its descendants and leaves no output", async () => {
  const rig = new Rig()
  const stop = new AbortController()
  const long = does("long", "touch out/long; (sleep 1000 & sleep 1000); echo not reached")
  const begun = (event: BuildEvent) => event.type === "step" && setTimeout(() => stop.abort(), 100)
  const { outcome } = await build(
    [long],
    { root: rig.root, store: rig.store, slots: 1 },
    { signal: stop.signal, emit: begun },
  )
  expect(outcome).toBe("cancelled")
  expect(existsSync(rig.path("out/long"))).toBe(false)
  await vi.waitFor(() => expect(processesNaming(rig.store)).toEqual([]), 60_000)
  expect((await rig.build([does("long", "true")])).outcome).toBe("done")
})

test("cancelling at the very moment when an action starts leaves nothing behind either", async () => {
  for (let turns = 0; turns < 12; turns++) {
    const rig = new Rig()
    const stop = new AbortController()
    const begun = (event: BuildEvent) => {
      if (event.type === "step") setTimeout(() => stop.abort(), turns)
    }
    await build(
      [does("long", "sleep 1000")],
      { root: rig.root, store: rig.store, slots: 1 },
      { signal: stop.signal, emit: begun },
    )
    await vi.waitFor(() => expect(processesNaming(rig.store)).toEqual([]), 60_000)
  }
})

test("a process that has left its group and holds what its action wrote to keeps no cancelled build from ending", async () => {
  const rig = new Rig()
  const script = `echo $$ >${rig.path("left")}; exec sleep 1000`
  const leaves = target({
    outputs: { to: tree() },
    tools: [coreutils, tool({ name: "setsid", debian: ["util-linux"] })],
    run: () => command("setsid", "--wait", "sh", "-c", script),
  })
  const stop = new AbortController()
  const building = rig.build([leaves], { sandbox: "off", signal: stop.signal })
  const left = () => readFileSync(rig.path("left"), "utf8").trim()
  await vi.waitFor(() => expect(left()).not.toBe(""), 10_000)
  onTestFinished(() => void process.kill(Number(left())))
  stop.abort()
  expect((await building).outcome).toBe("cancelled")
})

test("a program that is not there is an action that failed, with a sandbox and without one", async () => {
  const rig = new Rig()
  const calls = target({ name: "calls", outputs: { to: tree() }, tools: [coreutils], run: () => command("nowhere") })
  for (const sandbox of ["bwrap", "off"] as const) {
    const { outcome, said } = await rig.build([calls], { sandbox })
    expect([outcome, said.join("\n")]).toEqual([
      "failed",
      expect.stringMatching(/`calls` failed.*nowhere.*exited with/),
    ])
  }
})

test("of a run that did not fail by itself, or that the Buildfile says wrong things of, nothing stays in the store's work", async () => {
  const rig = new Rig()
  const work = () => readdirSync(join(rig.store, "work")).filter((name) => name.startsWith("action"))
  const fails = async (name: string, script: string, stop = new AbortController()) => {
    const emit = (event: BuildEvent) => event.type === "output" && stop.abort()
    return (await rig.build([does(name, script)], { signal: stop.signal, verbose: true, emit })).outcome
  }
  expect([await fails("unwritten", "exit"), work()]).toEqual(["failed", []])
  expect([await fails("more", "touch out/other"), work()]).toEqual(["failed", []])
  expect([await fails("cancelled", "echo it runs; sleep 1000"), work()]).toEqual(["cancelled", []])
  expect([await fails("failed", "exit 3"), work().length]).toEqual(["failed", 1])
})

test("when something breaks that is nobody's failure, all that runs has ended before that is thrown", async () => {
  const rig = new Rig()
  const runs = Promise.withResolvers<void>()
  const emit = (event: BuildEvent) => event.type === "output" && runs.resolve()
  const breaks = target({
    name: "breaks",
    outputs: { to: file() },
    module: import.meta.url,
    call: async (_, { to }) => {
      await runs.promise
      writeFileSync(to, "")
      rmSync(join(to, "../../project"), { recursive: true })
    },
  })
  const building = rig.build([breaks, does("long", "echo it runs; sleep 1000")], { verbose: true, emit })
  await expect(building).rejects.toThrow(/ENOENT.*project/)
  expect(processesNaming(rig.store)).toEqual([])
})

/** Processes with this text among their arguments. */
const processesNaming = (text: string): string[] =>
  readdirSync("/proc").filter((pid) => /^\d+$/.test(pid) && argumentsOf(pid).includes(text))

function argumentsOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8")
  } catch {
    return ""
  }
}

const engineText = (rig: Rig) => `
import { build } from ${JSON.stringify(join(import.meta.dirname, "../lib/exec/engine.ts"))}
import { shell, target, tool } from ${JSON.stringify(join(import.meta.dirname, "../lib/mod.ts"))}
const coreutils = tool({ name: "coreutils", programs: ["sleep", "touch"] })
const all = ["a", "b", "c"].map((name) => target({ name, outputs: { to: "out/" + name }, tools: [coreutils], run: (_, { to }) => shell("touch " + to + "; sleep 0.3") }))
await build(all, { root: ${JSON.stringify(rig.root)}, store: ${JSON.stringify(rig.store)}, slots: 2 }, { emit: (event) => console.log(event.type, event.state, event.target?.name) })
`

/** Starts an engine in a process of its own. */
function otherEngine(rig: Rig) {
  writeFileSync(join(rig.directory, "engine.ts"), engineText(rig))
  const child = spawn(process.execPath, [join(rig.directory, "engine.ts")], { stdio: ["ignore", "pipe", "inherit"] })
  const ended = new Promise((resolve) => child.once("exit", resolve))
  let said = ""
  child.stdout.setEncoding("utf8").on("data", (piece: string) => (said += piece))
  return { child, ended, said: () => said }
}

test("after kill -9 at any moment the next build is right", async () => {
  for (let delayMs = 0; delayMs < 1500; delayMs += 250) {
    const rig = new Rig()
    const { child, ended, said } = otherEngine(rig)
    while (!said().includes("build-started")) await sleep(5)
    await sleep(delayMs)
    child.kill("SIGKILL")
    await ended
    const all = ["a", "b", "c"].map((name) => does(name, "true"))
    expect((await rig.build(all)).outcome).toBe("done")
    expect((await rig.build(all)).ran).toEqual([])
    expect(readdirSync(join(rig.store, "work"))).toEqual(["reserve"])
  }
})

test("of two engines in one workspace the second waits, says for whom, and then finds everything done", async () => {
  const rig = new Rig()
  const { ended, said } = otherEngine(rig)
  while (!said().includes("build-started")) await sleep(5)
  const { events, outcome } = await rig.build([does("d", "true")])
  await ended
  expect(outcome).toBe("done")
  expect(events.some(({ type }) => type === "waiting")).toBe(true)
  expect(said()).toContain("build-ended")
})

test("an input that is edited while its action runs makes it run again", async () => {
  const rig = new Rig()
  rig.write("in", "old")
  const slow = target({
    name: "slow",
    inputs: { from: source("in") },
    outputs: { to: "out/slow" },
    tools: [coreutils],
    run: ({ from }, { to }) => shell(`cat ${from} >${to}; sleep 0.5`),
  })
  let isEdited = false
  const edit = (event: BuildEvent) => {
    if (event.type !== "step" || isEdited) return
    isEdited = true
    setTimeout(() => rig.write("in", "new"), 200)
  }
  await build([slow], { root: rig.root, store: rig.store, slots: 1 }, { emit: edit })
  expect(rig.read("out/slow")).toBe("new")
  expect((await rig.build([slow])).ran).toEqual([])
})

test("what needs an input that is lost, and is not made again since something failed, has not failed itself", async () => {
  const rig = new Rig()
  rig.write("in", "1")
  const made = target({
    name: "made",
    outputs: { to: file() },
    module: import.meta.url,
    call: async (_, { to }) => {
      if (existsSync(rig.path("wrong"))) throw new Error("it is wrong")
      writeFileSync(to, "made")
    },
  })
  const used = target({
    name: "used",
    inputs: { made: made.outputs.to, from: source("in") },
    outputs: { to: "out/used" },
    tools: [coreutils],
    run: ({ made, from }, { to }) => shell(`cat ${made} ${from} >${to}`),
  })
  const fails = target({
    name: "fails",
    outputs: { to: "out/fails" },
    tools: [coreutils],
    module: import.meta.url,
    expectedMs: 1e6,
    call: async () => {
      await sleep(100)
      throw new Error("it fails")
    },
  })
  await rig.build([used])
  rmSync(join(rig.store, "blob"), { recursive: true })
  rig.write("in", "2")
  const { failures, counts } = await rig.build([fails, used], { slots: 1 })
  expect(failures.map(({ target }) => target.name)).toEqual(["fails"])
  expect(counts).toMatchObject({ failed: 1, skipped: 0 })
  rig.write("wrong", "")
  const again = await rig.build([used])
  expect(again.failures.map(({ target, isError }) => [target.name, isError])).toEqual([["made", false]])
  expect(again.counts).toMatchObject({ failed: 1, skipped: 1 })
})
