// A build of what was built before: compares what is remembered with what is there, and evaluates no Buildfile. Most builds have
// nothing to do, and end here.

import { join } from "node:path"
import { fingerprintOf } from "../lib/base/fingerprint.ts"
import { existsSync } from "../lib/base/fs.ts"
import { areStill, type Taken } from "../lib/load/reads.ts"
import { counted, duration, paint } from "../lib/report/words.ts"
import { markOf } from "../lib/store/journal.ts"
import { Remembered } from "../lib/store/remembered.ts"
import { DamagedError } from "../lib/store/sections.ts"
import { staleTargets } from "../lib/store/stale.ts"
import type { Typed } from "./options.ts"
import { say } from "./stderr.ts"

/** Where the graph of these targets with these variables is remembered. */
export function rememberedPath({ words, variables, sandbox }: Typed, root: string): string {
  const asked = JSON.stringify([words, Object.entries(variables).sort(), sandbox])
  return join(root, ".hashmake", "graph", fingerprintOf(asked))
}

/** Whether it is known for certain that there is nothing to do; `among` are the only paths that may have changed. */
export function isIdle(typed: Typed, root: string, among: ReadonlySet<string>): boolean {
  return ifSound(false, () => {
    const remembered = open(rememberedPath(typed, root), root)
    if (remembered === undefined) return false
    const stale = staleIn(remembered, root, among)
    remembered.close()
    return stale?.length === 0
  })
}

/** The modules that the Buildfile was evaluated with, as far as that is remembered. */
export function modulesOf(typed: Typed, root: string): readonly string[] {
  return ifSound([], () => {
    const remembered = Remembered.open(rememberedPath(typed, root), root)
    const { modules = [] } = (remembered?.head.reads ?? {}) as Partial<Taken>
    remembered?.close()
    return modules.map(([path]) => path)
  })
}

/** What is read of something remembered; `otherwise` where that is damaged. */
function ifSound<T>(otherwise: T, read: () => T): T {
  try {
    return read()
  } catch (thrown) {
    if (thrown instanceof DamagedError) return otherwise
    throw thrown
  }
}

/** Builds what was typed, if it is remembered and nothing but files changed; gives the exit status. */
export async function quick(typed: Typed, root: string): Promise<number | undefined> {
  if (typed.isHelp || typed.dryRun || typed.rest.length > 0 || typed.owned.length > 0) return undefined
  try {
    return await fromMemory(typed, root)
  } catch (thrown) {
    if (thrown instanceof DamagedError) return undefined
    throw thrown
  }
}

async function fromMemory(typed: Typed, root: string): Promise<number | undefined> {
  // `performance` would be loaded first.
  const started = process.hrtime.bigint()
  const since = Date.now()
  const remembered = open(rememberedPath(typed, root), root)
  if (remembered === undefined) return undefined
  const stale = isTold(typed) ? undefined : staleIn(remembered, root)
  if (stale?.length === 0) {
    const { actions } = remembered.head
    const tookMs = Number(process.hrtime.bigint() - started) / 1e6
    if (typed.level !== "quiet") say(doneLine(typed.isColoured, actions, tookMs))
    return 0
  }
  const { remake } = await import("./make.ts")
  return remake(typed, root, { remembered, since, stale })
}

/** Whether somebody reads the events of a build, even of one that does nothing. */
const isTold = ({ json, trace, report }: Typed): boolean => json || trace !== undefined || report !== undefined

function open(path: string, root: string): Remembered | undefined {
  const remembered = existsSync(path) ? Remembered.open(path, process.cwd() === root ? "." : root) : undefined
  if (remembered === undefined) return undefined
  const reads = remembered.head.reads as Taken
  if (areStill(reads, root, `${path}.globs`) && remembered.areToolsAsLeft(process.env.PATH ?? "")) return remembered
  remembered.close()
  return undefined
}

/** The targets that need a closer look; undefined if something was built since: then more than files says so. */
function staleIn(remembered: Remembered, root: string, among?: ReadonlySet<string>): readonly number[] | undefined {
  const mark = markOf(join(root, ".hashmake", "journal"))
  const { id, length } = remembered.checked
  return mark?.id === id && mark.length === length ? staleTargets(remembered, undefined, among) : undefined
}

function doneLine(isColoured: boolean, actions: number, tookMs: number): string {
  const { green } = paint(isColoured)
  const counts = { "up-to-date": actions, restored: 0, built: 0, failed: 0, skipped: 0, cancelled: 0 }
  return `${green("done")} in ${duration(tookMs)}: ${counted(counts)}`
}
