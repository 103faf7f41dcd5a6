// What lies in the store, what each thing takes on the disk, what it needs, and when it was last of use. A thing is named by its path
// in the store. Reads only; nothing here decides what may go.

import type { Stats } from "node:fs"
import { join } from "node:path"
import { setImmediate as breathe } from "node:timers/promises"
import type { Digest } from "../base/digest.ts"
import { ifThere, readIfThere, statIfThere, walk } from "../base/files.ts"
import { lstatSync, readdirSync } from "../base/fs.ts"
import { keyOf, withoutDiscovered } from "../graph/manifest.ts"
import { blobThing } from "./blobs.ts"
import { type Content, parseListing } from "./content.ts"
import { parseResult } from "./result.ts"
import { type Room, rooms, type Thing, thingOf } from "./rooms.ts"
import { reserveOf } from "./sweep.ts"

/** Something that is kept for its own sake, with whatever it needs, as long as it is of use. */
export interface Kept {
  readonly thing: Thing
  readonly lastUseMs: number
}

const blockBytes = 512
const breathMs = 50

/** Everything that a digest may stand for. */
export const thingsOf = (digest: Digest): readonly Thing[] => [
  ...rooms.map((room) => thingOf(room, digest)),
  blobThing({ form: "exec", digest }),
]

const digestIn = (thing: Thing): Digest => thing.slice(thing.indexOf("/")).replace(/\/|\.x$/g, "") as Digest

export class Inventory {
  readonly #root: string
  /** What each thing takes on the disk, in bytes. */
  readonly sizes = new Map<Thing, number>()
  /** What the directories of the rooms take, and the reserve; they stay. */
  baseBytes = 0
  /** Results, downloads, and directories that actions left. */
  readonly kept: Kept[] = []

  private constructor(root: string) {
    this.#root = root
  }

  /** Looks through the store; `progress` is told how many things there are so far. */
  static async of(root: string, progress: (things: number) => void): Promise<Inventory> {
    const inventory = new Inventory(root)
    const reserve = statIfThere(reserveOf(root))
    if (reserve !== undefined) inventory.baseBytes += sizeOf(reserve)
    let breath = performance.now()
    for (const room of rooms) {
      for (const shard of namesIn(join(root, room))) {
        inventory.baseBytes += sizeOf(lstatSync(join(root, room, shard)))
        for (const name of namesIn(join(root, room, shard))) inventory.#add(room, `${room}/${shard}/${name}`)
        if (performance.now() - breath < breathMs) continue
        progress(inventory.sizes.size)
        await breathe()
        breath = performance.now()
      }
    }
    for (const name of namesIn(join(root, "keep"))) inventory.#keep(`keep/${name}`)
    for (const name of namesIn(join(root, "work")))
      if (/^resume\.[0-9a-f]+$|^action\.\d+\.\d+$/.test(name)) inventory.#keep(`work/${name}`)
    return inventory
  }

  /** The process that made a directory in `work/`; undefined for one that any may go on with, and for all else. */
  static makerOf(thing: Thing): number | undefined {
    const pid = /^work\/action\.(\d+)\./.exec(thing)?.[1]
    return pid === undefined ? undefined : Number(pid)
  }

  #add(room: Room, thing: Thing): void {
    const path = join(this.#root, thing)
    const stat = statIfThere(path)
    // A name that is no such thing's is being written, or somebody else's.
    if (stat === undefined || !/\/[0-9a-f]{2}\/[0-9a-f]{62}(\.x)?$/.test(thing)) return
    this.sizes.set(thing, room === "checkout" ? directoryBytes(path, stat) : sizeOf(stat))
    if (room === "result") this.kept.push({ thing, lastUseMs: stat.mtimeMs })
  }

  #keep(thing: Thing): void {
    const path = join(this.#root, thing)
    const stat = statIfThere(path)
    if (stat === undefined) return
    this.sizes.set(thing, stat.isDirectory() ? directoryBytes(path, stat) : sizeOf(stat))
    const inner = ["build", "kept", "boot"].map((name) => statIfThere(join(path, name))?.mtimeMs ?? 0)
    this.kept.push({ thing, lastUseMs: Math.max(stat.mtimeMs, ...inner) })
  }

  /** What a thing needs to be of use. Of one that is not sound: nothing. */
  needs(thing: Thing): readonly Thing[] {
    if (thing.startsWith("tree/")) return this.#inTree(thing)
    if (!thing.startsWith("result/")) return []
    const result = parseResult(readIfThere(join(this.#root, thing)) ?? "", digestIn(thing))
    if (result === undefined) return []
    const declared = keyOf(withoutDiscovered(result.manifest))
    return [thingOf("discovered", declared), ...Object.values(result.outputs).map(thingOfContent)]
  }

  #inTree(thing: Thing): readonly Thing[] {
    const listing = parseListing(readIfThere(join(this.#root, thing)) ?? "") ?? []
    const files = listing.flatMap((entry) =>
      entry.form === "file" || entry.form === "exec" ? [thingOfContent(entry)] : [],
    )
    return [thingOf("checkout", digestIn(thing)), ...files]
  }
}

/** The thing that a content is. */
export const thingOfContent = ({ form, digest }: Pick<Content, "form" | "digest">): Thing =>
  form === "tree" ? thingOf("tree", digest) : blobThing({ form, digest })

const namesIn = (directory: string): readonly string[] => ifThere(() => readdirSync(directory)) ?? []

const sizeOf = ({ blocks }: Stats): number => blocks * blockBytes

/** What a directory takes, without files that have another name: those of a checkout are blobs. */
function directoryBytes(path: string, stat: Stats): number {
  let bytes = sizeOf(stat)
  const isOwn = (one: Stats) => !one.isFile() || one.nlink === 1
  try {
    for (const entry of walk(path)) if (isOwn(entry.stat)) bytes += sizeOf(entry.stat)
  } catch {
    // It has changed meanwhile, or holds names that are not UTF-8: what was counted is enough.
  }
  return bytes
}
