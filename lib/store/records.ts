// Small texts by key. When one was last of use is its mtime, kept to the day: a collection goes by it.

import type { Digest } from "../base/digest.ts"
import { ifThere, readIfThere, statIfThere, unlinkIfThere } from "../base/files.ts"
import { lstatSync, renameSync, utimesSync, writeFileSync } from "../base/fs.ts"
import type { Rooms } from "./rooms.ts"

type Room = "result" | "discovered"

const dayMs = 86_400_000

export class Records {
  readonly #rooms: Rooms
  readonly #onDamage: (path: string) => void

  constructor(rooms: Rooms, onDamage: (path: string) => void) {
    this.#rooms = rooms
    this.#onDamage = onDamage
  }

  /** The text stored under a key, if any. */
  read(room: Room, key: Digest): string | undefined {
    this.#rooms.used.add(key)
    const path = this.#rooms.path(room, key)
    // A power cut may leave an empty one; what is thrown of one that is not there would cost more than a look.
    return statIfThere(path) === undefined ? undefined : readIfThere(path) || undefined
  }

  write(room: Room, key: Digest, text: string): void {
    this.#rooms.used.add(key)
    const path = this.#rooms.path(room, key)
    this.#rooms.makeParent(path)
    const fresh = this.#rooms.fresh("record")
    try {
      writeFileSync(fresh, text)
      renameSync(fresh, path)
    } catch (thrown) {
      unlinkIfThere(fresh)
      throw thrown
    }
  }

  /** Notes that a record was of use, unless that was noted less than a day ago. */
  touch(room: Room, key: Digest): void {
    const path = this.#rooms.path(room, key)
    ifThere(() => touch(path, lstatSync(path).mtimeMs))
  }

  /** Removes a record that is damaged, and says so. */
  drop(room: Room, key: Digest): void {
    const path = this.#rooms.path(room, key)
    unlinkIfThere(path)
    this.#onDamage(path)
  }
}

/** Notes that what was last used then is used now. A time to come is none. */
export function touch(path: string, lastMs: number): void {
  const now = Date.now()
  if (lastMs < now - dayMs || lastMs > now + dayMs) utimesSync(path, now / 1000, now / 1000)
}
