// Reads everything in the store against its digest: blobs, listings, results, what these name, and checkouts. A stat tells nothing of
// a file that was written to and given back its size and time; this does. Unless asked to repair, nothing is removed: a damaged blob only
// loses the time that all sound ones have, so that whoever wants it reads it first, and drops it.

import { join } from "node:path"
import type { Diagnostic } from "../base/diagnostic.ts"
import { type Digest, digestFile, digestOf } from "../base/digest.ts"
import { digestAll, type ToRead } from "../base/digests.ts"
import { ifThere, readIfThere, statIfThere, unlinkIfThere } from "../base/files.ts"
import { readdirSync, renameSync, utimesSync } from "../base/fs.ts"
import { damagedBlob, damagedCheckout, damagedRecord, lostContents } from "../graph/errors.ts"
import type { Amount, UpkeepEvent } from "../graph/upkeep.ts"
import { type Content, type Listing, parseListing } from "./content.ts"
import { collectAlone } from "./inuse.ts"
import { isDiscovered, parseResult } from "./result.ts"
import type { Room } from "./rooms.ts"
import type { Store } from "./store.ts"

export interface VerifyOptions {
  /** Remove what is wrong. */
  readonly isRepair: boolean
  readonly emit: (event: UpkeepEvent) => void
}

/** What was read, and how much of it is wrong. */
export interface VerifiedStore {
  readonly blobs: Amount
  readonly trees: number
  readonly results: number
  readonly wrong: number
}

interface Blob extends ToRead {
  readonly digest: Digest
  readonly form: "file" | "exec"
}

/** Verifies the store. Throws a BuildError if another process makes room in it meanwhile. */
export async function verifyStore(store: Store, options: VerifyOptions): Promise<VerifiedStore> {
  const end = await collectAlone(store)
  try {
    const verification = new Verification(store, options)
    const blobs = await verification.blobs()
    const trees = verification.trees()
    const results = verification.records()
    return { blobs, trees, results, wrong: verification.wrong }
  } finally {
    end()
  }
}

class Verification {
  readonly #store: Store
  readonly #options: VerifyOptions
  wrong = 0

  constructor(store: Store, options: VerifyOptions) {
    this.#store = store
    this.#options = options
  }

  async blobs(): Promise<Amount> {
    const blobs = [...this.#named("blob")].flatMap(({ path, digest, suffix }) => {
      const stat = statIfThere(path)
      return stat === undefined ? [] : [{ path, digest, form: suffix, sizeBytes: stat.size }]
    })
    let read: Amount = { things: 0, sizeBytes: 0 }
    await digestAll<Blob>(blobs, (blob, actual) => {
      read = { things: read.things + 1, sizeBytes: read.sizeBytes + blob.sizeBytes }
      this.#options.emit({
        type: "upkeep",
        words: "reading blobs",
        done: read.things,
        of: blobs.length,
        sizeBytes: read.sizeBytes,
      })
      if (actual !== undefined && actual !== blob.digest) this.#damagedBlob(blob, actual)
    })
    return read
  }

  #damagedBlob(blob: Blob, actual: Digest): void {
    const { isRepair } = this.#options
    this.#tell(damagedBlob(blob.path, blob.digest, actual, isRepair))
    const now = Date.now() / 1000
    ifThere(() => utimesSync(blob.path, now, now))
    // It is read again, as it bears another time now, and goes, with all checkouts, which may hold it.
    if (isRepair) this.#store.has(blob)
  }

  /** Listings, whether all that they name is there, and checkouts. */
  trees(): number {
    let count = 0
    for (const { path, digest } of this.#named("tree")) {
      const text = readIfThere(path)
      if (text === undefined) continue
      this.#options.emit({ type: "upkeep", words: "reading trees", done: ++count })
      const listing = digestOf(text) === digest ? parseListing(text) : undefined
      if (listing === undefined) this.#gone(path, damagedRecord("tree", path, this.#options.isRepair))
      else {
        this.#lost("tree", path, listing.flatMap(contentOfEntry))
        this.#checkout(digest, listing)
      }
    }
    return count
  }

  /** Of a checkout every file is the blob itself, or was one, or a copy of it. */
  #checkout(digest: Digest, listing: Listing): void {
    const path = this.#store.path("checkout", digest)
    if (statIfThere(path) === undefined) return
    const isSound = (content: Content, below: string) => {
      const file = join(path, below)
      const here = statIfThere(file)
      const blob = statIfThere(this.#store.blobPath(content))
      if (here === undefined || blob === undefined || here.ino === blob.ino) return true
      return here.isFile() && digestFile(file, here.size) === content.digest
    }
    const strange = listing.find((entry) => contentOfEntry(entry).some((content) => !isSound(content, entry.path)))
    if (strange === undefined) return
    this.#tell(damagedCheckout(join(path, strange.path), this.#options.isRepair))
    if (this.#options.isRepair) ifThere(() => renameSync(path, this.#store.freshWork("checkout")))
  }

  records(): number {
    let count = 0
    for (const { path, digest } of this.#named("result")) {
      const text = readIfThere(path)
      // A power cut may leave an empty one, which counts as none.
      if (text === undefined || text === "") continue
      this.#options.emit({ type: "upkeep", words: "reading results", done: ++count })
      const result = parseResult(text, digest)
      if (result === undefined) this.#gone(path, damagedRecord("result", path, this.#options.isRepair))
      else this.#lost("result", path, Object.values(result.outputs))
    }
    for (const { path } of this.#named("discovered")) {
      const text = readIfThere(path)
      if (text === undefined || text === "" || isDiscovered(text)) continue
      this.#gone(path, damagedRecord("note of discovered inputs", path, this.#options.isRepair))
    }
    return count
  }

  /** Tells what is named and not there. */
  #lost(what: string, path: string, contents: readonly Content[]): void {
    const lost = contents.flatMap((content) => {
      const at = content.form === "tree" ? this.#store.path("tree", content.digest) : this.#store.blobPath(content)
      return statIfThere(at) === undefined ? [at] : []
    })
    if (lost.length > 0) this.#gone(path, lostContents(what, path, lost, this.#options.isRepair))
  }

  #gone(path: string, diagnostic: Diagnostic): void {
    this.#tell(diagnostic)
    if (this.#options.isRepair) unlinkIfThere(path)
  }

  #tell(diagnostic: Diagnostic): void {
    this.wrong++
    this.#options.emit({ type: "wrong", diagnostic })
  }

  *#named(room: Room): Generator<{ path: string; digest: Digest; suffix: "file" | "exec" }> {
    const root = join(this.#store.root, room)
    for (const shard of ifThere(() => readdirSync(root)) ?? [])
      for (const name of ifThere(() => readdirSync(join(root, shard))) ?? []) {
        const [, digest, suffix] = /^([0-9a-f]{64})(\.x)?$/.exec(shard + name) ?? []
        if (digest !== undefined)
          yield {
            path: join(root, shard, name),
            digest: digest as Digest,
            suffix: suffix === undefined ? "file" : "exec",
          }
      }
  }
}

const contentOfEntry = (entry: Listing[number]): readonly Content[] =>
  entry.form === "file" || entry.form === "exec" ? [entry] : []
