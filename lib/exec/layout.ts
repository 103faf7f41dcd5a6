// Where an action finds its inputs and puts its outputs. What lies in the workspace keeps its path there, relative to the
// directory that the action starts in; what lies in the store only is at in/NAME and out/NAME. In a sandbox these
// directories are at fixed places, so that a path in an output never tells where a checkout lies.

import { join } from "node:path"
import { eachInput, isList, type NamedInput } from "../graph/graph.ts"
import { strictly } from "../graph/shape.ts"
import type { Input, Output, Target } from "../graph/target.ts"

/** The directories of one action, as the action sees them. */
export interface Roots {
  readonly inputs: string
  readonly outputs: string
  readonly scratch: string
}

export const sandboxRoots: Roots = { inputs: "/in", outputs: "/out", scratch: "/build" }

/** The directories of an action below its own one, as the engine sees them. */
export const rootsBelow = (directory: string): Roots => ({
  inputs: join(directory, "in"),
  outputs: join(directory, "out"),
  scratch: join(directory, "build"),
})

/** The path in the workspace that an input keeps, if it has one. */
export function workspacePath(input: Input): string | undefined {
  if (input.kind === "source") return input.path
  return input.kind === "output" && input.form !== "layer" ? input.at : undefined
}

/** The paths that a rule's `run` or `call` is given for its inputs. */
export function inputPaths(target: Target, pathOf: (named: NamedInput) => string): never {
  const { inputs = {} } = target.action ?? {}
  const paths: Record<string, string | string[]> = {}
  for (const [name, input] of Object.entries(inputs)) if (isList(input)) paths[name] = []
  for (const named of eachInput(inputs)) {
    const list = paths[named.name.replace(/\/\d+$/, "")]
    if (Array.isArray(list)) list.push(pathOf(named))
    else paths[named.name] = pathOf(named)
  }
  return strictly(paths, target) as never
}

/** The paths that a rule is given for its outputs. */
export function outputPaths(target: Target, roots: Pick<Roots, "outputs">): never {
  const entries = Object.values(target.outputs).map(({ name, at, form }) => [
    name,
    at !== undefined && form !== "layer" ? at : `${roots.outputs}/${name}`,
  ])
  return strictly(Object.fromEntries(entries), target) as never
}

/** Where a command finds an input. */
export const commandPath =
  (roots: Roots) =>
  ({ name, input }: NamedInput): string =>
    workspacePath(input) ?? `${roots.inputs}/${name}`

/** Whether anything that the action reads or writes has a path in the workspace. */
export const usesWorkspace = ({ action, outputs }: Target): boolean =>
  eachInput(action?.inputs ?? {}).some(({ input }) => workspacePath(input) !== undefined) ||
  Object.values(outputs).some(({ at, form }) => at !== undefined && form !== "layer")

/** Where an output is written, below the action's own directory. */
export const outputPath = ({ at, form, name }: Output): string =>
  at !== undefined && form !== "layer" ? `project/${at}` : `out/${name}`

/** Whether a command is the same wherever it runs: all that it reads and writes has a path in the workspace. */
export const isSameAnywhere = ({ action, outputs }: Target): boolean =>
  eachInput(action?.inputs ?? {}).every(({ input }) => workspacePath(input) !== undefined) &&
  Object.values(outputs).every(({ at, form }) => at !== undefined && form !== "layer")
