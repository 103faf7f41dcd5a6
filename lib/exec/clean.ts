// Takes away what builds left in the workspace. The store keeps everything: the next build brings it back from there.

import { join } from "node:path"
import { removeAll } from "../base/files.ts"
import { claimsOf, graphOf } from "../graph/graph.ts"
import type { Target } from "../graph/target.ts"
import type { Built } from "../store/journal.ts"
import { isPlacedFile, remove } from "../store/place.ts"
import { areAsLeft, type FileStat } from "../store/stat.ts"
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

/** Removes what targets left that an earlier graph of this variant had, and this one has not, and outputs that they no longer have. */
export function removeStrays({ root, journal }: Workspace, { variant, targets }: Whole): void {
  const all = graphOf(targets).targets
  const named = new Map(all.map((target) => [target.name, target]))
  const isGone = (name: string, { variant: of }: Built) => of === variant && !named.has(name)
  const goneIn = (name: string, { variant: of, placed }: Built) =>
    of === variant ? Object.entries(placed).filter((one) => !isOutput(named.get(name), one)) : []
  const records = [...journal.targets()]
  if (!records.some((record) => isGone(...record) || goneIn(...record).length > 0)) return
  const kept = new Set(claimsOf(all))
  const strays: FileStat[] = []
  for (const [name, built] of records) {
    const gone = goneIn(name, built)
    const placed = Object.entries(built.placed).filter(([output]) => gone.every(([other]) => other !== output))
    for (const [, files] of gone) strays.push(...files)
    for (const [path] of placed.flatMap(([, files]) => files)) kept.add(path)
    if (isGone(name, built)) journal.forget(name)
    else {
      for (const path of built.discovered ?? []) kept.add(path)
      if (gone.length > 0) journal.recordBuilt(name, { ...built, placed: Object.fromEntries(placed) })
    }
  }
  remove(
    root,
    strays.filter((left) => areAsLeft(root, [left])),
    kept,
  )
}

/** Whether this is an output of the target, where it was placed. */
function isOutput(target: Target | undefined, [name, files]: readonly [string, readonly FileStat[]]): boolean {
  const at = target?.outputs[name]?.at
  return at !== undefined && files.every(([path]) => path === at || path.startsWith(`${at}/`))
}
