// Puts stored content into the workspace, as copies: whatever is done to them there, the store stays what it is. A layer
// shares its directory with others: only paths that it placed before, and no longer has, are removed.

import { dirname, join } from "node:path"
import {
  beside,
  errorCode,
  makeParent,
  removeAll,
  removeEmpty,
  statIfThere,
  unlinkIfThere,
  writeAll,
} from "../base/files.ts"
import {
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  cpSync,
  fchmodSync,
  ftruncateSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  renameSync,
  symlinkSync,
} from "../base/fs.ts"
import type { Content, TreeEntry } from "./content.ts"
import { type FileStat, fileStat, isDirectory } from "./stat.ts"
import type { Store } from "./store.ts"

/** Where content goes: `at` below the workspace's root, and what the same output left there before. */
export interface Place {
  readonly root: string
  readonly at: string
  readonly form: "file" | "tree" | "layer"
  readonly before: readonly FileStat[]
}

/** Makes the workspace hold the content. Gives what is there now, as it was left: of a tree its directories, too, whose stats
 * tell of anything that comes into them. */
export async function place(
  store: Store,
  content: Content,
  { root, at, form, before }: Place,
): Promise<readonly FileStat[]> {
  const path = join(root, at)
  const listing = content.form === "tree" ? (store.listing(content.digest) ?? []) : []
  if (content.form !== "tree") {
    copyBlob(store, content, path, root)
  } else if (form === "tree") {
    const fresh = freshIn(root)
    await store.copyTree(listing, fresh, (_, to, entry) => copyBlob(store, entry as Content, to, root))
    makeParent(path)
    removeAll(path)
    moveTo(path, fresh)
  } else {
    remove(root, before, new Set(listing.map((entry) => `${at}/${entry.path}`)))
    mkdirSync(path, { recursive: true })
    for (const entry of listing) layEntry(store, entry, join(path, entry.path), root)
  }
  return filesOf(store, content, root, at, form)
}

/** The files of content that lies in the workspace, as they are; of a tree that is nobody else's, its directories too. */
export function filesOf(
  store: Store,
  content: Content,
  root: string,
  at: string,
  form: Place["form"],
): readonly FileStat[] {
  const path = join(root, at)
  if (content.form !== "tree") return [fileStat(at, lstatSync(path))]
  const left = (store.listing(content.digest) ?? [])
    .filter((entry) => entry.form !== "directory" || form === "tree")
    .map((entry) => fileStat(`${at}/${entry.path}`, lstatSync(join(path, entry.path))))
  return form === "tree" ? [fileStat(at, lstatSync(path)), ...left] : left
}

/** Where things are made before they are moved to their places; what a killed engine left there is swept away by the next. */
const freshIn = (root: string): string => beside(join(root, ".hashmake", "place"))

/** Removes what placing left that did not come to its end. Nothing must be placed meanwhile. */
export function sweepPlaces(root: string): void {
  const own = join(root, ".hashmake")
  for (const name of readdirSync(own)) if (/^place\..*\.new$/.test(name)) removeAll(join(own, name))
}

/** Moves what lies at `from` to `path`, by a copy beside that where the two are on different file systems. */
export function moveTo(path: string, from: string): void {
  try {
    renameSync(from, path)
  } catch (thrown) {
    if (errorCode(thrown) !== "EXDEV") throw thrown
    const copy = beside(path)
    cpSync(from, copy, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true })
    renameSync(copy, path)
    removeAll(from)
  }
}

/** Whether what was placed is no directory. */
export const isPlacedFile = (stat: FileStat): boolean => !isDirectory(stat)

/** Removes files that were placed, except those in `keep`, and the directories that are empty then. */
export function remove(root: string, placed: readonly FileStat[], keep: ReadonlySet<string> = new Set()): void {
  for (const [path] of placed.filter(isPlacedFile)) {
    if (keep.has(path) || statIfThere(join(root, path))?.isDirectory()) continue
    unlinkIfThere(join(root, path))
    removeEmpty(dirname(join(root, path)), root)
  }
}

function layEntry(store: Store, entry: TreeEntry, path: string, root: string): void {
  const there = statIfThere(path)
  if (entry.form === "directory") {
    if (there !== undefined && !there.isDirectory()) unlinkIfThere(path)
    mkdirSync(path, { recursive: true })
    return
  }
  if (there?.isDirectory()) removeAll(path)
  if (entry.form !== "link") return copyBlob(store, entry, path, root)
  if (there?.isSymbolicLink() && readlinkSync(path) === entry.to) return
  unlinkIfThere(path)
  makeParent(path)
  symlinkSync(entry.to, path)
}

/** Files from this size on (in bytes) are copied with their holes: disk images are mostly holes. */
const largeBytes = 8 << 20
const pieceBytes = 1 << 18

/** Files up to this size (in bytes) are copied through memory. */
const smallBytes = 1 << 16
const piece = Buffer.allocUnsafe(smallBytes)

/** Writes a small file at once: nobody sees a part of it but who looks at this very moment. */
function copySmall(store: Store, { form, sizeBytes, ...content }: Blob, path: string): void {
  const blob = openSync(store.blobPath({ form, ...content }), "r")
  const n = readSync(blob, piece, 0, smallBytes, 0)
  closeSync(blob)
  if (n !== sizeBytes) throw Object.assign(new Error(`${path} is not as long as it was`), { code: "EIO" })
  const file = openFresh(path)
  try {
    writeAll(file, piece.subarray(0, n))
    fchmodSync(file, form === "exec" ? 0o755 : 0o644)
  } catch (thrown) {
    unlinkIfThere(path)
    throw thrown
  } finally {
    closeSync(file)
  }
}

/** Opens a file that is not there yet; what is there is removed, and a directory that is not there is made. */
function openFresh(path: string): number {
  try {
    return openSync(path, "wx")
  } catch (thrown) {
    if (errorCode(thrown) === "EEXIST") removeAll(path)
    else if (["ENOENT", "ENOTDIR"].includes(errorCode(thrown) ?? "")) makeParent(path)
    else throw thrown
    return openSync(path, "wx")
  }
}

type Blob = Pick<Content, "form" | "digest" | "sizeBytes">

function copyBlob(store: Store, content: Blob, path: string, root: string): void {
  if (content.sizeBytes <= smallBytes) return copySmall(store, content, path)
  makeParent(path)
  const fresh = freshIn(root)
  try {
    if (content.sizeBytes < largeBytes) copyFileSync(store.blobPath(content), fresh, constants.COPYFILE_FICLONE)
    else copyWithHoles(store.blobPath(content), fresh, content.sizeBytes)
    chmodSync(fresh, content.form === "exec" ? 0o755 : 0o644)
    if (statIfThere(path)?.isDirectory()) removeAll(path)
    moveTo(path, fresh)
  } catch (thrown) {
    unlinkIfThere(fresh)
    throw thrown
  }
}

function copyWithHoles(from: string, to: string, sizeBytes: number): void {
  const source = openSync(from, "r")
  const copy = openSync(to, "w")
  const piece = Buffer.allocUnsafe(pieceBytes)
  const zeros = Buffer.alloc(pieceBytes)
  try {
    for (let at = 0, n = 0; at < sizeBytes; at += n) {
      n = readSync(source, piece, 0, pieceBytes, at)
      if (n === 0) throw Object.assign(new Error(`${from} is shorter than it was`), { code: "EIO" })
      if (!piece.subarray(0, n).equals(zeros.subarray(0, n))) writeAll(copy, piece.subarray(0, n), at)
    }
    ftruncateSync(copy, sizeBytes)
  } finally {
    closeSync(source)
    closeSync(copy)
  }
}
