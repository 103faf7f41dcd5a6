// How each tool is called, with the settings that its users would choose where speed counts: as many slots as processors, quiet,
// servers warm. Nothing is sandboxed but where it says so: make and ninja know no sandbox.

import { existsSync, rmSync } from "node:fs"
import { join } from "node:path"
import { bazel, make, ninja, tup, writeLines } from "./formats.ts"
import type { Graph } from "./graphs.ts"
import { run } from "./measure.ts"
import { installed } from "./package.ts"
import { runners } from "./runners.ts"
import { beside, buildCall, needsDepfiles, remove, slots, type Tool, type Workspace } from "./tool.ts"

const anything = () => undefined
const noDepfiles = (graph: Graph) => (needsDepfiles(graph) ? "knows no depfiles" : undefined)

const hashmake: Tool = {
  name: "hashmake",
  from: "here",
  program: "",
  refuses: anything,
  write: (graph, { directory, scratch }) =>
    writeLines(join(directory, "Buildfile.ts"), [graph.buildfile(installed(scratch, "lib/mod.js")).trimEnd()]),
  argv: ({ scratch }) => [
    process.execPath,
    installed(scratch, "bin/build.js"),
    ...["-q", "--sandbox=off", `-j${slots}`, "all"],
  ],
  environment: (workspace) => ({ HASHMAKE_STORE: beside(workspace, "store") }),
  forget(workspace) {
    remove(workspace, ".hashmake", "log")
    rmSync(beside(workspace, "store"), { recursive: true, force: true })
  },
}

/** hashmake as it is by default: each action in a sandbox. */
const sandboxed: Tool = {
  ...hashmake,
  name: "hashmake, sandboxed",
  argv: (workspace) => hashmake.argv(workspace).filter((word) => word !== "--sandbox=off"),
}

/** The words that hashmake's watching is started and asked by, and how it begins to say that it does. */
export const watching = { start: "--watch", ask: "--wait", says: "watching;" }

const ninjaTool: Tool = {
  name: "ninja",
  from: { debian: "ninja-build" },
  program: "ninja",
  refuses: anything,
  write: (graph, { directory }) => writeLines(join(directory, "build.ninja"), ninja(graph)),
  argv: () => ["ninja", "--quiet", `-j${slots}`],
  forget: (workspace) => remove(workspace, ".ninja_log", ".ninja_deps"),
}

const makeTool: Tool = {
  name: "make",
  from: { debian: "make" },
  program: "make",
  refuses: anything,
  write: (graph, { directory }) => writeLines(join(directory, "Makefile"), make(graph)),
  // Without its built-in rules, as every generated Makefile has it.
  argv: () => ["make", "--silent", "-rR", `-j${slots}`, "all"],
  forget: () => {},
}

const tupTool: Tool = {
  name: "tup",
  from: { debian: "tup" },
  program: "tup",
  refuses: noDepfiles,
  write(graph, workspace) {
    writeLines(join(workspace.directory, "Tupfile"), tup(graph))
    // It initialises nothing twice.
    if (!existsSync(join(workspace.directory, ".tup"))) run(buildCall(tupTool, workspace, ["tup", "init"]))
  },
  argv: () => ["tup", "--quiet", `-j${slots}`],
  forget(workspace) {
    remove(workspace, ".tup")
    run(buildCall(tupTool, workspace, ["tup", "init"]))
  },
}

const bazelWords = (workspace: Workspace) => ["bazel", `--output_user_root=${beside(workspace, "bazel")}`]

/** Its server stays; what it uses is counted (see measure.ts). */
const bazelTool: Tool = {
  name: "bazel",
  from: { debian: "bazel-bootstrap" },
  program: "bazel",
  refuses: noDepfiles,
  write(graph, { directory }) {
    writeLines(join(directory, "WORKSPACE"), [])
    writeLines(join(directory, "BUILD"), bazel(graph))
  },
  argv: (workspace) => [
    ...bazelWords(workspace),
    ...["build", "--noshow_progress", "--spawn_strategy=local", `--jobs=${slots}`, "//:everything"],
  ],
  forget: (workspace) => void run(buildCall(bazelTool, workspace, [...bazelWords(workspace), "clean"])),
  outputPath: (path) => `bazel-bin/${path}`,
}

/** What the programs of the JavaScript world cannot be faster than. */
const node: Tool = {
  name: "Node's own start",
  from: "here",
  program: "",
  refuses: anything,
  write: () => {},
  argv: () => [process.execPath, "--eval", ""],
  forget: () => {},
  buildsNothing: true,
}

/** All tools, in the order of the tables. */
export const tools: readonly Tool[] = [node, hashmake, sandboxed, ninjaTool, makeTool, tupTool, bazelTool, ...runners]
