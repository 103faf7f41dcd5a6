import { spawnSync } from "node:child_process"
import { join } from "node:path"
import { expect, test } from "vitest"

const root = join(import.meta.dirname, "..")
const run = (...words: string[]) =>
  spawnSync(process.execPath, words, { cwd: root, encoding: "utf8", env: { ...process.env, NO_COLOR: "1" } })

test("types are sound", () => {
  const { status, stdout } = run("node_modules/typescript/bin/tsc", "--noEmit")
  expect(status, stdout).toBe(0)
})

test("the form is biome's", () => {
  const { status, stdout, stderr } = run("node_modules/@biomejs/biome/bin/biome", "check", "--error-on-warnings", ".")
  expect(status, stdout + stderr).toBe(0)
})
