// The content-addressed store: blobs, trees and checkouts, and records of results, as rooms.ts says. Nothing here knows of targets or
// workspaces.

import type { Stats } from "node:fs"
import { join } from "node:path"
import { setImmediate as breathe } from "node:timers/promises"
import { type Digest, digestOf } from "../base/digest.ts"
import {
  beside,
  errorCode,
  makeDirectory,
  makeParent,
  readIfThere,
  statIfThere,
  unlinkIfThere,
  walk,
  writeWhole,
} from "../base/files.ts"
import { accessSync, chmodSync, constants, lstatSync, mkdirSync, readlinkSync, symlinkSync } from "../base/fs.ts"
import { inTheWayError, misplacedError, newerStoreError, readOnlyStoreError } from "../graph/errors.ts"
import { Blobs, type FileContent, linkOrCopy } from "./blobs.ts"
import { Checkouts } from "./checkouts.ts"
import {
  type Content,
  contentOf,
  type Listing,
  listingText,
  parseListing,
  sortListing,
  type TreeEntry,
} from "./content.ts"
import { Records } from "./records.ts"
import { type Room, Rooms } from "./rooms.ts"
import { formOf } from "./stat.ts"
import { distrustLatest } from "./unwritten.ts"

const version = 1
/** How long (in ms) work may hold up the event loop before it lets others in. */
const breathMs = 25

/** Called for each stored thing that turned out to be damaged; it has been put out of the way. */
export type OnDamage = (what: string, path: string) => void

type Refuse = (path: string) => Error

export class Store {
  readonly root: string
  readonly #rooms: Rooms
  readonly #blobs: Blobs
  readonly #checkouts: Checkouts
  readonly #onDamage: OnDamage
  readonly records: Records
  readonly #listings = new Map<Digest, Listing>()
  readonly #checked = new Set<Digest>()
  #breath = 0

  /** Opens the store, making it if need be. Throws a BuildError if a newer hashmake made it. */
  constructor(root: string, onDamage: OnDamage = () => {}) {
    this.root = root
    this.#onDamage = onDamage
    this.#rooms = new Rooms(root)
    this.#blobs = new Blobs(this.#rooms, (path) => this.#damaged("blob", path))
    this.#checkouts = new Checkouts(this.#rooms)
    this.records = new Records(this.#rooms, (path) => onDamage("result", path))
    const marker = join(root, "VERSION")
    try {
      const found = readIfThere(marker)
      if (found !== undefined && Number(found) > version) throw newerStoreError(root, Number(found), version)
      for (const room of [join(root, "work"), this.keep]) makeDirectory(room)
      accessSync(join(root, "work"), constants.W_OK)
      if (found === undefined) writeWhole(marker, `${version}\n`)
      distrustLatest(this.#rooms)
    } catch (thrown) {
      // Node says ENOENT, too, of a file system on which no directory can be made.
      if (["EROFS", "EACCES", "EPERM", "ENOENT"].includes(errorCode(thrown) ?? "")) throw readOnlyStoreError(root)
      const { path = marker } = thrown as NodeJS.ErrnoException
      if (["ENOTDIR", "EEXIST", "ELOOP"].includes(errorCode(thrown) ?? "")) throw inTheWayError(path)
      if (errorCode(thrown) === "EISDIR") throw misplacedError(path, true)
      throw thrown
    }
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

  /** A name in `work/` that nothing else uses, and that is swept away when this process has ended. */
  freshWork(what: string): string {
    return this.#rooms.fresh(what)
  }

  path(room: Room, digest: Digest): string {
    return this.#rooms.path(room, digest)
  }

  blobPath(content: Pick<Content, "form" | "digest">): string {
    return this.#blobs.path(content)
  }

  /** Takes a file over; it is moved. */
  takeFile(path: string): Content {
    return this.#blobs.move(path)
  }

  /** Stores a copy of a file, which stays where it is. */
  takeCopy(path: string, form: FileContent["form"]): Content {
    return this.#blobs.copy(path, form)
  }

  /** Stores a text. */
  takeText(text: string, form: FileContent["form"] = "file"): Content {
    return this.#blobs.write(Buffer.from(text), form)
  }

  /** The path of a stored file of this digest, if it is there, whole. */
  storedFile(digest: Digest): string | undefined {
    return this.#blobs.find(digest)
  }

  /** Stores a copy of a file or a directory, which stays where it is. */
  async copyOf(path: string, refuse: Refuse): Promise<Content> {
    const stat = lstatSync(path)
    if (stat.isFile()) return this.#blobs.copy(path, formOf(stat.mode), stat)
    if (!stat.isDirectory()) throw refuse(path)
    return this.takeListing(
      await this.#entriesBelow(path, refuse, (file, stat) => this.#blobs.copy(file, formOf(stat.mode), stat)),
    )
  }

  /** Takes a directory over; it is moved. Anything but files, directories and links in it is an error of `refuse`. */
  async takeTree(directory: string, refuse: Refuse): Promise<Content> {
    open(directory)
    const content = this.takeListing(
      await this.#entriesBelow(directory, refuse, (file, stat) => this.#blobs.link(file, stat), open),
    )
    // The directory is already full of links to blobs: it becomes the checkout, unless there is one.
    this.#checkouts.finish(directory, content.digest, this.listing(content.digest) ?? [])
    return content
  }

  async #entriesBelow(
    directory: string,
    refuse: Refuse,
    take: (file: string, stat: Stats) => FileContent,
    enter: (directory: string, stat: Stats) => void = () => {},
  ): Promise<readonly TreeEntry[]> {
    const entries: TreeEntry[] = []
    for (const { path, stat } of walk(directory)) {
      await this.#breathe()
      const full = join(directory, path)
      if (stat.isDirectory()) {
        enter(full, stat)
        entries.push({ path, form: "directory" })
      } else if (stat.isSymbolicLink()) entries.push({ path, form: "link", to: readlinkSync(full) })
      else if (stat.isFile()) entries.push({ path, ...take(full, stat) })
      else throw refuse(path)
    }
    return entries
  }

  /** Stores a listing whose files are stored already. */
  takeListing(entries: readonly TreeEntry[]): Content {
    const listing = sortListing(entries)
    const content = contentOf(listing)
    this.use(content.digest)
    const path = this.#rooms.path("tree", content.digest)
    if (statIfThere(path)?.size !== content.sizeBytes) {
      makeParent(path)
      writeWhole(path, listingText(listing))
    }
    this.#listings.set(content.digest, listing)
    return content
  }

  /** A tree's listing, or undefined if the store does not have it whole. */
  listing(digest: Digest): Listing | undefined {
    this.use(digest)
    const known = this.#listings.get(digest)
    if (known !== undefined) return known
    const path = this.#rooms.path("tree", digest)
    const text = readIfThere(path)
    if (text === undefined) return undefined
    const listing = digestOf(text) === digest ? parseListing(text) : undefined
    if (listing === undefined) {
      unlinkIfThere(path)
      this.#damaged("tree", path)
    } else this.#listings.set(digest, listing)
    return listing
  }

  /** Whether content is there, whole. Of each file its stat is compared; one that was touched is read again. */
  has(content: Content): boolean {
    if (content.form !== "tree") return this.#blobs.has(content)
    if (this.#checked.has(content.digest)) return true
    const listing = this.listing(content.digest)
    if (listing === undefined) return false
    const whole = listing.every((entry) => (entry.form !== "file" && entry.form !== "exec") || this.#blobs.has(entry))
    if (whole) this.#checked.add(content.digest)
    return whole
  }

  /** A directory that holds a tree; it must not be written to. The tree must be there (see `has`). */
  async checkout(digest: Digest): Promise<string> {
    const listing = this.listing(digest) ?? []
    const found = this.#checkouts.find(digest, listing)
    if (found !== undefined) return found
    const fresh = this.#rooms.fresh("checkout")
    await this.copyTree(listing, fresh, linkOrCopy)
    return this.#checkouts.finish(fresh, digest, listing)
  }

  /** Makes a directory that holds what a listing says; `place` makes each file from its blob. */
  async copyTree(
    listing: Listing,
    directory: string,
    place: (blob: string, path: string, entry: TreeEntry) => void,
  ): Promise<void> {
    make(directory)
    for (const entry of listing) {
      await this.#breathe()
      const path = join(directory, entry.path)
      if (entry.form === "directory") make(path)
      else if (entry.form === "link") symlinkSync(entry.to, path)
      else place(this.blobPath(entry), path, entry)
    }
  }

  /** Something damaged has been removed: whatever may hold a link to it goes, too, and no tree is known to be whole. */
  #damaged(what: string, path: string): void {
    this.#checked.clear()
    this.#checkouts.drop()
    this.#onDamage(what, path)
  }

  /** Gives others a turn when this work has held the event loop for long. */
  async #breathe(): Promise<void> {
    if (performance.now() - this.#breath < breathMs) return
    await breathe()
    this.#breath = performance.now()
  }

  /** Something of this digest, or of this name in `work/`, is needed from now on, whether or not it is there. */
  use(what: string): void {
    this.#rooms.used.add(what)
  }

  /** Whatever this process needs of the store. */
  get used(): ReadonlySet<string> {
    return this.#rooms.used
  }
}

/** Makes a directory as all are, whoever makes it. */
function make(directory: string): void {
  mkdirSync(directory, { recursive: true })
  chmodSync(directory, 0o755)
}

/** All directories in the store are alike, and whoever wrote one may have taken from its owner what it takes to move it. */
function open(directory: string, { mode } = lstatSync(directory)): void {
  if ((mode & 0o777) !== 0o755) chmodSync(directory, 0o755)
}
