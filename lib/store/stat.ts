// What is remembered of a file to see later whether it is as it was: size, mtime, ctime, inode and mode.

import type { Stats } from "node:fs"
import { followedIfThere, pathIn, statIfThere } from "../base/files.ts"
import { constants } from "../base/fs.ts"

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

/** The size noted for a file that was looked for and was not there. */
export const absentSize = -2
/** The stat of a file that is not there. */
export const absentStat = (path: string): FileStat => [path, absentSize, -1, -1, -1, 0]

/** When a file, or its name, last changed. */
export const changedMs = ([, , , ctimeMs]: FileStat): number => ctimeMs

/** As it was, and yet the stat of no file: what lies there has to be looked at again. */
export const distrusted = ([path, , ...rest]: FileStat): FileStat => [path, -1, ...rest]

/** How coarse a file system's clock may be, in ms. */
export const grainMs = 20

/** The stat of the file or directory at `path`, links followed, or undefined if there is none. */
export function sourceStat(path: string, name: string): FileStat | undefined {
  const stat = followedIfThere(path)
  return stat?.isFile() === true || stat?.isDirectory() === true ? fileStat(name, stat) : undefined
}

/** Whether a stat is that of a directory. */
export const isDirectory = ([, , , , , mode]: FileStat): boolean => (mode & constants.S_IFMT) === constants.S_IFDIR

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
