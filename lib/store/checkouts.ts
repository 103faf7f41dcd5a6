// Trees as directories of hard links to blobs, for sandboxes to see. Everything in one has the same mtime, so that what was taken
// away, added or replaced is seen by a stat; a checkout that is not as it was made is put out of the way and made anew.

import { join } from "node:path"
import type { Digest } from "../base/digest.ts"
import { errorCode, ifThere, makeParent, removeAll, statIfThere } from "../base/files.ts"
import { lutimesSync, renameSync, utimesSync } from "../base/fs.ts"
import { epochSeconds } from "../graph/command.ts"
import type { Listing, TreeEntry } from "./content.ts"
import type { Rooms } from "./rooms.ts"

export class Checkouts {
  readonly #rooms: Rooms
  readonly #whole = new Set<Digest>()

  constructor(rooms: Rooms) {
    this.#rooms = rooms
  }

  /** The checkout of a tree, if there is one that is as it was made. */
  find(digest: Digest, listing: Listing): string | undefined {
    const path = this.#rooms.path("checkout", digest)
    if (this.#whole.has(digest)) return path
    if (statIfThere(path) === undefined) return undefined
    const top: TreeEntry = { path: "", form: "directory" }
    if ([top, ...listing].every((entry) => isUntouched(join(path, entry.path), entry))) {
      this.#whole.add(digest)
      return path
    }
    renameSync(path, this.#rooms.fresh("checkout"))
    return undefined
  }

  /** Makes a directory that holds the tree its checkout, unless there is one. */
  finish(directory: string, digest: Digest, listing: Listing): string {
    for (const { path: below, form } of listing.toReversed()) {
      if (form === "directory") utimesSync(join(directory, below), epochSeconds, epochSeconds)
      else if (form === "link") lutimesSync(join(directory, below), epochSeconds, epochSeconds)
    }
    utimesSync(directory, epochSeconds, epochSeconds)
    const path = this.#rooms.path("checkout", digest)
    makeParent(path)
    try {
      renameSync(directory, path)
    } catch (thrown) {
      if (!["ENOTEMPTY", "EEXIST"].includes(errorCode(thrown) ?? "")) throw thrown
      removeAll(directory)
    }
    return path
  }

  /** Puts all of them out of the way: any may hold a link to a blob that is damaged. */
  drop(): void {
    this.#whole.clear()
    ifThere(() => renameSync(join(this.#rooms.root, "checkout"), this.#rooms.fresh("checkouts")))
  }
}

/** Whether an entry of a checkout is there, with the one mtime that all of them have. */
function isUntouched(path: string, entry: TreeEntry): boolean {
  const stat = statIfThere(path)
  if (stat === undefined || stat.mtimeMs !== epochSeconds * 1000) return false
  if (entry.form === "directory") return stat.isDirectory()
  return entry.form === "link" ? stat.isSymbolicLink() : stat.isFile() && stat.size === entry.sizeBytes
}
