// Puts stored content into the workspace, as copies: whatever is done to them there, the store stays what it is. A layer
// shares its directory with others: only paths that it placed before, and no longer has, are removed.

import {
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  fchmodSync,
  ftruncateSync,
  lstatSync,
  mkdirSync,
  openSync,
  readlinkSync,
  readSync,
  renameSync,
  symlinkSync,
  writeSync,
} from "node:fs"
import { dirname, join } from "node:path"
import { beside, errorCode, makeParent, removeAll, removeEmpty, statIfThere, unlinkIfThere } from "../base/files.ts"
import type { Content, TreeEntry } from "./content.ts"
import { type FileStat, fileStat } from "./stat.ts"
import type { Store } from "./store.ts"

/** Where content goes: `at` below the workspace's root, and what the same output left there before. */
export interface Place {
  readonly root: string
  readonly at: string
  readonly form: "file" | "tree" | "layer"
  readonly before: readonly FileStat[]
}

/** Makes the workspace hold the content. Gives the files that are there now, as they were left. */
export async function place(
  store: Store,
  content: Content,
  { root, at, form, before }: Place,
): Promise<readonly FileStat[]> {
  const path = join(root, at)
  if (content.form !== "tree") {
    makeParent(path)
    copyBlob(store, content, path)
    return [fileStat(at, lstatSync(path))]
  }
  const listing = store.listing(content.digest) ?? []
  if (form === "tree") {
    const fresh = beside(path)
    mkdirSync(fresh, { recursive: true })
    await store.copyTree(listing, fresh, (_, to, entry) => copyBlob(store, entry as Content, to))
    removeAll(path)
    renameSync(fresh, path)
  } else {
    remove(root, before, new Set(listing.map((entry) => `${at}/${entry.path}`)))
    mkdirSync(path, { recursive: true })
    for (const entry of listing) layEntry(store, entry, join(path, entry.path))
  }
  return filesOf(store, content, root, at)
}

/** The files of content that lies in the workspace, as they are. */
export function filesOf(store: Store, { form, digest }: Content, root: string, at: string): readonly FileStat[] {
  if (form !== "tree") return [fileStat(at, lstatSync(join(root, at)))]
  return (store.listing(digest) ?? [])
    .filter((entry) => entry.form !== "directory")
    .map(({ path }) => fileStat(`${at}/${path}`, lstatSync(join(root, at, path))))
}

/** Removes files that were placed, except those in `keep`, and the directories that are empty then. */
export function remove(root: string, placed: readonly FileStat[], keep: ReadonlySet<string> = new Set()): void {
  for (const [path] of placed) {
    if (keep.has(path)) continue
    unlinkIfThere(join(root, path))
    removeEmpty(dirname(join(root, path)), root)
  }
}

function layEntry(store: Store, entry: TreeEntry, path: string): void {
  const there = statIfThere(path)
  if (entry.form === "directory") {
    if (there !== undefined && !there.isDirectory()) unlinkIfThere(path)
    mkdirSync(path, { recursive: true })
    return
  }
  if (there?.isDirectory()) removeAll(path)
  if (entry.form !== "link") return copyBlob(store, entry, path)
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
    writeSync(file, piece, 0, n)
    fchmodSync(file, form === "exec" ? 0o755 : 0o644)
  } finally {
    closeSync(file)
  }
}

/** Opens a file that is not there yet; what is there is removed. */
function openFresh(path: string): number {
  try {
    return openSync(path, "wx")
  } catch (thrown) {
    if (errorCode(thrown) !== "EEXIST") throw thrown
    removeAll(path)
    return openSync(path, "wx")
  }
}

type Blob = Pick<Content, "form" | "digest" | "sizeBytes">

function copyBlob(store: Store, content: Blob, path: string): void {
  if (content.sizeBytes <= smallBytes) return copySmall(store, content, path)
  const fresh = beside(path)
  try {
    if (content.sizeBytes < largeBytes) copyFileSync(store.blobPath(content), fresh, constants.COPYFILE_FICLONE)
    else copyWithHoles(store.blobPath(content), fresh, content.sizeBytes)
    chmodSync(fresh, content.form === "exec" ? 0o755 : 0o644)
    if (statIfThere(path)?.isDirectory()) removeAll(path)
    renameSync(fresh, path)
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
      if (!piece.subarray(0, n).equals(zeros.subarray(0, n))) writeSync(copy, piece, 0, n, at)
    }
    ftruncateSync(copy, sizeBytes)
  } finally {
    closeSync(source)
    closeSync(copy)
  }
}
