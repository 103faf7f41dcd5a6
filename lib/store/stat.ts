// Same stat, same content: size, mtime, ctime, inode and mode of a file are remembered, and only a file for which one of them
// differs is read again. A file changed so recently that a second change might leave the same mtime is not trusted.

import { lstatSync, type Stats, statSync } from "node:fs"
import { digestFile } from "../base/digest.ts"
import { ifThere } from "../base/files.ts"
import type { Content } from "./content.ts"
import type { Journal } from "./journal.ts"

/** path, size in bytes, mtime and ctime in ms, inode, mode. */
export type FileStat = readonly [
  path: string,
  sizeBytes: number,
  mtimeMs: number,
  ctimeMs: number,
  inode: number,
  mode: number,
]

export const fileStat = (path: string, { size, mtimeMs, ctimeMs, ino, mode }: Stats): FileStat => [
  path,
  size,
  mtimeMs,
  ctimeMs,
  ino,
  mode,
]

/** How coarse a file system's clock may be, in ms. */
const grainMs = 20

/** What the file at `path` is, links followed, or undefined if there is none; `name` is what the journal calls it. */
export function lookAt(journal: Journal, path: string, name: string): Content | undefined {
  const stat = ifThere(() => statSync(path))
  if (stat === undefined || !stat.isFile()) return undefined
  const now = fileStat(name, stat)
  const seen = journal.seen(name)
  if (seen !== undefined && seen.stat.join() === now.join()) return seen.content
  const content: Content = {
    form: (stat.mode & 0o100) !== 0 ? "exec" : "file",
    digest: digestFile(path, stat.size),
    sizeBytes: stat.size,
  }
  if (Date.now() - Math.max(stat.mtimeMs, stat.ctimeMs) > grainMs) journal.recordSeen(name, { stat: now, content })
  return content
}

/** Whether every file is still as it was left. */
export const areAsLeft = (root: string, stats: readonly FileStat[]): boolean =>
  stats.every((left) => {
    const stat = ifThere(() => lstatSync(`${root}/${left[0]}`))
    return stat !== undefined && fileStat(left[0], stat).join() === left.join()
  })
