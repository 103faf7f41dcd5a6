// How a collection goes together with engines that use the store at the same time. An engine leaves a file `work/engine.…` as long as
// it runs, and listens. A collection that has made up its mind takes the hold and rings at each of them; an engine then writes down, at
// once, what it uses, and stands still until the hold is let go of. So nothing is looked for or stored while things are removed, and
// nothing is removed that was looked for or stored. An engine that starts meanwhile waits. A killed process holds nothing.
//
//   engine                              collection
//   writes its file, listens            takes the hold
//   waits while there is a hold         rings at each engine that has a file
//   works …                             waits until each has written what it uses
//   rung at: writes what it uses        removes what nobody uses
//   stands still while there is a hold  lets go

import { connect, createServer } from "node:net"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { readIfThere, statIfThere, unlinkIfThere } from "../base/files.ts"
import { fingerprintOf } from "../base/fingerprint.ts"
import { readdirSync, renameSync, writeFileSync } from "../base/fs.ts"
import { type Holder, heldBy, holderIn, isAlive, thisProcess, tryLock } from "../base/lock.ts"
import { busyEngineError, collectingError } from "../graph/errors.ts"
import type { Store } from "./store.ts"
import { isFullError, withReserve } from "./sweep.ts"

const pollMs = 5
/** An engine that has not answered after this long (in ms) is stopped, or stuck; those that stand still must not wait for it. */
const answerMs = 20_000

const holdPath = (store: Store): string => join(store.root, "work", "hold")
const answerPath = (file: string): string => `${file}.uses`
/** In the kernel, so it ends with the process. */
const bellOf = (file: string): string => `\0hashmake engine ${fingerprintOf(file)}`

/** The engines of this process: whichever of them is rung at, all of them stand still, so all have to answer. */
const entered = new Map<string, Store>()

/** Says that this process uses the store, and from now on what of it; what this gives is to be called when it no longer does. */
export async function enter(store: Store): Promise<() => void> {
  const file = store.freshWork("engine")
  const bell = createServer((ringing) => {
    ringing.on("error", () => {}).destroy()
    standStill(store)
  })
  await new Promise<void>((resolve, reject) => bell.once("error", reject).listen(bellOf(file), resolve))
  bell.unref()
  entered.set(file, store)
  const leave = () => {
    entered.delete(file)
    bell.close()
    unlinkIfThere(file)
    unlinkIfThere(answerPath(file))
  }
  try {
    writeFileSync(file, JSON.stringify(thisProcess()))
    while (heldBy(holdPath(store)) !== undefined) await sleep(pollMs)
  } catch (thrown) {
    leave()
    throw thrown
  }
  return leave
}

/** All in one turn of the event loop: what is written down is what is used until the hold ends. */
function standStill(store: Store): void {
  const holder = heldBy(holdPath(store))
  if (holder === undefined || holder.pid === process.pid) return
  for (const [file, { used, root }] of entered) if (root === store.root && !answers(file, used)) return
  const never = new Int32Array(new SharedArrayBuffer(4))
  while (heldBy(holdPath(store)) !== undefined) Atomics.wait(never, 0, 0, pollMs)
}

/** False where there is no space for it: then nothing is removed. */
function answers(file: string, used: ReadonlySet<string>): boolean {
  try {
    writeFileSync(`${file}.new`, [...used].join("\n"))
    renameSync(`${file}.new`, answerPath(file))
    return true
  } catch (thrown) {
    if (isFullError(thrown)) return false
    throw thrown
  }
}

/** Makes this process the only one that collects or verifies. Throws a BuildError if another does; gives how to end. */
export async function collectAlone(store: Store): Promise<() => void> {
  const held = await withReserve(store.root, () => tryLock(join(store.root, "work", "collection")))
  if (typeof held !== "function") throw collectingError(held.pid)
  return held
}

/**
 * Does `work` while every engine stands still; it is told what they use, and whether there are any. Throws a BuildError if one does not
 * answer.
 */
export async function whileHeld<T>(store: Store, work: (used: ReadonlySet<string>, engines: number) => T): Promise<T> {
  const release = await tryLock(holdPath(store))
  if (typeof release !== "function") throw collectingError(release.pid)
  try {
    const engines = enginesIn(store)
    // Those to a collection that was killed; before any is rung at, as one may answer for others of its process.
    for (const [file] of engines) unlinkIfThere(answerPath(file))
    const answers = await Promise.all(engines.map(([file, holder]) => usesOf(file, holder)))
    const used = answers.flatMap((answer) => answer ?? [])
    return work(new Set(used), answers.filter((answer) => answer !== undefined).length)
  } finally {
    release()
  }
}

function enginesIn(store: Store): readonly (readonly [file: string, Holder])[] {
  const work = join(store.root, "work")
  return readdirSync(work).flatMap((name) => {
    if (!/^engine\.\d+\.\d+\.new$/.test(name)) return []
    const holder = holderIn(readIfThere(join(work, name)) ?? "")
    return holder !== undefined && isAlive(holder) ? [[join(work, name), holder] as const] : []
  })
}

/** What an engine uses; undefined if it has ended. */
async function usesOf(file: string, holder: Holder): Promise<readonly string[] | undefined> {
  connect(bellOf(file))
    .on("error", () => {})
    .unref()
  const since = performance.now()
  for (;;) {
    const answer = readIfThere(answerPath(file))
    if (answer !== undefined) return answer.split("\n")
    if (statIfThere(file) === undefined || !isAlive(holder)) return undefined
    if (performance.now() - since > answerMs) throw busyEngineError(holder.pid, holder.command)
    await sleep(pollMs)
  }
}
