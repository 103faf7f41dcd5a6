// doc/tutorial.md, followed as it is written: its files are written, its commands run, and what it shows is what they say.

import { spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, expect, test } from "vitest"
import { storeDirectory } from "../lib/store/directory.ts"

const root = join(import.meta.dirname, "..")
const page = readFileSync(join(root, "doc/tutorial.md"), "utf8")
const blocksOf = (text: string) =>
  [...text.matchAll(/^```(ts|sh|text)\n([\s\S]*?)^```/gm)].map(([, kind = "", text = ""]) => ({ kind, text }))
const beside = mkdtempSync(join(tmpdir(), "hashmake-tutorial-"))

afterAll(() => rmSync(beside, { recursive: true, force: true }))

/** Runs lines in a directory; what they said, and the directory in which they ended. */
function run(lines: string, cwd: string): { readonly said: string; readonly directory: string } {
  const env = { ...process.env, HASHMAKE_STORE: storeDirectory(process.env), NO_COLOR: "1" }
  const { status, stdout } = spawnSync("sh", ["-euc", `exec 2>&1\n${lines}\npwd`], { cwd, env, encoding: "utf8" })
  expect(status, `${lines}${stdout}`).toBe(0)
  const said = stdout.trimEnd().split("\n")
  return { directory: said.pop() ?? "", said: said.join("\n") }
}

/** A line of the page as a pattern: `…` stands for what differs from time to time. */
const pattern = (line: string): RegExp =>
  new RegExp(
    line
      .split("…")
      .map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"))
      .join(".*"),
  )

test("doc/tutorial.md does what it says, step by step", { timeout: 3_600_000 }, () => {
  symlinkSync(root, join(beside, "hashmake"))
  // What it greets is another each time, so that the program has never been built or booted before.
  const blocks = blocksOf(
    page
      .replaceAll("Hello, World!", `Hello, World ${Date.now()}!`)
      .replaceAll("Hello again!", `Hello again, ${Date.now()}!`),
  )
  let at = { said: "", directory: beside }
  for (const { kind, text } of blocks) {
    if (kind === "sh") at = run(text, at.directory)
    else if (kind === "ts") writeFileSync(join(at.directory, /^\/\/ (\S+)\n/.exec(text)?.[1] ?? "?"), text)
    else for (const line of text.trimEnd().split("\n")) expect(at.said).toMatch(pattern(line))
  }
  expect(blocks.filter(({ kind }) => kind === "sh").length).toBeGreaterThan(5)
})

test("the system of the tutorial is systems/hello.ts", () => {
  const code = (text: string) => text.replace(/^(\/\/.*\n)+\n*/, "").trim()
  const last = blocksOf(page).findLast(({ text }) => text.startsWith("// hello.ts\n"))?.text ?? ""
  expect(code(last).replace("../hashmake/", "../").replace('"hello.ts"', '"systems/hello.ts"')).toBe(
    code(readFileSync(join(root, "systems/hello.ts"), "utf8")),
  )
})
