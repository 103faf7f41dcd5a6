// The published package, installed with npm into an empty project, as anybody would: the command, plain JavaScript, TypeScript, and
// the oldest Node that it promises. Its dependencies, and that Node, come from npm's cache or registry, as `./build` gets its own.

import { spawnSync } from "node:child_process"
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { install, pack } from "../bench/package.ts"

const root = join(import.meta.dirname, "..")
const directory = mkdtempSync(join(tmpdir(), "hashmake-package-"))
const project = join(directory, "project")
const oldest = `node-linux-${process.arch}@22.22`
const env: NodeJS.ProcessEnv = {
  ...process.env,
  HASHMAKE_STORE: join(directory, "store"),
  NO_COLOR: "1",
  PATH: `${dirname(process.execPath)}:${process.env.PATH}`,
}

function run(cwd: string, program: string, ...args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd, env, encoding: "utf8" })
  expect(status, `${error ?? ""}${stdout}${stderr}`).toBe(0)
  return stdout + stderr
}

beforeAll(() => {
  const archive = pack(directory)
  cpSync(join(root, "test/package"), project, { recursive: true })
  mkdirSync(join(project, "text"))
  for (const name of ["a", "b"]) writeFileSync(join(project, `text/${name}.txt`), `${name}\n`)
  install(project, archive, oldest)
})

afterAll(() => rmSync(directory, { recursive: true, force: true }))

test("it brings what it needs to run, and no Node, no tests and no recipes", () => {
  const installed = join(project, "node_modules/hashmake")
  expect(readdirSync(installed).sort()).toEqual(["CHANGELOG.md", "LICENSE", "README.md", "dist", "package.json"])
  const { dependencies, optionalDependencies } = JSON.parse(readFileSync(join(installed, "package.json"), "utf8"))
  expect(optionalDependencies).toBeUndefined()
  expect(dependencies).toEqual(JSON.parse(readFileSync(join(root, "package.json"), "utf8")).dependencies)
})

test("npx hashmake builds a Buildfile, and the second time there is nothing to do", () => {
  expect(run(project, "npx", "--no-install", "hashmake", "all")).toMatch(/built +out\/debug\/all\.txt/)
  expect(readFileSync(join(project, "out/debug/all.txt"), "utf8")).toBe("a\nb\ndebug\n")
  expect(run(project, "npx", "--no-install", "hashmake", "all")).toContain("1 up to date")
})

test("the program that a session starts comes with it", () => {
  const argv = ["--no-install", "hashmake", "outdated"]
  const { stderr } = spawnSync("npx", argv, { cwd: join(project, "session"), env, encoding: "utf8" })
  expect(stderr).toContain("neither Debian nor any upstream could be asked")
})

const everyCommand = [
  ["all", "--report", "report.html", "--trace", "trace.json", "--json"],
  ["all", "--explain", "--dry-run", "--verbose"],
  ["explain", "all"],
  ["graph", "all", "--format", "dot"],
  ["query", "rdeps", "text/a.txt"],
  ["query", "costs", "all"],
  ["compile-commands"],
  ["completion", "bash"],
  ["complete", "1", "hashmake", "a"],
  ["gc"],
  ["verify"],
  ["list"],
  ["help"],
  ["--version"],
  ["doctor"],
  ["log", "all"],
  ["clean-all"],
]

test.each(everyCommand.map((words) => [words.join(" "), words] as const))("hashmake %s", (_, words) => {
  run(project, join(project, "node_modules/.bin/hashmake"), ...words)
})

test("what it advises to type can be typed there", () => {
  const argv = ["--no-install", "hashmake", "nowhere"]
  const { stderr } = spawnSync("npx", argv, { cwd: project, env, encoding: "utf8" })
  expect(stderr).toContain("`npx hashmake list` shows the targets that there are")
  expect(run(project, "npx", "--no-install", "hashmake", "help")).not.toContain("./build")
})

const embedded = {
  outcome: "done",
  ends: ["build-started", "build-ended"],
  failed: ["`out/b` reads `none`, which is not there"],
  refused: expect.stringContaining("`MODE`"),
}

test("a program in plain JavaScript embeds it", () => {
  expect(JSON.parse(run(project, process.execPath, "embed.js"))).toMatchObject({ ...embedded, built: 1 })
})

test("the oldest Node that it promises runs the command and embeds it", () => {
  const node = join(project, "node_modules", oldest.replace(/@.*/, ""), "bin/node")
  expect(run(project, node, "--version")).toMatch(/^v22\.22\./)
  const command = join(project, "node_modules/hashmake/dist/bin/build.js")
  expect(run(project, node, command, "all", "version", "MODE=release")).toMatch(/built|restored|up to date/)
  expect(readFileSync(join(project, "out/release/all.txt"), "utf8")).toBe("a\nb\nrelease\n")
  const said = run(project, node, "--disable-warning=ExperimentalWarning", "embed.js")
  expect(JSON.parse(said)).toMatchObject({ ...embedded, built: 0 })
})

test("a program in TypeScript sees exact types, under the strictest settings", () => {
  const compilerOptions = {
    target: "es2024",
    module: "nodenext",
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    noEmit: true,
    skipLibCheck: false,
    allowImportingTsExtensions: true,
    types: ["node"],
    typeRoots: [join(root, "node_modules/@types")],
  }
  writeFileSync(
    join(project, "tsconfig.json"),
    JSON.stringify({ compilerOptions, include: ["Buildfile.ts", "types.ts"] }),
  )
  run(project, process.execPath, join(root, "node_modules/typescript/bin/tsc"), "-p", ".")
})
