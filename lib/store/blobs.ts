// The contents of files, by digest. Every blob has the same mtime, so one that was written to later is seen by its stat, and then
// read again; one that is not what it was is removed.

import { join } from "node:path"
import { type Digest, digestFile, digestOf } from "../base/digest.ts"
import { errorCode, statIfThere, unlinkIfThere, writeAll } from "../base/files.ts"
import {
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  fchmodSync,
  futimesSync,
  linkSync,
  lstatSync,
  openSync,
  readFileSync,
  renameSync,
  utimesSync,
} from "../base/fs.ts"
import { epochSeconds } from "../graph/command.ts"
import type { Content } from "./content.ts"
import { type Rooms, type Thing, thingOf } from "./rooms.ts"
import { formOf } from "./stat.ts"

/** Files up to this size (in bytes) are copied through memory. */
const smallBytes = 1 << 18

type Form = "file" | "exec"

/** The content of one file. */
export type FileContent = Content & { readonly form: Form }

/** The name of a blob. */
export const blobThing = ({ form, digest }: Pick<Content, "form" | "digest">): Thing =>
  thingOf("blob", digest, form === "exec" ? ".x" : "")

export class Blobs {
  readonly #rooms: Rooms
  readonly #onDamage: (path: string) => void

  /** `onDamage` is told of each blob that was not what it was, and has been removed. */
  constructor(rooms: Rooms, onDamage: (path: string) => void) {
    this.#rooms = rooms
    this.#onDamage = onDamage
  }

  path(content: Pick<Content, "form" | "digest">): string {
    return join(this.#rooms.root, blobThing(content))
  }

  /** Takes a file over; `path` is then another name of the blob. */
  link(path: string, { size: sizeBytes, mode } = lstatSync(path)): FileContent {
    const form = formOf(mode)
    // Whoever wrote it may have taken from its owner what it takes to read it.
    if ((mode & 0o400) === 0) chmodSync(path, modeOf(form))
    const content = { form, digest: digestFile(path, sizeBytes), sizeBytes }
    this.#keep(path, content)
    return content
  }

  /** Takes a file over; it is moved. */
  move(path: string): FileContent {
    const content = this.link(path)
    unlinkIfThere(path)
    return content
  }

  /** Stores a copy of a file, which stays where it is. */
  copy(path: string, form: Form, { size } = lstatSync(path)): FileContent {
    if (size <= smallBytes) return this.write(readFileSync(path), form)
    const fresh = this.#rooms.fresh("copy")
    copyFileSync(path, fresh, constants.COPYFILE_FICLONE)
    chmodSync(fresh, modeOf(form))
    return this.move(fresh)
  }

  /** Stores bytes. */
  write(bytes: Uint8Array, form: Form): FileContent {
    const content = { form, digest: digestOf(bytes), sizeBytes: bytes.length }
    const blob = this.path(content)
    if (this.has(content)) return content
    const fresh = this.#rooms.fresh("blob")
    const file = openSync(fresh, "wx", 0o644)
    try {
      writeAll(file, bytes)
      fchmodSync(file, modeOf(form))
      futimesSync(file, epochSeconds, epochSeconds)
    } finally {
      closeSync(file)
    }
    this.#rooms.makeParent(blob)
    renameSync(fresh, blob)
    return content
  }

  /** Whether a blob is there, whole. One that was touched is read again. */
  has(content: Pick<Content, "form" | "digest" | "sizeBytes">): boolean {
    this.#rooms.used.add(content.digest)
    const path = this.path(content)
    const stat = statIfThere(path)
    if (stat === undefined) return false
    if (stat.size === content.sizeBytes && stat.mtimeMs === epochSeconds * 1000) return true
    if (stat.size === content.sizeBytes && digestFile(path, stat.size) === content.digest) {
      utimesSync(path, epochSeconds, epochSeconds)
      return true
    }
    unlinkIfThere(path)
    this.#onDamage(path)
    return false
  }

  /** The path of a blob of this digest that is no executable file, if it is there, whole. */
  find(digest: Digest): string | undefined {
    const path = this.path({ form: "file", digest })
    const sizeBytes = statIfThere(path)?.size
    return sizeBytes !== undefined && this.has({ form: "file", digest, sizeBytes }) ? path : undefined
  }

  /** Makes `path` and the blob one file; where there is such a blob already, `path` becomes that one. */
  #keep(path: string, content: FileContent): void {
    const blob = this.path(content)
    if (this.has(content)) return this.#replaceByLink(blob, path)
    chmodSync(path, modeOf(content.form))
    utimesSync(path, epochSeconds, epochSeconds)
    this.#rooms.makeParent(blob)
    try {
      linkSync(path, blob)
    } catch (thrown) {
      if (errorCode(thrown) !== "EEXIST") throw thrown
      this.#replaceByLink(blob, path)
    }
  }

  #replaceByLink(blob: string, path: string): void {
    const fresh = this.#rooms.fresh("link")
    linkOrCopy(blob, fresh)
    renameSync(fresh, path)
    unlinkIfThere(fresh) // rename does nothing when both names are the same file already
  }
}

const modeOf = (form: Form): number => (form === "exec" ? 0o755 : 0o644)

/** A second name for a blob; a copy, where the file system takes no more names for it (ext4: 65,000). */
export function linkOrCopy(blob: string, path: string): void {
  try {
    linkSync(blob, path)
  } catch (thrown) {
    if (errorCode(thrown) !== "EMLINK") throw thrown
    copyFileSync(blob, path, constants.COPYFILE_FICLONE)
    utimesSync(path, epochSeconds, epochSeconds)
  }
}
