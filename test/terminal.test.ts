// Actions that have the terminal: on a real one (a pseudo-terminal, by util-linux's script), and what reporters do meanwhile.

import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { expect, test } from "vitest"
import { type BuildEvent, consoleReporter, shell, type Target, target } from "../lib/mod.ts"
import { clean } from "./jobs.ts"
import { coreutils, Rig } from "./rig.ts"
import { noneLeft, processesOf } from "./torture/process.ts"

const checkout = join(import.meta.dirname, "..")

const buildfile = (flag: string) => `
import { buildfile, shell, target, tool } from ${JSON.stringify(join(checkout, "lib/mod.ts"))}
const tools = [tool({ name: "coreutils", programs: ["sleep", "touch"] })]
const asks = target({ outputs: { to: "out/asks" }, terminal: true, tools, run: (_, { to }) => shell(
  "test -t 0; test -t 1; test $TERM = vt100; printf 'what? '; touch ${flag} || true; read -r word </dev/tty; echo $word >" + to, "ask") })
const other = target({ outputs: { to: "out/other" }, tools, run: (_, { to }) => shell(
  "until [ -e ${flag} ]; do sleep 0.01; done; touch " + to) })
const stays = target({ outputs: { to: "out/stays" }, terminal: true, tools, run: () => shell(
  "(trap '' TERM INT; printf here; sleep 1000) & wait") })
export default buildfile({}, () => ({ asks, other, stays }))
`

/** The command on a terminal; what it shows is told as it comes. */
function onTerminal(words: string, TERM = "vt100") {
  const rig = new Rig()
  rig.write("package.json", '{ "type": "module" }')
  rig.write("Buildfile.ts", buildfile(rig.path("flag")))
  const line = `${process.execPath} ${join(checkout, "bin/build.ts")} ${words}`
  const begin = () => {
    const env = { ...clean, HASHMAKE_STORE: rig.store, HOME: rig.directory, TERM }
    const child = spawn("script", ["-qefc", line, "/dev/null"], { cwd: rig.root, env })
    let shown = ""
    child.stdout.on("data", (piece) => {
      shown += piece
    })
    const until = async (text: string) => {
      while (!shown.includes(text)) await sleep(5)
    }
    return { child, until, shown: () => shown, ended: once(child, "exit") as Promise<[number | null]> }
  }
  return { rig, begin }
}

const type = ({ stdin }: ChildProcess, text: string) => void stdin?.write(text)

test("an action asks on the terminal, alone there, and is cached as any other", async () => {
  const { rig, begin } = onTerminal("--color never --sandbox=off -j2 asks other")
  const { child, until, shown, ended } = begin()
  await until("what? ")
  while (!existsSync(rig.path("out/other"))) await sleep(5)
  type(child, "that\n")
  expect(await ended).toEqual([0, null])
  expect(rig.read("out/asks")).toBe("that\n")
  expect(shown()).toMatch(/what\? that\r\n[\s\S]*built {5}out\/other/)
  expect(shown()).not.toMatch(/built {5}out\/other[\s\S]*what\?/)
  const again = begin()
  expect(await again.ended).toEqual([0, null])
  expect(again.shown()).toContain("2 up to date")
})

test("where a terminal can neither colour nor move its cursor, nothing of the kind is sent", async () => {
  const { rig, begin } = onTerminal("--sandbox=off other", "dumb")
  rig.write("flag", "")
  const { shown, ended } = begin()
  expect(await ended).toEqual([0, null])
  expect(shown()).not.toContain("\x1b")
  expect(shown()).toMatch(/\nruns {6}out\/other\r\nbuilt {5}out\/other .*\r\ndone in .*\r\n$/)
})

test("it is sandboxed, and the terminal is its own there, too", async () => {
  const { rig, begin } = onTerminal("asks")
  const { child, until, ended } = begin()
  await until("what? ")
  type(child, "boxed\n")
  expect(await ended).toEqual([0, null])
  expect(rig.read("out/asks")).toBe("boxed\n")
})

test.for(["bwrap", "off"])("Ctrl-C ends it with all that it started, and the build (%s)", async (sandbox) => {
  const { rig, begin } = onTerminal(`--sandbox=${sandbox} stays`)
  const { child, until, ended } = begin()
  await until("here")
  type(child, "\x03")
  expect(await ended).toEqual([130, null])
  await noneLeft(rig.directory)
  expect(processesOf(rig.directory)).toEqual([])
})

test("one at a time has it", async () => {
  const rig = new Rig()
  const takes = (name: string): Target =>
    target({
      name,
      outputs: { to: `out/${name}` },
      tools: [coreutils],
      terminal: true,
      run: (_, { to }) => shell(`touch ${to}`),
    })
  const { events } = await rig.build(["a", "b", "c"].map(takes), { slots: 3, sandbox: "off" })
  let running = 0
  for (const event of events) {
    if (event.type !== "state") continue
    if (event.state === "running") expect([++running, event.hasTerminal]).toEqual([1, true])
    if (event.state === "built") running--
  }
})

test("a reporter takes its progress away, is silent while an action has the terminal, and then says what it missed", () => {
  const named = (name: string): Target => target({ name, outputs: { to: name }, run: () => shell(":") })
  const [app, other] = [named("app"), named("other")]
  for (const isTTY of [true, false]) {
    let shown = ""
    const write = (text: string) => {
      shown += text
    }
    const output = { isTTY, columns: 80, write }
    const { on, close } = consoleReporter({ output, isColoured: false, level: "normal", explain: false })
    const move = (target: Target, state: "running" | "built", hasTerminal = false): BuildEvent => ({
      ...{ type: "state", target, state, tookMs: 0, expectedMs: 0 },
      ...(hasTerminal ? { hasTerminal } : {}),
    })
    on({ type: "build-started", targets: 2, slots: 2, expectedMs: 0 })
    on(move(other, "running"))
    on({ type: "notice", diagnostic: { what: "something" } })
    if (isTTY) expect(shown).toMatch(/left\n {2}other .*\n$/)
    on(move(app, "running", true))
    if (isTTY) expect(shown.endsWith("\x1b[2A\r\x1b[J")).toBe(true)
    const before = shown
    on(move(other, "built"))
    expect(shown).toBe(before)
    on(move(app, "built"))
    expect(shown.slice(before.length)).toMatch(/built {5}other[\s\S]*built {5}app/)
    close()
  }
})
