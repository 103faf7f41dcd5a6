// What lies where in the content-addressed store, which every checkout and engines that run at the same time share.
//
//   blob/ab/cdef…       a file's content; cdef….x is the same content as an executable file
//   tree/ab/cdef…       a tree's listing
//   checkout/ab/cdef…/  a tree as a directory of hard links into blob/, for sandboxes to see; made when first needed
//   result/ab/cdef…     what the action of that key produced, and its manifest
//   discovered/ab/cdef… which files actions of that declared key have read besides
//   workspace/          the directories of checkouts that have used this store
//   keep/               downloads, finished and not
//   work/               directories of running and of failed actions
//   boot                the start of the machine after which it was last looked through (unwritten.ts)
//
// Whatever has its final name is whole: it was renamed there.

import { dirname, join } from "node:path"
import type { Digest } from "../base/digest.ts"
import { beside } from "../base/files.ts"
import { mkdirSync } from "../base/fs.ts"

/** Rooms whose things are named by a digest. */
export const rooms = ["result", "discovered", "tree", "checkout", "blob"] as const
export type Room = (typeof rooms)[number]

/** A thing's name: its path below the store's directory. */
export type Thing = string

/** The name of what a digest names in a room. */
export const thingOf = (room: Room, digest: string, suffix = ""): Thing =>
  `${room}/${digest.slice(0, 2)}/${digest.slice(2)}${suffix}`

/** The store's directory, what of it this process uses, and the directories in it that are known to be there. */
export class Rooms {
  readonly root: string
  /** Digests of whatever this process has looked for or stored, and names in `work/`: no collection removes these now (inuse.ts). */
  readonly used = new Set<string>()
  readonly #made = new Set<string>()

  constructor(root: string) {
    this.root = root
  }

  path(room: Room, digest: Digest): string {
    return join(this.root, thingOf(room, digest))
  }

  /** A name in `work/` that nothing else uses. */
  fresh(what: string): string {
    return beside(join(this.root, "work", what))
  }

  /** Makes the directory that will hold `path`, unless this has made it before. */
  makeParent(path: string): void {
    const parent = dirname(path)
    if (this.#made.has(parent)) return
    mkdirSync(parent, { recursive: true })
    this.#made.add(parent)
  }
}
