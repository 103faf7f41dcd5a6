// What the documents say: their commands are understood, their code compiles and does what they say, and the package of
// doc/recipes.md builds.

import { spawnSync } from "node:child_process"
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterAll, expect, test } from "vitest"
import { storeDirectory } from "../lib/store/directory.ts"
import { recipes } from "../pkg/all.ts"
import { checkout, removeCheckouts } from "./checkout.ts"

const made: string[] = []

afterAll(() => {
  removeCheckouts()
  for (const path of made) rmSync(path, { recursive: true, force: true })
})

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

test("`help` names every package, and nothing else for one", () => {
  const { stdout } = spawnSync(process.execPath, [join(root, "bin/build.ts"), "help"], { cwd: root, encoding: "utf8" })
  const [, packages = ""] = /^packages:\n {2}(.+)$/m.exec(stdout) ?? []
  // The compiler is what `install-toolchain` puts there.
  const { llvm: _, ...named } = recipes
  expect(packages.split(" ").sort()).toEqual(Object.keys(named).sort())
  expect(stdout).toMatch(/^ {2}install-toolchain +a compiler that runs on/m)
})

/** The TypeScript of a document as a project: each piece is called as its first line says, or Buildfile.ts. */
function projectOf(document: string): { directory: string; names: readonly string[] } {
  const directory = mkdtempSync(join(tmpdir(), "hashmake-docs-"))
  made.push(directory)
  writeFileSync(join(directory, "package.json"), '{ "type": "module" }\n')
  const names = [...read(document).matchAll(/^```ts\n([\s\S]*?)^```/gm)].map(([, code = ""]) => {
    const name = /^\/\/ (\S+\.ts)$/m.exec(code.split("\n", 1)[0] ?? "")?.[1] ?? "Buildfile.ts"
    const from = code.replaceAll('"hashmake"', JSON.stringify(join(root, "lib/mod.ts")))
    writeFileSync(join(directory, name), from.replaceAll('"../hashmake/', `"${root}/`))
    return name
  })
  return { directory, names }
}

/** Runs something in a project's directory, with a store of its own. */
function runIn(
  directory: string,
  ...words: readonly string[]
): { status: number | null; stdout: string; said: string } {
  const env = { ...process.env, HASHMAKE_STORE: join(directory, "store"), NO_COLOR: "1" }
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { cwd: directory, env, encoding: "utf8" })
  return { status, stdout, said: stdout + stderr }
}

test("all code in the documents compiles", () => {
  const withCode = documents.filter((path) => read(path).includes("```ts\n"))
  expect(withCode.sort()).toEqual(expect.arrayContaining(["README.md", "doc/caching.md", "doc/embedding.md"]))
  for (const document of withCode) {
    const { directory, names } = projectOf(document)
    const compilerOptions = { typeRoots: [join(root, "node_modules/@types")] }
    const config = { extends: join(root, "tsconfig.json"), compilerOptions, include: names, exclude: [] }
    writeFileSync(join(directory, "tsconfig.json"), JSON.stringify(config))
    const { status, said } = runIn(directory, join(root, "node_modules/typescript/bin/tsc"), "-p", ".")
    expect(status, `${document}: ${said}`).toBe(0)
  }
})

test("the project in the README builds, and does what is said of it", () => {
  const { directory } = projectOf("README.md")
  const build = (...words: string[]) => runIn(directory, join(root, "bin/build.ts"), ...words)
  mkdirSync(join(directory, "src"))
  writeFileSync(join(directory, "src/number.h"), "#define NUMBER 3\n")
  writeFileSync(join(directory, "src/main.c"), '#include "number.h"\nint main(void) { return NUMBER; }\n')
  writeFileSync(join(directory, "src/other.c"), "int other(void) { return 0; }\n")
  expect(build("app", "MODE=release", "-j8").said).toContain("3 built")
  expect(spawnSync(join(directory, "out/release/app")).status).toBe(3)
  expect(build("app", "MODE=release").said).toContain("3 up to date")
  writeFileSync(join(directory, "src/number.h"), "#define NUMBER 4\n")
  expect(build("app", "MODE=release", "--explain").said).toMatch(/main\.o: .*src\/number\.h[\s\S]*2 built/)
  writeFileSync(join(directory, "src/number.h"), "#define NUMBER 4 // four\n")
  expect(build("app", "MODE=release").said).toContain("1 built")
  const [, table = ""] = /^\| `npx hashmake …` \|.*\n([\s\S]*?)\n\n/m.exec(read("README.md")) ?? []
  const commands = [...table.matchAll(/^\| `(.*)` \|/gm)].flatMap(([, cell = ""]) => cell.split("`, `"))
  const own = commands.filter((words) => !/--(watch|wait)/.test(words))
  expect(own.length).toBe(commands.length - 2)
  for (const words of own) {
    const { status, said } = build(...words.split(" "), "MODE=release")
    expect(status, `${words}: ${said}`).toBe(0)
  }
})

test("the programs in doc/embedding.md do what it says", () => {
  const { directory, names } = projectOf("doc/embedding.md")
  expect(names).toEqual(["Buildfile.ts", "build.ts", "plugin.ts", "shown.ts", "under-make.ts"])
  expect(runIn(directory, "build.ts").stdout).toBe("built out/release/settings.h\ndone 1\n")
  expect(readFileSync(join(directory, "out/release/settings.h"), "utf8")).toBe("#define DEBUG 0\n")
  expect(runIn(directory, "plugin.ts").stdout).toBe("0 1 3\n")
  expect(runIn(directory, "shown.ts").stdout).toMatch(/built +out\/hello[\s\S]*true\n$/)
  expect(runIn(directory, "under-make.ts").stdout).toBe("done\n")
})

test("every event is in doc/embedding.md", () => {
  const sources = ["lib/graph/event.ts", "lib/graph/upkeep.ts"].map(read).join("")
  const types = [...sources.matchAll(/readonly type: "([a-z-]+)"/g)].map(([, type]) => type)
  const rows =
    read("doc/embedding.md")
      .match(/^\| `[a-z-]+`.*? \|/gm)
      ?.join("") ?? ""
  expect(types.length).toBeGreaterThan(15)
  for (const type of types) expect(rows).toContain(`\`${type}\``)
})

test("the manifest in doc/caching.md is the one that is kept", () => {
  const { directory } = projectOf("doc/caching.md")
  writeFileSync(join(directory, "names.txt"), "b\na\n")
  const { status, said } = runIn(directory, join(root, "bin/build.ts"), "sorted")
  expect(status, said).toBe(0)
  const [, shown = ""] = /^```text\n([\s\S]*?)^```/m.exec(read("doc/caching.md")) ?? []
  const [result = ""] = globSync("store/result/*/*", { cwd: directory })
  const kept = readFileSync(join(directory, result), "utf8").replace(/\b[0-9a-f]{64}\b/g, "…")
  expect(kept.slice(kept.indexOf("hashmake action"))).toBe(shown)
})

test("the package of doc/recipes.md builds as it is written there", { timeout: 3_600_000 }, () => {
  const copy = checkout()
  const code =
    [...read("doc/recipes.md").matchAll(/^ {4}import[\s\S]*?\n {4}\}\)\n/gm)].map(([text]) =>
      text.replace(/^ {4}/gm, ""),
    )[0] ?? ""
  expect(code).toBe(read("pkg/zlib.ts"))
  const env = { ...process.env, HASHMAKE_STORE: storeDirectory(process.env) }
  const { status, stderr } = spawnSync(process.execPath, [join(copy, "bin/build.ts"), "zlib"], {
    cwd: copy,
    env,
    encoding: "utf8",
  })
  expect(status, stderr).toBe(0)
  expect(stderr).toMatch(/(built|restored) +armv7-linux-musleabihf\/zlib/)
})
