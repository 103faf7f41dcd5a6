// A lock of one process at a time.

import { spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { expect, onTestFinished, test } from "vitest"
import { tryLock } from "../lib/base/lock.ts"
import { Rig } from "./rig.ts"

const lib = join(import.meta.dirname, "../lib/base/lock.ts")

test("a lock is held by one, and let go of", async () => {
  const path = join(new Rig().directory, "lock")
  const release = await tryLock(path)
  expect(await tryLock(path)).toMatchObject({ pid: process.pid })
  if (typeof release !== "function") throw new Error("nobody else holds it")
  release()
  expect(await tryLock(path)).toBeTypeOf("function")
})

test("a killed holder's lock is free, even while nobody has asked how that ended", async () => {
  const rig = new Rig()
  const path = join(rig.directory, "lock")
  const holder = join(rig.directory, "holder.ts")
  writeFileSync(
    holder,
    `import { tryLock } from ${JSON.stringify(lib)}\nawait tryLock(${JSON.stringify(path)})\nsetInterval(() => {}, 1000)`,
  )
  // The shell becomes a sleep, which never asks for the status of the child that it got with that.
  const child = spawn("sh", ["-c", `"${process.execPath}" "${holder}" & exec sleep 1000`], { stdio: "ignore" })
  const ended = once(child, "exit")
  onTestFinished(() => void child.kill("SIGKILL"))
  while (!existsSync(path)) await sleep(20)
  const held = await tryLock(path)
  if (typeof held === "function") throw new Error("the holder is alive")
  process.kill(held.pid, "SIGKILL")
  const state = () => readFileSync(`/proc/${held.pid}/stat`, "utf8").replace(/^.*\) /s, "")[0]
  while (state() !== "Z") await sleep(20)
  expect(await tryLock(path)).toBeTypeOf("function")
  child.kill("SIGKILL")
  await ended
})
