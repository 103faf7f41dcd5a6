// Same stat, same content: only a file of which one of the remembered fields differs is read again. A file changed so recently that a
// second change might leave the same mtime is not trusted.

import { digestFile, digestOf } from "../base/digest.ts"
import { statIfThere } from "../base/files.ts"
import { readdirSync } from "../base/fs.ts"
import type { Content } from "./content.ts"
import type { Journal, Seen } from "./journal.ts"
import { absentStat, type FileStat, formOf, grainMs, isDirectory, isSame, sourceStat } from "./stat.ts"

/** No file has this stat: one that changed too recently to be trusted is looked at again. */
const unknownStat = (path: string): FileStat => [path, -1, -1, -1, -1, 0]

/**
 * What the file at `path` is, links followed, or undefined if there is none; `name` is what the journal calls it. A directory is the names
 * in it.
 */
export const lookAt = (journal: Journal, path: string, name: string): Content | undefined =>
  look(journal, path, name)?.content

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
