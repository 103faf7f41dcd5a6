// What the benchmark knows of a tool: how a graph is written for it, how it is called, what it remembers. The tools themselves are
// in tools.ts, those of the JavaScript world in runners.ts.

import { spawnSync } from "node:child_process"
import { globSync, rmSync } from "node:fs"
import { availableParallelism } from "node:os"
import { dirname, join } from "node:path"
import type { Graph } from "./graphs.ts"
import type { Call } from "./measure.ts"
import { install } from "./package.ts"

/** How many actions each tool may run at once. */
export const slots = availableParallelism()

/** The packages of npm, as they are installed for the benchmark only. */
export const npmPackages = { wireit: "0.14.13", turbo: "2.11.11", nx: "24.0.6", "@moonrepo/cli": "2.5.5" } as const

/** A directory in which one tool builds one graph; what it keeps elsewhere is beside it. */
export interface Workspace {
  readonly directory: string
  /** Where the programs of npm are installed, and `bin/` with those of the benchmark. */
  readonly scratch: string
}

export interface Tool {
  readonly name: string
  /** Where it comes from: a Debian package, or one of npm's, or this repository. */
  readonly from: { readonly debian: string } | { readonly npm: keyof typeof npmPackages } | "here"
  readonly program: string
  /** Why it cannot build a graph, if it cannot. */
  refuses(graph: Graph): string | undefined
  write(graph: Graph, workspace: Workspace): void
  argv(workspace: Workspace): readonly string[]
  environment?(workspace: Workspace): Readonly<Record<string, string>>
  /** Makes it forget all that it has ever built; the outputs are removed besides. */
  forget(workspace: Workspace): void
  /** Where it puts an output, if not where the graph says. */
  outputPath?(path: string): string
  /** It is measured for comparison only. */
  readonly buildsNothing?: true
}

/** The command that builds everything in a workspace. */
export const buildCall = (tool: Tool, workspace: Workspace, argv = tool.argv(workspace)): Call => ({
  argv,
  directory: workspace.directory,
  environment: {
    PATH: [dirname(process.execPath), join(workspace.scratch, "bin"), process.env.PATH].join(":"),
    ...tool.environment?.(workspace),
  },
})

/** Why a tool is not here, if it is not. */
export function missing({ from, program }: Tool, scratch: string): string | undefined {
  if (from === "here") return undefined
  if ("debian" in from) {
    const found = spawnSync("sh", ["-c", `command -v ${program}`]).status === 0
    return found ? undefined : `not installed (Debian: ${from.debian})`
  }
  const found = globSync(join(scratch, "npm/node_modules/.bin", program)).length > 0
  return found ? undefined : "npm could not install it"
}

/** Installs the packages of npm into the scratch directory; what cannot be installed is missing then. */
export function installPackages(names: readonly (keyof typeof npmPackages)[], scratch: string): void {
  for (const name of names) {
    try {
      install(join(scratch, "npm"), `${name}@${npmPackages[name]}`)
    } catch {
      // The benchmark says what is missing.
    }
  }
}

/** Removes what matches patterns below the workspace. */
export const remove = ({ directory }: Workspace, ...patterns: readonly string[]): void => {
  for (const path of globSync(patterns as string[], { cwd: directory }))
    rmSync(join(directory, path), { recursive: true, force: true })
}

/** A path next to the workspace, for what a tool keeps outside. */
export const beside = ({ directory }: Workspace, name: string): string => `${directory}.${name}`

/** Whether commands of the graph say in depfiles what they have read. */
export const needsDepfiles = ({ rules }: Graph): boolean =>
  Object.values(rules).some(({ hasDepfile }) => hasDepfile === true)
