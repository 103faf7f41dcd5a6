// What engines that were killed left in the store's work directory, and which checkouts have used the store.

import { mkdirSync, readdirSync, writeFileSync } from "node:fs"
import { rm } from "node:fs/promises"
import { join } from "node:path"
import { ifThere, readIfThere, statIfThere, unlinkIfThere } from "../base/files.ts"
import { fingerprintOf } from "../base/fingerprint.ts"

/** A file of this name in an action's directory keeps it from being swept away. */
export const keptMark = "kept"

/** Removes what engines that were killed left in the work directory of the store at `root`. */
export async function sweep(root: string): Promise<void> {
  const work = join(root, "work")
  const leftovers = readdirSync(work).filter((name) => isLeft(name, join(work, name)))
  await Promise.all(leftovers.map((name) => rm(join(work, name), { recursive: true, force: true })))
}

function isLeft(name: string, path: string): boolean {
  const pid = Number(/^\w+\.(\d+)\./.exec(name)?.[1])
  if (statIfThere(join(path, keptMark)) !== undefined || Number.isNaN(pid)) return false
  return statIfThere(`/proc/${pid}`) === undefined
}

/** The checkouts that have used the store at `root`. */
export const checkoutsOf = (root: string): readonly string[] =>
  (ifThere(() => readdirSync(join(root, "workspace"))) ?? []).flatMap(
    (name) => readIfThere(join(root, "workspace", name)) || [],
  )

/** Forgets the checkouts that are gone. */
export function forgetGone(root: string): void {
  for (const workspace of checkoutsOf(root))
    if (statIfThere(workspace) === undefined) unlinkIfThere(noteOf(root, workspace))
}

const noteOf = (root: string, workspace: string): string => join(root, "workspace", fingerprintOf(workspace))

/** Notes that a checkout uses the store at `root`: what it has built is kept. */
export function noteCheckout(root: string, workspace: string): void {
  const note = noteOf(root, workspace)
  if (readIfThere(note) === workspace) return
  mkdirSync(join(root, "workspace"), { recursive: true })
  writeFileSync(note, workspace)
}
