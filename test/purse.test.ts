// hashmake as a server of GNU make's jobserver: real makes, and scripts that take and give tokens as cargo does, inside actions.

import { appendFileSync } from "node:fs"
import { setTimeout as sleep } from "node:timers/promises"
import { expect, test } from "vitest"
import { type Exit, killGroup, start } from "../lib/base/process.ts"
import { connect } from "../lib/exec/jobserver.ts"
import { makeflagsFor } from "../lib/exec/makeflags.ts"
import type { Slot } from "../lib/exec/slot.ts"
import { Slots } from "../lib/exec/slots.ts"
import { clean, freeSlots, Jobs, mostAtOnce, tokens } from "./jobs.ts"

/** make, and what it finds in its environment: its jobserver as a descriptor, which a shell opened. */
const makeWith = (pipe: string, ...args: readonly string[]) => [
  "sh",
  "-c",
  'exec 3<>"$0"; exec make "$@"',
  pipe,
  ...args,
]
const pipeFlags = (slots: Slots) => ({
  ...clean,
  MAKEFLAGS: makeflagsFor(slots.count, { kind: "pipe", read: 3, write: 3 }),
})

let purses = 0

/** An action that runs make in `rig`, as a client of its slots' jobserver. `started` is told its process group. */
const makeIn =
  (rig: Jobs, slots: Slots, { signal, started, args = [] as string[] }: MakeOptions = {}) =>
  async (slot: Slot): Promise<Exit> => {
    const purse = await slot.serve(rig.path(`purse${purses++}`))
    const child = start(makeWith(purse.path, "-k", ...args), {
      cwd: rig.directory,
      env: pipeFlags(slots),
      stdio: "ignore",
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

test("what nobody else needs is there before the children are: ninja looks for tokens only when it starts, and when a job has ended", async () => {
  const rig = new Jobs()
  const slots = new Slots({ count: 4 })
  const lent = await slots.run({ priority: 0 }, async (slot) => (await slot.serve(rig.path("purse"))).lent)
  expect(lent).toBe(3)
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
    return start([...box, "--", ...makeWith(purse.path)], {
      cwd: rig.directory,
      env: pipeFlags(slots),
      stdio: ["ignore", "ignore", "inherit"],
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
  const slots = new Slots({ count: 4 })
  const mint =
    "take; give; for i in 1 2 3 4 5 6 7 8; do give; done; echo minted >> log; until grep -q go log; do sleep 0.01; done"
  const fill = "dd if=/dev/zero bs=1 count=70000 oflag=nonblock >&9 2> /dev/null || true"
  const child = slots.run({ priority: 0 }, scriptIn(rig, `${mint}; ${fill}`))
  await rig.until("minted", 1)
  expect(await mostAtOnce(slots, 9, 3)).toBe(3)
  appendFileSync(rig.log, "go\n")
  expect(await child).toEqual(well)
  expect(await freeSlots(slots)).toBe(4)
})

test("under an outer make children use its tokens, none is hoarded, and killed children lose none", async () => {
  const rig = new Jobs()
  const { path, left } = tokens(rig, "abcdefg")
  const client = connect({ kind: "fifo", path })
  const slots = new Slots({ count: 8, client })
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
