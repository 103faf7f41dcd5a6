// What actions read without declaring it: learnt from a depfile or from `need`, named by its path in the workspace (or an absolute
// path, where nothing keeps an action from the rest of the machine).

import type { Stats } from "node:fs"
import { dirname, resolve } from "node:path"
import { BuildError } from "../base/diagnostic.ts"
import { followedIfThere, pathFrom, pathIn, readIfThere, statIfThere, unlinkIfThere } from "../base/files.ts"
import type { Command } from "../graph/command.ts"
import { depfileFailure, undeclaredReadFailure } from "../graph/errors.ts"
import { closureOf, eachInput, type Makers } from "../graph/graph.ts"
import type { DiscoveredInput } from "../graph/manifest.ts"
import type { Action, Target } from "../graph/target.ts"
import { lookAt } from "../store/look.ts"
import { parseDepfile } from "./depfile.ts"
import { workspacePath } from "./layout.ts"
import type { Workspace } from "./workspace.ts"

/** Whether an action may read more than it declares. */
export const discovers = ({ rule }: Action, command: Command | undefined): boolean =>
  rule.kind === "call" || command?.depfilePath !== undefined

/** What these paths are now. */
export const lookAtDiscovered = (
  { root, journal }: Pick<Workspace, "root" | "journal">,
  paths: readonly string[],
): readonly DiscoveredInput[] => paths.map((path) => ({ path, content: lookAt(journal, pathIn(root, path), path) }))

/** Where the makefile of a run lies, and from where its relative names count: directories of this machine and of the action. */
export interface DepfilePlaces {
  readonly path: string
  /** Where the action was when it wrote relative names. */
  readonly start: string
  /** The workspace, as the action saw it. */
  readonly workspace: string
  /** Whether names outside the workspace count. */
  readonly isOpen: boolean
}

/** Reads the makefile and removes it: the paths that it names, sorted, without the declared inputs and outputs. */
export function takeDepfile(target: Target, { path, start, workspace, isOpen }: DepfilePlaces): readonly string[] {
  const text = readIfThere(path)
  const names = text === undefined ? undefined : parseDepfile(text)
  if (names === undefined) throw new BuildError(depfileFailure(target, text === undefined))
  unlinkIfThere(path)
  const own = new Set([
    ...eachInput(target.action?.inputs ?? {}).map(({ input }) => workspacePath(input)),
    ...Object.values(target.outputs).map(({ at }) => at),
  ])
  const found = names.flatMap((name) => {
    const full = resolve(start, name)
    const below = pathFrom(workspace, full)
    if (below !== undefined) return [below]
    return isOpen ? [full] : []
  })
  return [...new Set(found)].filter((one) => !own.has(one)).sort()
}

/** Throws a BuildError if one of the paths is what another target makes that this one does not need. */
export function checkDiscovered(target: Target, paths: readonly string[], makers: Makers): void {
  let needed: ReadonlySet<Target> | undefined
  for (const path of paths) {
    const maker = makers.makerOf(path)
    if (maker === undefined) continue
    needed ??= closureOf(target, makers)
    if (!needed.has(maker)) throw new BuildError(undeclaredReadFailure(target, path, maker))
  }
}

/** A path that changed after `since` (in ms of the system's clock), if there is one: what was read of it is not known. */
export const changedSince = (root: string, paths: readonly string[], since: number): string | undefined =>
  paths.find((path) => statsOf(pathIn(root, path)).some((stat) => stat !== undefined && stat.ctimeMs > since))

/** What lies at a path and where that leads, or, of what is not there and may have gone, the directory that it would lie in. */
function statsOf(path: string): readonly (Stats | undefined)[] {
  const own = statIfThere(path)
  return own === undefined && path !== "." ? statsOf(dirname(path)) : [own, followedIfThere(path)]
}
