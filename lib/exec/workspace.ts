// The directory of one Buildfile while an engine works in it: its journal and logs, held by one engine at a time.

import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { isOfThisBoot, noteThisBoot } from "../base/boot.ts"
import { errorCode, makeDirectory, makeParent, readIfThere, removeAll, startOf, statIfThere } from "../base/files.ts"
import { fingerprintOf } from "../base/fingerprint.ts"
import { writeFileSync } from "../base/fs.ts"
import { tryLock } from "../base/lock.ts"
import { readOnlyError } from "../graph/errors.ts"
import type { BuildEvent } from "../graph/event.ts"
import { type Base, Journal } from "../store/journal.ts"
import { sweepPlaces } from "../store/place.ts"
import { keptMark } from "../store/sweep.ts"
import { bootNoteOf } from "../store/unwritten.ts"

/** An open workspace. Close it when done. */
export interface Workspace {
  readonly root: string
  readonly journal: Journal
  /** The path of a target's log. */
  log(target: string): string
  /** Keeps a failed action's directory, in the place of the one that it left before. */
  keepFailed(target: string, directory: string): void
  /** The directory of a target's last run, if that failed. */
  failed(target: string): string | undefined
  close(): void
}

/** What a note says is believed only of a directory that bears the mark: it will be removed with all that is in it. */
const isKept = (directory: string): boolean =>
  /^\/.*\/work\/action\.\d+\.\d+$/.test(directory) && statIfThere(join(directory, keptMark)) !== undefined

const pollMs = 100

export interface OpenOptions {
  readonly emit: (event: BuildEvent) => void
  readonly signal: AbortSignal | undefined
  /** What is known of the journal already. */
  readonly base: Base | undefined
}

/** Opens a workspace; while another engine holds it, waits and says for whom. */
export async function openWorkspace(root: string, { emit, signal, base }: OpenOptions): Promise<Workspace> {
  const own = join(root, ".hashmake")
  try {
    makeDirectory(own)
    const unlock = await hold(join(own, "lock"), emit, signal)
    sweepPlaces(root)
    const journal = new Journal(join(own, "journal"), base)
    distrustLatest(root, journal)
    // Names of targets may be long, and one the beginning of another.
    const note = (target: string) => join(own, "failed", fingerprintOf(target))
    const failed = (target: string) => {
      const directory = readIfThere(note(target))
      return directory !== undefined && isKept(directory) ? directory : undefined
    }
    const keepFailed = (target: string, directory: string) => {
      const before = failed(target)
      if (before !== undefined && before !== directory) removeAll(before)
      writeFileSync(join(directory, keptMark), "")
      makeParent(note(target))
      writeFileSync(note(target), directory)
    }
    const close = () => {
      try {
        journal.flush()
      } finally {
        unlock()
      }
    }
    const log = (target: string) => {
      const path = logPath(root, target)
      makeParent(path)
      return path
    }
    return { root, journal, log, keepFailed, failed, close }
  } catch (thrown) {
    if (["EROFS", "EACCES", "EPERM"].includes(errorCode(thrown) ?? "")) throw readOnlyError(own)
    throw thrown
  }
}

/** Once after each start of the machine. What is remembered is of the stats that are no longer believed. */
function distrustLatest(root: string, journal: Journal): void {
  const note = bootNoteOf(root)
  if (isOfThisBoot(note)) return
  removeAll(join(root, ".hashmake", "graph"))
  journal.distrustLatest()
  noteThisBoot(note)
}

async function hold(path: string, emit: (event: BuildEvent) => void, signal?: AbortSignal): Promise<() => void> {
  let said = 0
  for (;;) {
    const held = await tryLock(path)
    if (typeof held === "function") return held
    if (held.pid !== said) emit({ type: "waiting", pid: held.pid, command: held.command })
    said = held.pid
    await sleep(pollMs, undefined, signal === undefined ? {} : { signal })
  }
}

/** How long (in bytes) the parts of a log's name may be: ext4 takes 255. */
const mostBytes = 240

/** What leads elsewhere, and, of a directory, what is called as a file in log/ may be. */
const isStrange = (part: string, isDirectory: boolean): boolean =>
  /^\.{0,2}$/.test(part) || (isDirectory && /\.(txt|ndjson)$/.test(part))

/** Where the log of a target lies. Its name has parts that can be names of files, and no log lies where another needs a directory. */
export function logPath(root: string, target: string): string {
  const parts = target.split("/").map((part, i, { length }) => {
    const isFit = Buffer.byteLength(part) <= mostBytes && !isStrange(part, i < length - 1)
    return isFit ? part : `${part.slice(0, 60)}-${fingerprintOf(part)}`
  })
  return join(root, "log", `${parts.join("/")}.txt`)
}

/** Whether a file is the log of a target, which it names in its first line. */
export function isLog(root: string, path: string): boolean {
  const name = /^# (.+)/.exec(startOf(path))?.[1]
  return name !== undefined && logPath(root, name) === path
}
