// What engines that were killed left in the store's work directory, and which checkouts have used the store.

import { join } from "node:path"
import { errorCode, ifThere, readIfThere, removeMeanwhile, statIfThere, unlinkIfThere } from "../base/files.ts"
import { fingerprintOf } from "../base/fingerprint.ts"
import { mkdirSync, readdirSync, writeFileSync } from "../base/fs.ts"

/** A file of this name in an action's directory keeps it from being swept away. */
export const keptMark = "kept"

/**
 * Removes what engines that have ended left in the work directory of the store at `root`. Checkouts that were put aside stay as long as an
 * engine runs: a sandbox may show them.
 */
export async function sweep(root: string): Promise<void> {
  const work = join(root, "work")
  const names = readdirSync(work)
  const isRunning = names.some((name) => name.startsWith("engine.") && !isLeft(name, join(work, name)))
  const leftovers = names.filter(
    (name) => isLeft(name, join(work, name)) && !(isRunning && name.startsWith("checkout")),
  )
  await Promise.all(leftovers.map((name) => removeMeanwhile(join(work, name))))
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
  makeReserve(root)
}

const reserveBytes = 1 << 16
/** Where the reserve lies (see `makeReserve`). */
export const reserveOf = (root: string): string => join(root, "work", "reserve")

/** A little space, so that there is some for making room where a disk is full. */
export function makeReserve(root: string): void {
  if (statIfThere(reserveOf(root)) === undefined) writeFileSync(reserveOf(root), Buffer.alloc(reserveBytes, "."))
}

/** Does what writes a little; where there is no space for that, the reserve makes some. */
export async function withReserve<T>(root: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (thrown) {
    if (!isFullError(thrown)) throw thrown
    unlinkIfThere(reserveOf(root))
    return work()
  }
}

/** Whether a disk is full, or what a person may take of it. */
export const isFullError = (thrown: unknown): boolean => ["ENOSPC", "EDQUOT"].includes(errorCode(thrown) ?? "")
