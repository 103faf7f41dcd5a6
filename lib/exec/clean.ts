// Takes away what builds left in the workspace. The store keeps everything: the next build brings it back from there.

import { dirname, join } from "node:path"
import { removeAll, removeEmpty, statIfThere, unlinkIfThere, walk } from "../base/files.ts"
import { claimsOf, graphOf } from "../graph/graph.ts"
import type { Target } from "../graph/target.ts"
import type { Built } from "../store/journal.ts"
import { isPlacedFile, remove } from "../store/place.ts"
import { areAsLeft, type FileStat } from "../store/stat.ts"
import type { Machinery } from "./machinery.ts"
import { isLog, logPath, type Workspace } from "./workspace.ts"

/** The files that these targets left, as paths in the workspace; of all targets where none are named. */
export const leftBy = ({ workspace }: Machinery, names?: readonly string[]): readonly string[] =>
  recordsOf(workspace, names)
    .flatMap(([, { placed }]) => Object.values(placed).flat().filter(isPlacedFile))
    .map(([path]) => path)
    .sort()

const recordsOf = ({ journal }: Workspace, names?: readonly string[]) =>
  [...journal.targets()].filter(([name]) => names === undefined || names.includes(name))

/** Removes and forgets what these targets left; all targets where none are named. */
export function clean({ workspace }: Machinery, names?: readonly string[]): void {
  const { journal, root } = workspace
  for (const [name, { placed }] of recordsOf(workspace, names)) {
    remove(root, Object.values(placed).flat())
    journal.forget(name)
    const failed = workspace.failed(name)
    if (failed !== undefined) removeAll(failed)
    const log = logPath(root, name)
    if (isLog(root, log)) removeFile(log, root)
  }
}

/** Removes the logs of builds and of targets. */
export function removeLogs(root: string): void {
  const directory = join(root, "log")
  for (const { path } of statIfThere(directory)?.isDirectory() ? [...walk(directory)] : [])
    if (path === "build.ndjson" || isLog(root, join(directory, path))) removeFile(join(directory, path), root)
}

function removeFile(path: string, root: string): void {
  unlinkIfThere(path)
  removeEmpty(dirname(path), root)
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

/** Whether this is an output of the target, where it was placed. All that was placed of one lies below one path. */
function isOutput(target: Target | undefined, [name, [first]]: readonly [string, readonly FileStat[]]): boolean {
  const at = target?.outputs[name]?.at
  return at !== undefined && (first === undefined || first[0] === at || first[0].startsWith(`${at}/`))
}
