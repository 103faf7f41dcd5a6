// Same stat, same content: size, mtime, ctime, inode and mode of a file are remembered, and only a file for which one of them
// differs is read again. A file changed so recently that a second change might leave the same mtime is not trusted.

import type { Stats } from "node:fs"
import { digestFile, digestOf } from "../base/digest.ts"
import { followedIfThere, pathIn, statIfThere } from "../base/files.ts"
import { constants, readdirSync } from "../base/fs.ts"
import type { Content } from "./content.ts"
import type { Journal, Seen } from "./journal.ts"

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

/** No file has this stat: one that changed too recently to be trusted is looked at again. */
const unknownStat = (path: string): FileStat => [path, -1, -1, -1, -1, 0]

/** The size noted for a file that was looked for and was not there. */
export const absentSize = -2
/** The stat of a file that is not there. */
export const absentStat = (path: string): FileStat => [path, absentSize, -1, -1, -1, 0]

/** How coarse a file system's clock may be, in ms. */
export const grainMs = 20

/**
 * What the file at `path` is, links followed, or undefined if there is none; `name` is what the journal calls it. A directory is the names
 * in it.
 */
export const lookAt = (journal: Journal, path: string, name: string): Content | undefined =>
  look(journal, path, name)?.content

/** The stat of the file or directory at `path`, links followed, or undefined if there is none. */
export function sourceStat(path: string, name: string): FileStat | undefined {
  const stat = followedIfThere(path)
  return stat?.isFile() === true || stat?.isDirectory() === true ? fileStat(name, stat) : undefined
}

/** Whether a stat is that of a directory. */
export const isDirectory = ([, , , , , mode]: FileStat): boolean => (mode & constants.S_IFMT) === constants.S_IFDIR

/** As `lookAt`, with the stat of before it was read. */
export function look(journal: Journal, path: string, name: string): Seen | undefined {
  const stat = sourceStat(path, name)
  if (stat === undefined) return undefined
  const seen = journal.seen(name)
  if (seen !== undefined && isSame(seen.stat, stat)) return seen
  const [, sizeBytes, mtimeMs, ctimeMs, , mode] = stat
  const digest = isDirectory(stat) ? digestOf(readdirSync(path).sort().join("\0")) : digestFile(path, sizeBytes)
  const content: Content = { form: formOf(mode), digest, sizeBytes }
  if (Date.now() - Math.max(mtimeMs, ctimeMs) > grainMs) journal.recordSeen(name, { stat, content })
  return { stat, content }
}

/**
 * What the file at `path` is to be found as, where everything that was made of it since then (in ms of the system's clock) still counts. One
 * that changed in between was perhaps read before that by some, and after it by others: whatever it is found as, it has to be looked at again.
 */
export function statSince(journal: Journal, path: string, name: string, since: number): FileStat {
  const stat = journal.seen(name)?.stat
  if (stat === undefined) return (statIfThere(path) === undefined ? absentStat : unknownStat)(name)
  const [, , , ctimeMs] = stat
  return ctimeMs > since - grainMs ? unknownStat(name) : stat
}

/** What a file of this mode is as content. */
export const formOf = (mode: number): "file" | "exec" => ((mode & 0o100) === 0 ? "file" : "exec")

/** Whether two stats of one file are the same. */
export const isSame = (a: FileStat, b: FileStat): boolean => a.every((field, i) => field === b[i])

/** Whether these are the same files with the same stats. */
export const areSame = (a: readonly FileStat[], b: readonly FileStat[]): boolean =>
  a.length === b.length && a.every((stat, i) => isSame(stat, b[i] as FileStat))

/** Whether every file is still as it was left. */
export const areAsLeft = (root: string, stats: readonly FileStat[]): boolean =>
  stats.every((left) => {
    const stat = statIfThere(pathIn(root, left[0]))
    return stat !== undefined && isSame(fileStat(left[0], stat), left)
  })
