// The work directory of a resumable action: named by the key, kept when a run is interrupted or fails, and used again by the next run
// of the same key. One engine at a time holds it, by a lock beside it. Only build/ is taken over: what the action finds there is as
// the interrupted run left it, and its own make or ninja goes on from that. Knows nothing of what is in it.

import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { isOfThisBoot, noteThisBoot, unwrittenSince } from "../base/boot.ts"
import { removeAll, statIfThere, walk } from "../base/files.ts"
import { mkdirSync, readdirSync, renameSync, utimesSync } from "../base/fs.ts"
import { tryLock } from "../base/lock.ts"
import type { Key } from "../graph/manifest.ts"
import type { Action } from "../graph/target.ts"
import type { Account } from "./meter.ts"
import type { Order } from "./order.ts"

/** A directory that this engine holds. */
export interface HeldDirectory {
  readonly path: string
  /** Lets go of it; what is in it stays. */
  release(): void
}

const pollMs = 500
const bootFile = "boot"
/** What the runs took up to now. */
const spentFile = "spent"
/** Older than whatever an action is given, so that make and ninja take the file for stale. In s. */
const staleSeconds = 1

/** Whether a run of this action may go on from another's: only where no process of that one can still be alive. */
export const mayResume = ({ bwrap }: Pick<Order, "bwrap">, { isResumable }: Action): boolean =>
  isResumable && bwrap !== undefined

/** Takes the directory of this key; while another engine has it, waits and says for whom. */
export async function holdDirectory(
  { store, target, emit, signal }: Pick<Order, "store" | "target" | "emit" | "signal">,
  key: Key,
): Promise<HeldDirectory> {
  const path = join(store.root, "work", `resume.${key}`)
  let said = 0
  for (;;) {
    const held = await tryLock(`${path}.lock`)
    if (typeof held === "function") return { path, release: held }
    const words = `waiting for process ${held.pid}, which runs the same (${held.command})`
    if (held.pid !== said) emit({ type: "progress", target, fraction: undefined, words })
    said = held.pid
    await sleep(pollMs, undefined, { signal })
  }
}

/** Makes the directory ready for a run. True if an earlier one left something in it, from which this one goes on. */
export function claimDirectory(directory: string, account: Account): boolean {
  const goesOn = claim(directory)
  account.keepIn(join(directory, spentFile))
  return goesOn
}

function claim(directory: string): boolean {
  const goesOn = statIfThere(join(directory, "build")) !== undefined
  mkdirSync(directory, { recursive: true })
  const note = join(directory, bootFile)
  if (goesOn && !isOfThisBoot(note)) distrustLatest(join(directory, "build"))
  const kept = goesOn ? ["build", spentFile] : ["build"]
  for (const name of readdirSync(directory)) if (!kept.includes(name)) removeAll(join(directory, name))
  noteThisBoot(note)
  return goesOn
}

/** After a power cut the latest files may be cut short: they get a date that makes whoever goes by dates write them again. */
function distrustLatest(build: string): void {
  const files = [...walk(build)].filter(({ stat }) => stat.isFile())
  const since = unwrittenSince(files.map(({ stat }) => stat.mtimeMs))
  for (const { path, stat } of files) {
    if (stat.mtimeMs >= since) utimesSync(join(build, path), staleSeconds, staleSeconds)
  }
}

/** Gives a directory that is no longer needed another name, under which it can be removed. */
export function spendDirectory({ store }: Pick<Order, "store">, directory: string): string {
  const spent = store.makeWork()
  renameSync(directory, spent)
  return spent
}
