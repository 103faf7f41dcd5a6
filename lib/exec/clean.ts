// Takes away what builds left in the workspace. The store keeps everything: the next build brings it back from there.

import { join } from "node:path"
import { removeAll } from "../base/files.ts"
import { graphOf } from "../graph/graph.ts"
import type { Target } from "../graph/target.ts"
import { isPlacedFile, remove } from "../store/place.ts"
import { areAsLeft } from "../store/stat.ts"
import type { Machinery } from "./machinery.ts"
import type { Workspace } from "./workspace.ts"

/** Removes and forgets what these targets left; all targets where none are named. Gives the number of files removed. */
export function clean({ workspace }: Machinery, names?: readonly string[]): number {
  const { journal, root } = workspace
  let files = 0
  for (const [name, { placed }] of [...journal.targets()]) {
    if (names !== undefined && !names.includes(name)) continue
    const left = Object.values(placed).flat()
    files += left.filter(isPlacedFile).length
    remove(root, left)
    journal.forget(name)
    const failed = workspace.failed(name)
    if (failed !== undefined) removeAll(failed)
    removeAll(join(root, "log", `${name}.txt`))
  }
  return files
}

/** Everything that a Buildfile returns for some variables, which `variant` stands for. */
export interface Whole {
  readonly variant: string
  readonly targets: readonly Target[]
}

/** Removes what targets left that an earlier graph of this variant had, and this one has not. */
export function removeStrays({ root, journal }: Workspace, { variant, targets }: Whole): void {
  const all = graphOf(targets).targets
  const names = new Set(all.map(({ name }) => name))
  const strays = [...journal.targets()].filter(([name, built]) => built.variant === variant && !names.has(name))
  if (strays.length === 0) return
  const declared = all.flatMap(({ outputs }) =>
    Object.values(outputs).flatMap(({ at, form }) => (form === "layer" ? [] : (at ?? []))),
  )
  const kept = new Set(declared)
  for (const [name, { placed }] of journal.targets())
    if (names.has(name)) for (const [path] of Object.values(placed).flat()) kept.add(path)
  for (const [name, { placed }] of strays) {
    const files = Object.values(placed).flat()
    remove(
      root,
      files.filter((left) => areAsLeft(root, [left])),
      kept,
    )
    journal.forget(name)
  }
}
