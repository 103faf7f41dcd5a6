// After a power cut a file that was written lately may hold other bytes than were written, and have the length and the times that they
// had: a kernel writes both down when it sees fit. So once the machine has started anew, what changed last is not believed by its stat.

import { readIfThere, writeWhole } from "./files.ts"

/** What a kernel may not have written yet when the power goes: what changed in this long, in ms. */
const unwrittenMs = 120_000

const thisBoot = (): string => readIfThere("/proc/sys/kernel/random/boot_id") ?? ""

/** Whether a note was made since the machine started. */
export const isOfThisBoot = (note: string): boolean => readIfThere(note) === thisBoot()

export const noteThisBoot = (note: string): void => writeWhole(note, thisBoot())

/** From which time on (in ms) what changed at these times may not be on the disk; those from `endMs` on, of the system's clock, are no guide. */
export function unwrittenSince(timesMs: Iterable<number>, endMs = Date.now()): number {
  let latest = 0
  for (const time of timesMs) if (time > latest && time < endMs) latest = time
  return latest - unwrittenMs
}
