// What a Buildfile read while it was evaluated: its modules, environment variables, and the files that its globs found. As long as
// all of that is what it was, evaluating it again would give the same targets.

import type { Dirent, Stats } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join, resolve } from "node:path"
import { errorCode, followedIfThere, ifThere, readIfThere, statIfThere } from "../base/files.ts"
import { type Fingerprint, fingerprintOf, sealed, unsealed } from "../base/fingerprint.ts"
import { lstatSync, readdirSync, readFileSync, readlinkSync, statSync, writeFileSync } from "../base/fs.ts"
import { grainMs } from "../store/stat.ts"

/** A path, whether it is there, and what it is, links followed: `size mtime ctime inode mode`. */
export type Stamp = readonly [path: string, stamp: string, Fingerprint]

/** What was read, as JSON. */
export interface Taken {
  readonly modules: readonly Stamp[]
  readonly environment: Readonly<Record<string, string | null>>
  readonly globs: readonly TakenGlob[]
}

export interface TakenGlob {
  readonly pattern: string
  readonly found: Fingerprint
  /** All that was looked at: what it was, and, of a directory that was listed, what stood in it. */
  readonly directories: readonly Looked[]
}

type Looked = readonly [path: string, stamp: string, entries?: Fingerprint]

/** Whether all that was read is what it was, and may be read still. `notes` is a file for what globs found since. */
export function areStill(taken: Taken, root: string, notes: string): boolean {
  try {
    return (
      Object.entries(taken.environment).every(([name, value]) => (process.env[name] ?? null) === value) &&
      taken.modules.every(isStill) &&
      (taken.globs.every(isListed) || areSameGlobs(taken.globs, root, notes))
    )
  } catch (thrown) {
    if (errorCode(thrown) === "EACCES") return false
    throw thrown
  }
}

function isStill([path, stamp, fingerprint]: Stamp): boolean {
  const now = stampFrom(followedIfThere(path))
  if (now === stamp) return true
  const bytes = now === "" ? undefined : ifThere(() => readFileSync(path))
  return bytes !== undefined && fingerprintOf(bytes) === fingerprint
}

/** Directories change also when what a glob finds in them does not: what is found in vain is noted, for the next start. */
function areSameGlobs(globs: readonly TakenGlob[], root: string, notes: string): boolean {
  const noted = JSON.parse(unsealed(readIfThere(notes) ?? "") ?? "[]") as readonly TakenGlob[]
  const latest = globs.map((glob) => noted.find((other) => isSame(other, glob)) ?? glob)
  const now = latest.flatMap((glob) => listedAnew(glob, root) ?? [])
  if (now.length < latest.length) return false
  if (now.every(isSettled) && now.some((glob, i) => glob !== latest[i])) note(notes, now)
  return true
}

/** A glob with its directories as they are now; undefined if it finds something else. */
export function listedAnew(glob: TakenGlob, root: string): TakenGlob | undefined {
  if (isListed(glob)) return glob
  const directories = glob.directories.map(withSameEntries)
  if (directories.every((directory) => directory !== undefined)) return { ...glob, directories }
  const now = lookFor(root, glob.pattern).glob
  return isSame(now, glob) ? now : undefined
}

/** A directory as it is now, if its entries are what they were: files in it were replaced, as outputs are, and by editors. */
function withSameEntries(looked: Looked): Looked | undefined {
  const [path, stamp, entries] = looked
  const now = recentStampOf(path)
  if (now === stamp && now !== unsettled) return looked
  const listed = entries === undefined ? undefined : ifThere(() => readdirSync(path, { withFileTypes: true }))
  return listed !== undefined && entriesOf(path, listed) === entries ? [path, now, entries] : undefined
}

const entriesOf = (directory: string, entries: readonly Dirent[]): Fingerprint => {
  const told = entries.map((entry) => kindOf(directory, entry) + entry.name)
  return fingerprintOf(told.sort().join("\0"))
}

function kindOf(directory: string, entry: Dirent): string {
  if (entry.isFile()) return "f"
  if (entry.isDirectory()) return "d"
  return entry.isSymbolicLink() && isFile(join(directory, entry.name)) ? "l" : "o"
}

const isSame = (one: TakenGlob, other: TakenGlob): boolean => one.pattern === other.pattern && one.found === other.found

function note(notes: string, globs: readonly TakenGlob[]): void {
  try {
    writeFileSync(notes, sealed(JSON.stringify(globs)))
  } catch {
    // Nothing can be written there: it will be looked for again.
  }
}

/** Whether every directory is what it was when it was listed. */
export const isListed = ({ directories }: TakenGlob): boolean =>
  directories.every(([path, stamp]) => stampOf(path) === stamp)

/** The stamp of a directory that may change once more without another one. */
const unsettled = "just now"

/** Whether none of the directories had changed just before it was listed. */
export const isSettled = ({ directories }: TakenGlob): boolean => directories.every(([, stamp]) => stamp !== unsettled)

const stampOf = (path: string): string => stampFrom(statIfThere(path))

/** What a file is, by its stat; empty for what is not there. */
export const stampFrom = (stat: Stats | undefined): string =>
  stat === undefined ? "" : `${stat.size} ${stat.mtimeMs} ${stat.ctimeMs} ${stat.ino} ${stat.mode}`

// Loading it costs as much as a build with nothing to do: only Buildfiles with globs pay.
const require = createRequire(import.meta.url)
const fastGlob = (): typeof import("fast-glob") => require("fast-glob")

const globOptions = { dot: true, followSymbolicLinks: false, onlyFiles: false, objectMode: true } as const

const isFile = (path: string): boolean => followedIfThere(path)?.isFile() === true

/** The files that a glob finds, and what it looked at. */
export function lookFor(root: string, pattern: string): { paths: readonly string[]; glob: TakenGlob } {
  const looked = new Map<string, Looked>()
  const options = {
    cwd: root,
    ignore: ["**/node_modules/**", ".git/**", ".hashmake/**"],
    fs: watched(looked),
    ...globOptions,
  }
  const found = fastGlob().globSync(pattern, options)
  for (const { dirent, path } of found)
    if (dirent.isSymbolicLink()) for (const one of missedBy(join(root, path))) looked.set(one[0], one)
  const paths = found
    // A link to a file is that file; one to a directory is not gone into: it may lead in circles.
    .filter(({ dirent, path }) => dirent.isFile() || (dirent.isSymbolicLink() && isFile(join(root, path))))
    .map(({ path }) => path)
    .sort()
  return { paths, glob: { pattern, found: fingerprintOf(paths.join("\0")), directories: [...looked.values()] } }
}

/** What is to be found anew for a link to lead anywhere: the links on the way, and what is not there; nothing if it does. */
function missedBy(link: string): readonly Looked[] {
  const way: Looked[] = []
  // As many as the system follows.
  for (let at = link; way.length < 40; at = resolve(dirname(at), readlinkSync(at))) {
    const stat = statIfThere(at)
    way.push([at, stampFrom(stat)])
    if (stat === undefined) return way
    if (!stat.isSymbolicLink()) return []
  }
  return way
}

/** File operations that note what was looked at, and what it was before. */
function watched(looked: Map<string, Looked>): Partial<FileSystemAdapter> {
  const noted = (path: string): Looked => {
    const before = looked.get(path) ?? [path, recentStampOf(path)]
    looked.set(path, before)
    return before
  }
  const noting = (operation: (...all: never[]) => unknown) =>
    ((path: string, ...rest: never[]) => {
      noted(path)
      return operation(...([path, ...rest] as never[]))
    }) as never
  const list = (path: string, options: { readonly withFileTypes: true }) => {
    const [, stamp] = noted(path)
    const entries = readdirSync(path, options)
    looked.set(path, [path, stamp, entriesOf(path, entries)])
    return entries
  }
  return { readdirSync: list as never, statSync: noting(statSync), lstatSync: noting(lstatSync) }
}

/** What changed just now is never taken for unchanged. */
function recentStampOf(path: string): string {
  const stat = statIfThere(path)
  return stat !== undefined && Date.now() - stat.mtimeMs <= grainMs ? unsettled : stampFrom(stat)
}

type FileSystemAdapter = import("fast-glob").FileSystemAdapter
