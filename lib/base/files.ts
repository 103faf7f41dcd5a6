// The few file operations that node:fs lacks. All are synchronous: a promise costs more than the call it wraps.

import type { Stats } from "node:fs"
import { dirname, join, relative } from "node:path"
import {
  accessSync,
  chmodSync,
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rm,
  rmdirSync,
  rmSync,
  statSync,
  unlinkSync,
  writeSync,
} from "./fs.ts"

/** The code of a system error (`ENOENT`), or undefined for anything else that was thrown. */
export const errorCode = (thrown: unknown): string | undefined => (thrown as NodeJS.ErrnoException)?.code

const isAbsent = (thrown: unknown): boolean => ["ENOENT", "ENOTDIR", "ELOOP"].includes(errorCode(thrown) ?? "")

/** What `read` gives, or undefined where the file is not there. Other errors pass. */
export function ifThere<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (thrown) {
    if (isAbsent(thrown)) return undefined
    throw thrown
  }
}

export const readIfThere = (path: string): string | undefined => ifThere(() => readFileSync(path, "utf8"))

/** The last bytes of a file, as text that begins with a whole line; undefined where it is not there. A file may be longer than a text. */
export function endOf(path: string, mostBytes: number): string | undefined {
  const file = ifThere(() => openSync(path, "r"))
  if (file === undefined) return undefined
  try {
    const bytes = Buffer.alloc(mostBytes)
    const from = Math.max(0, fstatSync(file).size - mostBytes)
    const text = bytes.toString("utf8", 0, readSync(file, bytes, 0, mostBytes, from))
    return from === 0 ? text : text.slice(text.indexOf("\n") + 1)
  } finally {
    closeSync(file)
  }
}

// What is thrown costs ten times what is not.
const quietly = { throwIfNoEntry: false } as const

/** What lies at `path`; a link is itself. */
export const statIfThere = (path: string): Stats | undefined => ifThere(() => lstatSync(path, quietly))

/** What lies at `path`, links followed. */
export const followedIfThere = (path: string): Stats | undefined => ifThere(() => statSync(path, quietly))

export const unlinkIfThere = (path: string): void => ifThere(() => unlinkSync(path))

let counter = 0

/** A name beside `path` that nothing else uses: of this process and of this moment. */
export const beside = (path: string): string => `${path}.${process.pid}.${counter++}.new`

/** Writes all of it, from `position` on or where the file is: of what does not fit, the system takes a part first, and only then says so. */
export function writeAll(file: number, bytes: Uint8Array, position?: number): void {
  for (let at = 0; at < bytes.length; )
    at += writeSync(file, bytes, at, bytes.length - at, position === undefined ? null : position + at)
}

/** Writes a file so that it is there whole or not at all, even after a power cut. */
export const writeWhole = (path: string, content: string | Uint8Array, mode = 0o644): void =>
  writeParts(path, [typeof content === "string" ? Buffer.from(content) : content], mode)

/** As `writeWhole`, of several pieces one after the other. */
export function writeParts(path: string, parts: readonly Uint8Array[], mode = 0o644): void {
  const fresh = beside(path)
  const file = openSync(fresh, "wx", mode)
  try {
    for (const bytes of parts) writeAll(file, bytes)
    fsyncSync(file)
  } catch (thrown) {
    unlinkIfThere(fresh)
    throw thrown
  } finally {
    closeSync(file)
  }
  renameSync(fresh, path)
}

/** Where a path lies that is below `root`, or absolute. */
export const pathIn = (root: string, path: string): string =>
  root === "." || path.startsWith("/") ? path : `${root}/${path}`

/** How an absolute path is called from `root` on; undefined if it does not lie there. */
export function pathFrom(root: string, path: string): string | undefined {
  const below = relative(root, path)
  return below === ".." || below.startsWith("../") ? undefined : below
}

/** Makes a directory, and those above it. Not by Node: in /proc, where nothing can be made, it would try for ever. */
export function makeDirectory(path: string): void {
  try {
    mkdirSync(path)
  } catch (thrown) {
    const isThere = errorCode(thrown) === "EEXIST" && followedIfThere(path)?.isDirectory() === true
    if (isThere) return
    if (errorCode(thrown) !== "ENOENT" || followedIfThere(dirname(path)) !== undefined) throw thrown
    makeDirectory(dirname(path))
    mkdirSync(path)
  }
}

/** Makes the directory that will hold `path`. */
export const makeParent = (path: string): void => void mkdirSync(dirname(path), { recursive: true })

/** Removes whatever lies there, a directory with all that is in it. */
export function removeAll(path: string): void {
  const remove = () => rmSync(path, { recursive: true, force: true, maxRetries: 3 })
  try {
    remove()
  } catch (thrown) {
    if (errorCode(thrown) !== "EACCES") throw thrown
    openUp(path)
    remove()
  }
}

/** The same, in a thread of Node's. */
export async function removeMeanwhile(path: string): Promise<void> {
  const remove = () =>
    new Promise<void>((resolve, reject) =>
      rm(path, { recursive: true, force: true }, (error) => (error === null ? resolve() : reject(error))),
    )
  try {
    await remove()
  } catch (thrown) {
    if (errorCode(thrown) !== "EACCES") throw thrown
    openUp(path)
    await remove()
  }
}

/** Lets their owner, who need not be root, look and write into directories: some programs take that from them. */
function openUp(path: string): void {
  if (statIfThere(path)?.isDirectory() !== true) return
  chmodSync(path, 0o755)
  for (const name of readdirSync(path)) openUp(join(path, name))
}

/** Removes `directory` and its parents as long as they are empty, up to but not including `stop`. */
export function removeEmpty(directory: string, stop: string): void {
  try {
    for (let at = directory; at.startsWith(`${stop}/`); at = dirname(at)) rmdirSync(at)
  } catch (thrown) {
    if (!["ENOTEMPTY", "EEXIST", "ENOENT", "ENOTDIR"].includes(errorCode(thrown) ?? "")) throw thrown
  }
}

/** The first bytes of a file as text, of a line or two; "" for what is no file. */
export function startOf(path: string, most = 4096): string {
  if (statIfThere(path)?.isFile() !== true) return ""
  const file = openSync(path, "r")
  try {
    const bytes = Buffer.alloc(most)
    return bytes.toString("utf8", 0, readSync(file, bytes, 0, most, 0))
  } finally {
    closeSync(file)
  }
}

/** One thing in a directory tree: its path below the root, with `/`, and what lstat says of it. */
export interface Entry {
  readonly path: string
  readonly stat: Stats
}

/** Everything below `root`, in the order of the paths' UTF-16 units; directories before what is in them. Throws EILSEQ for a
 * name that is not UTF-8. */
export function* walk(root: string, below = ""): Generator<Entry> {
  for (const name of readdirSync(join(root, below)).sort()) {
    const path = below === "" ? name : `${below}/${name}`
    const stat = statIfThere(join(root, path))
    if (stat === undefined) {
      // A name that is not UTF-8 comes with this in the place of what is not, and cannot be found by it.
      if (name.includes("\ufffd")) throw Object.assign(new Error(`${path} is not UTF-8`), { code: "EILSEQ", path })
      continue
    }
    yield { path, stat }
    if (stat.isDirectory()) yield* walk(root, path)
  }
}

/** Whether this process may read a file, or whatever else of `mode`. */
export function isAllowed(path: string, mode: number = constants.R_OK): boolean {
  try {
    accessSync(path, mode)
    return true
  } catch {
    return false
  }
}
