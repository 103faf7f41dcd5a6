// The runners of the JavaScript world, which build graphs of packages. Each package is a directory with one script; what the
// script reads and writes is declared, so that it is skipped or restored where nothing changed.

import { mkdirSync, symlinkSync, writeFileSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import { writeLines } from "./formats.ts"
import type { Graph } from "./graphs.ts"
import { run } from "./measure.ts"
import { buildCall, remove, slots, type Tool, type Workspace } from "./tool.ts"

interface Package {
  readonly name: string
  readonly directory: string
  readonly script: string
  readonly output: string
}

const inputs = "in*.txt"

function* packagesOf({ rules, actions }: Graph): Generator<Package> {
  for (const { rule, inputs, output } of actions()) {
    const directory = dirname(output)
    const argv = rules[rule]?.argv(
      inputs.map((path) => basename(path)),
      basename(output),
    )
    yield { name: basename(directory), directory, script: argv?.join(" ") ?? "", output: basename(output) }
  }
}

function writeJson(path: string, value: unknown): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, `${JSON.stringify(value, undefined, 2)}\n`)
}

const root = { name: "root", version: "1.0.0", private: true }

/** One workspace of npm, a wireit script a package, and one that needs all. */
function writeWireit(graph: Graph, directory: string): void {
  const packages = [...packagesOf(graph)]
  for (const { name, directory: own, script, output } of packages)
    writeJson(join(directory, own, "package.json"), {
      ...{ name, version: "1.0.0", private: true, scripts: { build: "wireit" } },
      wireit: { build: { command: script, files: [inputs], output: [output] } },
    })
  const dependencies = packages.map(({ directory }) => `./${directory}:build`)
  writeJson(join(directory, "package.json"), {
    ...{ ...root, workspaces: ["p/*"], scripts: { build: "wireit" } },
    wireit: { build: { dependencies } },
  })
}

/** One workspace of npm with its lock file, from which turbo reads what depends on what. */
function writeTurbo(graph: Graph, directory: string): void {
  const locked: Record<string, unknown> = { "": { ...root, workspaces: ["p/*"] } }
  let written = ""
  for (const { name, directory: own, script, output } of packagesOf(graph)) {
    writeJson(join(directory, own, "package.json"), {
      name,
      version: "1.0.0",
      private: true,
      scripts: { build: script },
    })
    locked[own] = { name, version: "1.0.0" }
    locked[`node_modules/${name}`] = { resolved: own, link: true }
    written = output
  }
  writeJson(join(directory, "package.json"), { ...root, workspaces: ["p/*"], packageManager: "npm@11.0.0" })
  writeJson(join(directory, "package-lock.json"), { ...root, lockfileVersion: 3, requires: true, packages: locked })
  writeJson(join(directory, "turbo.json"), { tasks: { build: { inputs: [inputs], outputs: [written] } } })
}

/** A project.json a package. */
function writeNx(graph: Graph, directory: string): void {
  for (const { name, directory: own, script, output } of packagesOf(graph)) {
    const build = {
      ...{ executor: "nx:run-commands", options: { command: script, cwd: "{projectRoot}" }, cache: true },
      ...{ inputs: [`{projectRoot}/${inputs}`], outputs: [`{projectRoot}/${output}`] },
    }
    writeJson(join(directory, own, "project.json"), { name, targets: { build } })
  }
  writeJson(join(directory, "package.json"), root)
  writeJson(join(directory, "nx.json"), { analytics: false })
}

/** A moon.yml (JSON is YAML) a package. */
function writeMoon(graph: Graph, directory: string): void {
  for (const { directory: own, script, output } of packagesOf(graph))
    writeJson(join(directory, own, "moon.yml"), {
      tasks: { build: { command: script, toolchain: "system", inputs: [inputs], outputs: [output] } },
    })
  writeJson(join(directory, ".moon", "workspace.yml"), { projects: ["p/*"], telemetry: false })
}

const packagesOnly = ({ isOfPackages }: Graph) => (isOfPackages ? undefined : "knows packages only")

const npmProgram = (name: string) => `node_modules/.bin/${name}`

const linkPackages = ({ directory, scratch }: Workspace): void =>
  symlinkSync(join(scratch, "npm/node_modules"), join(directory, "node_modules"))

/** By Node's own runner of scripts, which starts faster than npm's. */
const wireitTool: Tool = {
  name: "wireit",
  from: { npm: "wireit" },
  program: "wireit",
  refuses: packagesOnly,
  write(graph, workspace) {
    writeWireit(graph, workspace.directory)
    linkPackages(workspace)
  },
  argv: () => [process.execPath, "--run", "build"],
  environment: () => ({ WIREIT_PARALLEL: String(slots), WIREIT_LOGGER: "quiet-ci" }),
  forget: (workspace) => remove(workspace, ".wireit", "p/*/.wireit"),
}

/** It starts scripts by npm; version 2 of it no longer uses its daemon for this. */
const turboTool: Tool = {
  name: "turbo",
  from: { npm: "turbo" },
  program: "turbo",
  refuses: packagesOnly,
  write(graph, workspace) {
    writeTurbo(graph, workspace.directory)
    linkPackages(workspace)
  },
  argv: () => [npmProgram("turbo"), "run", "build", "--output-logs=errors-only", `--concurrency=${slots}`],
  environment: () => ({ TURBO_TELEMETRY_DISABLED: "1", TURBO_NO_UPDATE_NOTIFIER: "1" }),
  forget: (workspace) => remove(workspace, ".turbo", "p/*/.turbo"),
}

const nxTool: Tool = {
  name: "nx",
  from: { npm: "nx" },
  program: "nx",
  refuses: packagesOnly,
  write(graph, workspace) {
    writeNx(graph, workspace.directory)
    linkPackages(workspace)
  },
  argv: () => [npmProgram("nx"), "run-many", "-t", "build", `--parallel=${slots}`, "--outputStyle=static"],
  environment: () => ({ NX_DAEMON: "false", NX_TUI: "false", NX_NO_CLOUD: "true" }),
  forget: (workspace) => remove(workspace, ".nx"),
}

/** With its daemon, which watches the workspace. */
const nxDaemon: Tool = {
  ...nxTool,
  name: "nx, daemon",
  environment: () => ({ NX_DAEMON: "true", NX_TUI: "false", NX_NO_CLOUD: "true" }),
  forget(workspace) {
    run(buildCall(nxDaemon, workspace, [npmProgram("nx"), "daemon", "--stop"]))
    remove(workspace, ".nx")
  },
}

/** It wants a repository with a commit. */
const moonTool: Tool = {
  name: "moon",
  from: { npm: "@moonrepo/cli" },
  program: "moon",
  refuses: packagesOnly,
  write(graph, workspace) {
    writeMoon(graph, workspace.directory)
    linkPackages(workspace)
    writeLines(join(workspace.directory, ".gitignore"), ["node_modules", "out.txt", ".moon/cache"])
    const git = (...words: readonly string[]) => run(buildCall(moonTool, workspace, ["git", ...words]))
    git("init", "--quiet")
    git("add", "--all")
    git("-c", "user.name=bench", "-c", "user.email=bench@localhost", "commit", "--quiet", "--message=all")
  },
  argv: () => [npmProgram("moon"), "run", ":build", "--concurrency", String(slots)],
  forget: (workspace) => remove(workspace, ".moon/cache"),
}

export const runners: readonly Tool[] = [wireitTool, turboTool, nxTool, nxDaemon, moonTool]
