// Test-suites of packages: what they start runs on the machine that it is for.

import { spawnSync } from "node:child_process"
import { chmodSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import { Builds, emulated } from "../lib/linux/mod.ts"
import bash from "../pkg/bash.ts"
import armv7 from "../sysdeps/armv7-linux-musleabihf.ts"
import native from "../sysdeps/x86_64-linux-musl.ts"
import { Rig } from "./rig.ts"

/** What `./tool one two` says after `emulated`, with an emulator that shows how it was started. */
function said(emulator: string): string {
  const directory = new Rig().root
  const program = (name: string, text: string) => {
    writeFileSync(join(directory, name), `#!/bin/sh\n${text}\n`)
    chmodSync(join(directory, name), 0o755)
  }
  program("tool", 'echo "tool $*"')
  program("emulator", 'shift 2; echo "emulated $(basename "$1") $2 $3"')
  const env = { PATH: process.env.PATH, EMULATOR: emulator && join(directory, emulator) }
  const { stdout } = spawnSync("sh", ["-euc", `${emulated("tool")}./tool one two`], { cwd: directory, env })
  return stdout.toString()
}

test("a test-suite that starts a program by its path starts the emulator, where one is needed", () => {
  expect(said("emulator")).toBe("emulated tool.real one two\n")
  expect(said("")).toBe("tool one two\n")
})

test("only for another processor than the build machine's, tests need an emulator", () => {
  const tools = (machine: typeof native) =>
    new Builds(machine, "Release", []).check(bash)?.action?.tools.map(({ name }) => name) ?? []
  expect(tools(armv7)).toContain("qemu-arm")
  expect(tools(native).filter((name) => name.startsWith("qemu"))).toEqual([])
  expect(tools(native)).toContain("make")
})
