// Takes away what builds left in the workspace. The store keeps everything: the next build brings it back from there.

import { join } from "node:path"
import { removeAll } from "../base/files.ts"
import { isPlacedFile, remove } from "../store/place.ts"
import type { Machinery } from "./machinery.ts"

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
