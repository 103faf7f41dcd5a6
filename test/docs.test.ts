// What the documents say: their commands are understood, their code compiles, and the package of doc/recipes.md builds.

import { spawnSync } from "node:child_process"
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { afterAll, expect, test } from "vitest"
import { storeDirectory } from "../lib/exec/engine.ts"
import { checkout, removeCheckouts } from "./checkout.ts"

afterAll(removeCheckouts)

const root = join(import.meta.dirname, "..")
const documents = globSync("{*.md,doc/*.md,bench/*.md}", { cwd: root })
const read = (path: string) => readFileSync(join(root, path), "utf8")

test("every link between documents leads somewhere", () => {
  const broken = documents.flatMap((path) =>
    [...read(path).matchAll(/\]\((?!https?:)([^)#]+)\)/g)]
      .map(([, to = ""]) => join(dirname(path), to))
      .filter((to) => !existsSync(join(root, to))),
  )
  expect(broken).toEqual([])
})

test("every command in the documents is understood", () => {
  const known = new Set(["zlib", "NAME"])
  const commands = new Set(
    documents.flatMap((path) =>
      [...read(path).matchAll(/(?:^ {4}|`)\.\/build ([^`\n]+)/gm)].map(([, words = ""]) => words.trim()),
    ),
  )
  expect(commands.size).toBeGreaterThan(15)
  const wrong = [...commands].filter((words) => {
    const list = [...words.matchAll(/(?:[^\s"]|"[^"]*")+/g)].map(([word]) => word.replaceAll('"', ""))
    if (list.some((word) => known.has(word))) return false
    // Nothing is built: it is only seen whether targets, variables and options are known.
    const dry = ["list", "log", "doctor", "shell", "clean", "distclean", "help", "explain"].includes(list[0] ?? "")
      ? list.slice(1)
      : list
    const { status, stderr } = spawnSync(process.execPath, [join(root, "bin/build.ts"), "--help", ...dry], {
      cwd: root,
      encoding: "utf8",
    })
    return status !== 0 || stderr !== ""
  })
  expect(wrong).toEqual([])
})

test("the code in the README compiles", () => {
  const directory = mkdtempSync(join(root, "test", "readme-"))
  try {
    const [, code = ""] = /```ts\n([\s\S]*?)```/.exec(read("README.md")) ?? []
    writeFileSync(join(directory, "Buildfile.ts"), code.replace('"hashmake"', '"../../lib/mod.ts"'))
    writeFileSync(
      join(directory, "tsconfig.json"),
      JSON.stringify({ extends: "../../tsconfig.json", include: ["Buildfile.ts"] }),
    )
    const { status, stdout } = spawnSync(
      process.execPath,
      [join(root, "node_modules/typescript/bin/tsc"), "-p", directory],
      { encoding: "utf8" },
    )
    expect(status, stdout).toBe(0)
  } finally {
    rmSync(directory, { recursive: true })
  }
})

test("the package of doc/recipes.md builds as it is written there", { timeout: 3_600_000 }, () => {
  const copy = checkout()
  const code =
    [...read("doc/recipes.md").matchAll(/^ {4}import[\s\S]*?\n {4}\}\)\n/gm)].map(([text]) =>
      text.replace(/^ {4}/gm, ""),
    )[0] ?? ""
  writeFileSync(join(copy, "pkg/zlib.ts"), code)
  const all = readFileSync(join(copy, "pkg/all.ts"), "utf8")
  writeFileSync(
    join(copy, "pkg/all.ts"),
    `import zlib from "./zlib.ts"\n${all.replace("  toybox,\n", "  toybox,\n  zlib,\n")}`,
  )
  const env = { ...process.env, HASHMAKE_STORE: storeDirectory(process.env) }
  const { status, stderr } = spawnSync(process.execPath, [join(copy, "bin/build.ts"), "zlib"], {
    cwd: copy,
    env,
    encoding: "utf8",
  })
  expect(status, stderr).toBe(0)
  expect(stderr).toMatch(/(built|restored) +armv7-linux-musleabihf\/zlib/)
})
