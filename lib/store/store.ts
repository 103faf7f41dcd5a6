// The content-addressed store, shared by every checkout and by engines that run at the same time.
//
//   blob/ab/cdef…       a file's content; cdef….x is the same content as an executable file
//   tree/ab/cdef…       a tree's listing
//   checkout/ab/cdef…/  a tree as a directory of hard links into blob/, for sandboxes to see; made when first needed
//   result/ab/cdef…     what the action of that key produced, and its manifest
//   discovered/ab/cdef… which files actions of that declared key have read besides
//   keep/               downloads, finished and not
//   work/               directories of running and of failed actions
//
// Whatever has its final name is whole: it was renamed there. Every file in blob/ has the same mtime, so one that was written
// to later is seen by its stat, and then read again. Nothing here knows of targets or workspaces.

import {
  accessSync,
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  fchmodSync,
  futimesSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  openSync,
  readFileSync,
  readlinkSync,
  renameSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from "node:fs"
import { dirname, join } from "node:path"
import { setImmediate as breathe } from "node:timers/promises"
import { type Digest, digestFile, digestOf } from "../base/digest.ts"
import {
  beside,
  errorCode,
  ifThere,
  makeParent,
  readIfThere,
  removeAll,
  statIfThere,
  unlinkIfThere,
  walk,
  writeWhole,
} from "../base/files.ts"
import { epochSeconds } from "../graph/command.ts"
import { newerStoreError, readOnlyStoreError } from "../graph/errors.ts"
import {
  type Content,
  contentOf,
  type Listing,
  listingText,
  parseListing,
  sortListing,
  type TreeEntry,
} from "./content.ts"

const version = 1
/** Files up to this size (in bytes) are copied through memory. */
const smallBytes = 1 << 18
/** How long (in ms) work may hold up the event loop before it lets others in. */
const breathMs = 25

type FileContent = Content & { readonly form: "file" | "exec" }

/** Rooms of small texts, by key. */
export type Records = "result" | "discovered"

/** Called for each stored thing that turned out to be damaged; it has been put out of the way. */
export type OnDamage = (what: string, path: string) => void

export class Store {
  readonly root: string
  readonly #onDamage: OnDamage
  readonly #listings = new Map<Digest, Listing>()
  readonly #checked = new Set<Digest>()
  readonly #made = new Set<string>()
  readonly #checkedOut = new Set<Digest>()
  #breath = 0

  /** Opens the store, making it if need be. Throws a BuildError if a newer hashmake made it. */
  constructor(root: string, onDamage: OnDamage = () => {}) {
    this.root = root
    this.#onDamage = onDamage
    const marker = join(root, "VERSION")
    const found = readIfThere(marker)
    try {
      for (const room of [join(root, "work"), this.keep])
        if (statIfThere(room) === undefined) mkdirSync(room, { recursive: true })
      accessSync(join(root, "work"), constants.W_OK)
      if (found === undefined) writeWhole(marker, `${version}\n`)
    } catch (thrown) {
      // Node says ENOENT, too, of a file system on which no directory can be made.
      if (["EROFS", "EACCES", "EPERM", "ENOENT"].includes(errorCode(thrown) ?? "")) throw readOnlyStoreError(root)
      throw thrown
    }
    if (found !== undefined && Number(found) > version) throw newerStoreError(root, Number(found), version)
  }

  /** Where downloads are kept. */
  get keep(): string {
    return join(this.root, "keep")
  }

  /** A fresh directory for one action, below `work/`. */
  makeWork(): string {
    const path = beside(join(this.root, "work", "action")).replace(/\.new$/, "")
    // A process of this id may have left a directory to be looked at.
    if (statIfThere(path) !== undefined) return this.makeWork()
    mkdirSync(path)
    return path
  }

  path(room: "blob" | "tree" | "checkout" | Records, digest: Digest): string {
    return join(this.root, room, digest.slice(0, 2), digest.slice(2))
  }

  blobPath({ form, digest }: Pick<Content, "form" | "digest">): string {
    return this.path("blob", digest) + (form === "exec" ? ".x" : "")
  }

  /** Takes a file over; it is moved. */
  takeFile(path: string): Content {
    const { size: sizeBytes, mode } = lstatSync(path)
    const form = (mode & 0o100) !== 0 ? "exec" : "file"
    const content: Content = { form, digest: digestFile(path, sizeBytes), sizeBytes }
    this.#keepBlob(path, content)
    unlinkIfThere(path)
    return content
  }

  /** Stores a copy of a file, which stays where it is. */
  takeCopy(path: string, form: "file" | "exec"): Content {
    const { size } = lstatSync(path)
    if (size <= smallBytes) return this.#takeBytes(readFileSync(path), form)
    const fresh = beside(join(this.root, "work", "copy"))
    copyFileSync(path, fresh, constants.COPYFILE_FICLONE)
    chmodSync(fresh, form === "exec" ? 0o755 : 0o644)
    return this.takeFile(fresh)
  }

  /** Stores a copy of a file or a directory, which stays where it is. */
  async copyOf(path: string, refuse: (path: string) => Error): Promise<Content> {
    const stat = lstatSync(path)
    if (stat.isFile()) return this.takeCopy(path, (stat.mode & 0o100) === 0 ? "file" : "exec")
    if (!stat.isDirectory()) throw refuse(path)
    const entries: TreeEntry[] = []
    for (const { path: below, stat } of walk(path)) {
      await this.#breathe()
      const full = join(path, below)
      if (stat.isDirectory()) entries.push({ path: below, form: "directory" })
      else if (stat.isSymbolicLink()) entries.push({ path: below, form: "link", to: readlinkSync(full) })
      else if (stat.isFile())
        entries.push({
          path: below,
          ...(this.takeCopy(full, (stat.mode & 0o100) === 0 ? "file" : "exec") as FileContent),
        })
      else throw refuse(below)
    }
    return this.takeListing(entries)
  }

  #takeBytes(bytes: Uint8Array, form: "file" | "exec"): Content {
    const content: Content = { form, digest: digestOf(bytes), sizeBytes: bytes.length }
    const blob = this.blobPath(content)
    if (statIfThere(blob) !== undefined && this.#isWhole(content)) return content
    const fresh = beside(join(this.root, "work", "blob"))
    const file = openSync(fresh, "wx", 0o644)
    try {
      writeSync(file, bytes)
      fchmodSync(file, form === "exec" ? 0o755 : 0o644)
      futimesSync(file, epochSeconds, epochSeconds)
    } finally {
      closeSync(file)
    }
    this.#makeParent(blob)
    renameSync(fresh, blob)
    return content
  }

  #makeParent(path: string): void {
    const parent = dirname(path)
    if (this.#made.has(parent)) return
    mkdirSync(parent, { recursive: true })
    this.#made.add(parent)
  }

  /** The path of a stored file of this digest, if it is there, whole. */
  storedFile(digest: Digest): string | undefined {
    const path = this.blobPath({ form: "file", digest })
    const sizeBytes = statIfThere(path)?.size
    return sizeBytes !== undefined && this.#isWhole({ form: "file", digest, sizeBytes }) ? path : undefined
  }

  /** Stores a text. */
  takeText = (text: string, form: "file" | "exec" = "file"): Content => this.#takeBytes(Buffer.from(text), form)

  /** Takes a directory over; it is moved. Anything but files, directories and links in it is an error of `refuse`. */
  async takeTree(directory: string, refuse: (path: string) => Error): Promise<Content> {
    const entries: TreeEntry[] = []
    for (const { path, stat } of walk(directory)) {
      await this.#breathe()
      const full = join(directory, path)
      if (stat.isDirectory()) entries.push({ path, form: "directory" })
      else if (stat.isSymbolicLink()) entries.push({ path, form: "link", to: readlinkSync(full) })
      else if (stat.isFile()) {
        const form = (stat.mode & 0o100) !== 0 ? "exec" : "file"
        const content = { form, digest: digestFile(full, stat.size), sizeBytes: stat.size } as const
        this.#keepBlob(full, content)
        entries.push({ path, ...content })
      } else throw refuse(path)
    }
    const content = this.takeListing(entries)
    // The directory is already full of links to blobs: it becomes the checkout, unless there is one.
    this.#finishCheckout(directory, this.path("checkout", content.digest), this.listing(content.digest) ?? [])
    return content
  }

  /** Stores a listing whose files are stored already. */
  takeListing(entries: readonly TreeEntry[]): Content {
    const listing = sortListing(entries)
    const content = contentOf(listing)
    const path = this.path("tree", content.digest)
    if (statIfThere(path)?.size !== content.sizeBytes) {
      makeParent(path)
      writeWhole(path, listingText(listing))
    }
    this.#listings.set(content.digest, listing)
    return content
  }

  /** A tree's listing, or undefined if the store does not have it whole. */
  listing(digest: Digest): Listing | undefined {
    const known = this.#listings.get(digest)
    if (known !== undefined) return known
    const path = this.path("tree", digest)
    const text = readIfThere(path)
    if (text === undefined) return undefined
    const listing = digestOf(text) === digest ? parseListing(text) : undefined
    if (listing === undefined) this.#damaged("tree", path)
    else this.#listings.set(digest, listing)
    return listing
  }

  /** Whether content is there, whole. Of each file its stat is compared; one that was touched is read again. */
  has(content: Content): boolean {
    if (content.form !== "tree") return this.#isWhole(content)
    if (this.#checked.has(content.digest)) return true
    const listing = this.listing(content.digest)
    if (listing === undefined) return false
    const whole = listing.every((entry) => (entry.form !== "file" && entry.form !== "exec") || this.#isWhole(entry))
    if (whole) this.#checked.add(content.digest)
    return whole
  }

  /** A directory that holds a tree; it must not be written to. The tree must be there (see `has`). */
  async checkout(digest: Digest): Promise<string> {
    const path = this.path("checkout", digest)
    if (this.#isCheckedOut(digest, path)) return path
    const fresh = beside(join(this.root, "work", "checkout"))
    mkdirSync(fresh)
    const listing = this.listing(digest) ?? []
    await this.copyTree(listing, fresh, linkOrCopy)
    this.#finishCheckout(fresh, path, listing)
    return path
  }

  /** Makes a listing's paths below a directory; `place` makes each file from its blob. */
  async copyTree(
    listing: Listing,
    directory: string,
    place: (blob: string, path: string, entry: TreeEntry) => void,
  ): Promise<void> {
    for (const entry of listing) {
      await this.#breathe()
      const path = join(directory, entry.path)
      if (entry.form === "directory") mkdirSync(path, { recursive: true })
      else if (entry.form === "link") symlinkSync(entry.to, path)
      else place(this.blobPath(entry), path, entry)
    }
  }

  /** Whether a checkout is as it was made; one that is not is put out of the way. */
  #isCheckedOut(digest: Digest, path: string): boolean {
    if (this.#checkedOut.has(digest)) return true
    if (statIfThere(path) === undefined) return false
    const listing = this.listing(digest) ?? []
    const top: TreeEntry = { path: "", form: "directory" }
    if ([top, ...listing].every((entry) => isUntouched(join(path, entry.path), entry))) {
      this.#checkedOut.add(digest)
      return true
    }
    renameSync(path, beside(join(this.root, "work", "checkout")))
    return false
  }

  #finishCheckout(directory: string, path: string, listing: Listing): void {
    for (const { path: below, form } of listing.toReversed()) {
      if (form === "directory") utimesSync(join(directory, below), epochSeconds, epochSeconds)
      else if (form === "link") lutimesSync(join(directory, below), epochSeconds, epochSeconds)
    }
    utimesSync(directory, epochSeconds, epochSeconds)
    makeParent(path)
    try {
      renameSync(directory, path)
    } catch (thrown) {
      if (!["ENOTEMPTY", "EEXIST"].includes(errorCode(thrown) ?? "")) throw thrown
      removeAll(directory)
    }
  }

  /** Makes `path` and the blob one file; where there is such a blob already, `path` becomes that one. */
  #keepBlob(path: string, content: Content): void {
    const blob = this.blobPath(content)
    if (statIfThere(blob) !== undefined && this.#isWhole(content)) return this.#replaceByLink(blob, path)
    chmodSync(path, content.form === "exec" ? 0o755 : 0o644)
    utimesSync(path, epochSeconds, epochSeconds)
    this.#makeParent(blob)
    try {
      linkSync(path, blob)
    } catch (thrown) {
      if (errorCode(thrown) !== "EEXIST") throw thrown
      this.#replaceByLink(blob, path)
    }
  }

  #replaceByLink(blob: string, path: string): void {
    const fresh = beside(join(this.root, "work", "link"))
    linkOrCopy(blob, fresh)
    renameSync(fresh, path)
    unlinkIfThere(fresh) // rename does nothing when both names are the same file already
  }

  #isWhole(content: Pick<Content, "form" | "digest" | "sizeBytes">): boolean {
    const path = this.blobPath(content)
    const stat = statIfThere(path)
    if (stat === undefined) return false
    if (stat.size === content.sizeBytes && stat.mtimeMs === epochSeconds * 1000) return true
    if (stat.size === content.sizeBytes && digestFile(path, stat.size) === content.digest) {
      utimesSync(path, epochSeconds, epochSeconds)
      return true
    }
    this.#damaged("blob", path)
    return false
  }

  /** Puts something damaged out of the way, with every checkout, since any may hold a link to it. */
  #damaged(what: string, path: string): void {
    unlinkIfThere(path)
    this.#checkedOut.clear()
    const checkouts = join(this.root, "checkout")
    ifThere(() => renameSync(checkouts, beside(join(this.root, "work", "checkouts"))))
    this.#onDamage(what, path)
  }

  /** Gives others a turn when this work has held the event loop for long. */
  async #breathe(): Promise<void> {
    if (performance.now() - this.#breath < breathMs) return
    await breathe()
    this.#breath = performance.now()
  }

  /** The text stored under a key, if any. */
  readRecord(room: Records, key: Digest): string | undefined {
    // An empty one is being written.
    return readIfThere(this.path(room, key)) || undefined
  }

  writeRecord(room: Records, key: Digest, text: string): void {
    const path = this.path(room, key)
    this.#makeParent(path)
    try {
      // One write: who reads it at the same time sees nothing or all of it.
      writeFileSync(path, text, { flag: "wx" })
    } catch (thrown) {
      if (errorCode(thrown) !== "EEXIST") throw thrown
      writeWhole(path, text)
    }
  }

  /** Removes a record that is damaged, and says so. */
  dropRecord(room: Records, key: Digest): void {
    const path = this.path(room, key)
    unlinkIfThere(path)
    this.#onDamage("result", path)
  }
}

/** Whether an entry of a checkout is there, with the one mtime that all of them have. */
function isUntouched(path: string, entry: TreeEntry): boolean {
  const stat = statIfThere(path)
  if (stat === undefined || stat.mtimeMs !== epochSeconds * 1000) return false
  if (entry.form === "directory") return stat.isDirectory()
  return entry.form === "link" ? stat.isSymbolicLink() : stat.isFile() && stat.size === entry.sizeBytes
}

/** A second name for a blob; a copy, where the file system takes no more names for it (ext4: 65,000). */
function linkOrCopy(blob: string, path: string): void {
  try {
    linkSync(blob, path)
  } catch (thrown) {
    if (errorCode(thrown) !== "EMLINK") throw thrown
    copyFileSync(blob, path, constants.COPYFILE_FICLONE)
    utimesSync(path, epochSeconds, epochSeconds)
  }
}
