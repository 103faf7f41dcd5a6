// What a store may have lost in a power cut without a trace (see base/boot.ts). A blob that changed last is given another time than all
// sound ones have, so that whoever wants it reads it first; a checkout is made anew. Records and listings carry a digest of their own.

import { join } from "node:path"
import { isOfThisBoot, noteThisBoot, unwrittenSince } from "../base/boot.ts"
import { ifThere, statIfThere } from "../base/files.ts"
import { readdirSync, renameSync, utimesSync } from "../base/fs.ts"
import type { Room, Rooms } from "./rooms.ts"
import { grainMs } from "./stat.ts"
import { isFullError } from "./sweep.ts"

/** Where it is noted that a workspace was looked after since the machine started; `root` is its directory. */
export const bootNoteOf = (root: string): string => join(root, ".hashmake", "boot")

/** Once after each start of the machine; on a full disk, where that cannot be noted, more often. */
export function distrustLatest(rooms: Rooms): void {
  // Who starts at the same time notes that before anything is made.
  const endMs = Date.now() - grainMs
  const note = join(rooms.root, "boot")
  if (isOfThisBoot(note)) return
  const now = Date.now() / 1000
  for (const blob of latestIn(rooms, "blob", endMs)) ifThere(() => utimesSync(blob, now, now))
  for (const checkout of latestIn(rooms, "checkout", endMs))
    ifThere(() => renameSync(checkout, rooms.fresh("checkout")))
  try {
    noteThisBoot(note)
  } catch (thrown) {
    if (!isFullError(thrown)) throw thrown
  }
}

/** What changed last before `endMs`. The directories of a room tell when something came into them, so that most are not looked into. */
function* latestIn({ root }: Rooms, room: Room, endMs: number): Iterable<string> {
  const shards = statsIn(join(root, room))
  const since = unwrittenSince(
    shards.map(({ stat }) => stat.mtimeMs),
    endMs,
  )
  for (const shard of shards)
    if (shard.stat.mtimeMs >= since)
      for (const { path, stat } of statsIn(shard.path)) if (stat.ctimeMs >= since && stat.ctimeMs < endMs) yield path
}

const statsIn = (directory: string) =>
  (ifThere(() => readdirSync(directory)) ?? []).flatMap((name) => {
    const path = join(directory, name)
    const stat = statIfThere(path)
    return stat === undefined ? [] : [{ path, stat }]
  })
