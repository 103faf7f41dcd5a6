// The medium of x86_64, started as a CD and as a USB disk, by BIOS and by UEFI: each time somebody logs in, writes, and powers off.

import { spawnSync } from "node:child_process"
import { join } from "node:path"
import { afterAll, expect, test } from "vitest"
import { storeDirectory } from "../lib/exec/engine.ts"
import { checkout, removeCheckouts } from "./checkout.ts"

const triple = "x86_64-linux-musl"
const words = ["rootfs", "check-boot", `TARGET=${triple}`, "IMAGES=iso"]
const hourMs = 3_600_000

afterAll(removeCheckouts)

/** The last event of a build in this workspace, with the user's store. */
function build(cwd: string) {
  const env = { ...process.env, HASHMAKE_STORE: storeDirectory(process.env) }
  const args = [join(cwd, "bin/build.ts"), "--json", ...words]
  const { stdout, stderr, status } = spawnSync(process.execPath, args, {
    cwd,
    env,
    encoding: "utf8",
    maxBuffer: 1 << 28,
  })
  expect(status, stderr + stdout.slice(-3000)).toBe(0)
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "")
}

test(
  "the medium starts in every way that the machine has, no other one is taken for it, and a second build runs nothing",
  () => {
    const copy = checkout()
    expect(build(copy).outcome).toBe("done")
    expect(build(copy).counts).toMatchObject({ built: 0, restored: 0, failed: 0 })
  },
  hourMs,
)
