// The generated reference: every export of the engine's door, with all that it is made of, is documented.

import { spawnSync } from "node:child_process"
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, onTestFinished, test } from "vitest"

const root = join(import.meta.dirname, "..")

/** Writes the reference of a door as `npm run reference` does. */
function reference(...options: string[]): { status: number | null; said: string; out: string } {
  const out = mkdtempSync(join(tmpdir(), "hashmake-reference-"))
  onTestFinished(() => rmSync(out, { recursive: true }))
  const script = JSON.parse(readFileSync(join(root, "package.json"), "utf8"))
    .scripts.reference.split(" ")
    .slice(1)
  const env = { ...process.env, NO_COLOR: "1" }
  const words = [...script, "--out", out, ...options]
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { cwd: root, encoding: "utf8", env })
  return { status, said: stdout + stderr, out }
}

test("the reference is written without a warning", () => {
  const { status, said, out } = reference()
  expect(said).not.toMatch(/warning|error/i)
  expect(status, said).toBe(0)
  for (const page of ["functions/createEngine.html", "functions/target.html", "interfaces/Engine.html"])
    expect(existsSync(join(out, page)), page).toBe(true)
})

test("an export that is not documented would be seen", () => {
  const { status, said } = reference("--entryPoints", "lib/exec/layout.ts", "--emit", "none")
  expect(status).not.toBe(0)
  expect(said).toContain("does not have any documentation")
})
