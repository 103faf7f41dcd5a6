// Commands that take next to no time, without a sandbox: while one runs another is prepared, waits behind it in its shell, and is begun
// by that.

import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, onTestFinished, test } from "vitest"
import { Shells } from "../lib/exec/shells.ts"
import type { Slot } from "../lib/exec/slot.ts"
import { Slots } from "../lib/exec/slots.ts"
import { shell, source, target, tool } from "../lib/mod.ts"
import { freeSlots, mostIn } from "./jobs.ts"
import { copies, coreutils, Rig } from "./rig.ts"

/** Shells in a directory of their own, and what begins and ends in them. */
function shells() {
  const directory = mkdtempSync(join(tmpdir(), "hashmake-test-"))
  const all = new Shells(join(directory, "shells"), directory, { PATH: process.env.PATH ?? "" })
  onTestFinished(async () => {
    await all.close()
    rmSync(directory, { recursive: true, force: true })
  })
  const told: string[] = []
  const run = async (script: string, slot: Slot, signal = new AbortController().signal) => {
    const ended = await all.run(() => `s=0 && ${script}`, {
      ...{ kind: "test", slot, signal },
      onBegin: (isShort) => told.push(isShort ? `short ${script}` : `begin ${script}`),
      onDone: () => told.push(`done ${script}`),
    })
    return ended && { ...ended, output: String(ended.output) }
  }
  return { directory, told, run, path: (name: string) => join(directory, name) }
}

const slot = (state: Slot["state"], leader?: Slot): Slot => ({
  ...{ state, leader },
  serve: () => Promise.reject(new Error("no jobserver")),
  release: () => false,
  lead: () => {},
})

const waitFor = (path: string) => `until [ -e ${path} ]; do sleep 0.01; done`

test("a script that follows begins when the one before has ended well, and what each writes is its own", async () => {
  const { told, run, path } = shells()
  const [first, go] = [slot("held"), waitFor(path("go"))]
  const leading = run(`{ echo one; ${go}; echo two; }`, first)
  const following = run("echo three", slot("following", first))
  await expect.poll(() => told.length).toBe(1)
  writeFileSync(path("go"), "")
  expect(await leading).toEqual({ status: 0, step: 0, output: "one\ntwo\n" })
  expect(await following).toEqual({ status: 0, step: 0, output: "three\n" })
  expect(told.map((line) => line.split(" ")[0])).toEqual(["begin", "done", "begin", "done"])
  // One shell was enough.
  expect(readdirSync(path("shells")).filter((name) => name.endsWith(".log0"))).toEqual(["0.log0"])
})

test("a script that is longer than a fifo holds comes to its end before that of who follows", async () => {
  const { run } = shells()
  const words = Array.from({ length: 200_000 }, (_, i) => `word${i}`)
  for (let round = 0; round < 5; round++) {
    const first = slot("held")
    const leading = run(`set -- ${words.join(" ")}; echo $#`, first)
    const following = run("echo next", slot("following", first))
    expect(await leading).toEqual({ status: 0, step: 0, output: "200000\n" })
    expect(await following).toEqual({ status: 0, step: 0, output: "next\n" })
  }
})

test("after a shell that could not be opened, each of the next still has files of its own", async () => {
  const { run, path } = shells()
  const inTheWay = path("shells/0.log0")
  mkdirSync(inTheWay, { recursive: true })
  await expect(run("true", slot("held"))).rejects.toThrow("EISDIR")
  rmSync(inTheWay, { recursive: true })
  const words = ["one", "two", "three"]
  const said = words.map((word) => run(`{ echo ${word}; : >${path(word)}; ${waitFor(path("go"))}; }`, slot("held")))
  await expect.poll(() => words.every((word) => existsSync(path(word)))).toBe(true)
  writeFileSync(path("go"), "")
  expect((await Promise.all(said)).map((ended) => ended?.output)).toEqual(["one\n", "two\n", "three\n"])
})

test("a build leaves nothing in the workspace for which who reads it would wait", async () => {
  const rig = new Rig()
  rig.write("src/text", "one\n")
  await rig.build([copies("src/text")], { sandbox: "off" })
  const left = readdirSync(rig.root, { recursive: true, withFileTypes: true })
  expect(left.filter((entry) => entry.isFIFO() || entry.isSocket())).toEqual([])
})

test("a script that follows one that fails, or whose shell ends, is not begun; nor is one that has nobody to follow", async () => {
  for (const [end, status] of [
    ["false", 1],
    ["kill -9 $$", undefined],
  ] as const) {
    const { told, run, path } = shells()
    const first = slot("held")
    const leading = run(`{ ${waitFor(path("go"))}; ${end}; }`, first)
    const following = run(`touch ${path("made")}`, slot("following", first))
    writeFileSync(path("go"), "")
    expect(await leading).toMatchObject({ status })
    expect(await following).toBe(undefined)
    expect([told.length, existsSync(path("made"))]).toEqual([1, false])
    expect(await run("echo again", slot("held"))).toEqual({ status: 0, step: 0, output: "again\n" })
    for (const late of [slot("following", first), slot("lost", first)])
      expect(await run("echo late", late)).toBe(undefined)
  }
})

test("scripts of a kind are short once a few were, one after the other, and no more after one that was not", async () => {
  const { told, run } = shells()
  const begun = () => told.filter((line) => !line.startsWith("done"))
  // However busy the machine is, some time a few will be.
  while (begun().at(-1) !== "short true") await run("true", slot("held"))
  expect(begun().slice(0, 3)).toEqual(Array(3).fill("begin true"))
  await run("sleep 0.1", slot("held"))
  await run("true", slot("held"))
  expect(begun().at(-1)).toBe("begin true")
})

test("who follows gets what its leader has, not more; who has nobody to follow any more holds nothing", async () => {
  const slots = new Slots({ count: 1 })
  const [ends, states] = [new Map<string, () => void>(), new Map<string, Slot>()]
  const run = (name: string, priority: number, mayFollow = true) =>
    slots.run({ priority, mayFollow }, (own) => {
      states.set(name, own)
      return new Promise<void>((resolve) => ends.set(name, resolve))
    })
  const turn = () => new Promise((resolve) => setImmediate(resolve))
  const works = [run("a", 9), run("b", 5), run("c", 4), run("d", 3, false)]
  await turn()
  expect([...states.keys()]).toEqual(["a"])
  // What may come of `a` could be more urgent than `b`.
  states.get("a")?.lead(6)
  await turn()
  expect([...states.keys()]).toEqual(["a"])
  states.get("a")?.lead(5)
  await turn()
  expect([...states].map(([name, { state }]) => [name, state])).toEqual([
    ["a", "held"],
    ["b", "following"],
  ])
  expect(states.get("a")?.release(0, () => {})).toBe(true)
  expect([states.get("a")?.state, states.get("b")?.state]).toEqual(["ended", "held"])
  states.get("b")?.lead(0)
  await turn()
  expect(states.get("c")?.state).toBe("following")
  // `b` ends without letting go: `c` has to ask again, and `d` is next.
  ends.get("b")?.()
  await turn()
  await turn()
  expect([states.get("c")?.state, states.get("d")?.state]).toEqual(["lost", "held"])
  for (const end of ends.values()) end()
  await Promise.all(works)
  expect(await freeSlots(slots)).toBe(1)
})

const tools = [coreutils, tool({ name: "grep" })]

/** Short actions, each of which writes into a log of all, into its own, and into its scratch directory. */
const shorts = (log: string, count: number, failing = -1) =>
  Array.from({ length: count }, (_, i) =>
    target({
      name: `short${i}`,
      inputs: { from: source("in") },
      outputs: { to: `out/${i}` },
      tools,
      run: ({ from }, { to }) =>
        shell(
          `echo begin >>${log}; echo ${i} >>${log}.names; echo said ${i}; [ -z "$(ls "$SCRATCH")" ]; touch "$SCRATCH/left"
${i === failing ? "exit 3" : `cp ${from} ${to}`}; echo end >>${log}`,
        ),
    }),
  )

test("many short actions run as many at once as there are slots, and find what each should", async () => {
  const rig = new Rig()
  rig.write("in", "in\n")
  const log = join(rig.directory, "log")
  const { ran, events, failures } = await rig.build(shorts(log, 60), { slots: 2, sandbox: "off" })
  expect([ran.length, failures]).toEqual([60, []])
  const lines = readFileSync(log, "utf8").split("\n").slice(0, -1)
  expect([lines.length, mostIn(lines)]).toEqual([120, 2])
  for (let i = 0; i < 60; i++) expect(rig.read(`log/short${i}.txt`)).toMatch(new RegExp(`\\nsaid ${i}\\n$`))
  const released = events.flatMap((event) => (event.type === "released" ? [event.target.name] : []))
  expect(released.length).toBeGreaterThan(30)
})

test("after a failure no action that was prepared is begun; with keep-going each of them is", async () => {
  for (const keepGoing of [false, true]) {
    const rig = new Rig()
    rig.write("in", "in\n")
    const log = join(rig.directory, "log")
    const { failures, ran } = await rig.build(shorts(log, 30, 20), { slots: 1, sandbox: "off", keepGoing })
    const began = readFileSync(`${log}.names`, "utf8").split("\n").slice(0, -1)
    expect([failures.length, ran.length]).toEqual([1, keepGoing ? 29 : 20])
    expect(began.sort()).toEqual(Array.from({ length: keepGoing ? 30 : 21 }, (_, i) => String(i)).sort())
  }
})
