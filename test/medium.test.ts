// Every image of x86_64, the medium as a CD and as a USB disk, by BIOS and by UEFI: each time somebody logs in, writes, and powers off.

import { spawn } from "node:child_process"
import { once } from "node:events"
import { join } from "node:path"
import { afterAll, expect, test } from "vitest"
import { storeDirectory } from "../lib/store/directory.ts"
import { checkout, removeCheckouts } from "./checkout.ts"

const triple = "x86_64-linux-musl"
const words = ["rootfs", "check-all", `TARGET=${triple}`]
const hourMs = 3_600_000

afterAll(removeCheckouts)

/** The last event of a build in this workspace, with the user's store. */
async function build(cwd: string) {
  const env = { ...process.env, HASHMAKE_STORE: storeDirectory(process.env) }
  const child = spawn(process.execPath, [join(cwd, "bin/build.ts"), "--json", ...words], { cwd, env })
  let [said, errors] = ["", ""]
  child.stdout.on("data", (text: Buffer) => {
    said += text
  })
  child.stderr.on("data", (text: Buffer) => {
    errors += text
  })
  const [status] = await once(child, "close")
  expect(status, errors + said.slice(-3000)).toBe(0)
  return JSON.parse(said.trim().split("\n").at(-1) ?? "")
}

test("each image starts in every way that the machine has, no other medium is taken for it, and a second build runs nothing", {
  timeout: hourMs,
}, async () => {
  const copy = checkout()
  expect((await build(copy)).outcome).toBe("done")
  expect((await build(copy)).counts).toMatchObject({ built: 0, restored: 0, failed: 0 })
})
