// On what terms an action runs: how much of the machine it takes, for how long and how often, with the terminal or without. None of it
// changes a result, so none of it is part of a key.

import { poolTwiceError, termError } from "./errors.ts"
import type { Target } from "./target.ts"

/** A bound of its own for actions of one kind. */
export interface NamedPool {
  /** What those who share it call it. */
  readonly name: string
  /** How many of them run at once, from 1: the same for all who name it. */
  readonly slots: number
}

/** What the machine that an action runs on must be like. */
export interface MachineNeeds {
  /** Its processor, as `uname -m` says it. What needs another is not even begun. */
  readonly processor?: string
  /** How much memory it must have, in bytes, whatever else uses it. */
  readonly memoryBytes?: number
  /** How much space, in bytes, must be free in the store's file system when the action starts. */
  readonly diskBytes?: number
}

/** On what terms an action runs. They do not count for its key: who changes them runs nothing again. */
export interface Terms {
  /** How many slots it takes, from 1, and what it finds as `$JOBS`; more than there are means all. Default: 1, and `$JOBS` is all. */
  readonly slots?: number | undefined
  /**
   * How much memory it is going to use, in bytes: `6 * 2 ** 30`. It waits until so much is left of what the machine has available when
   * the first such action comes (or the engine is given), or no other that says what it uses runs.
   */
  readonly memoryBytes?: number | undefined
  /** At most `slots` of the actions that name this pool run at once: `{ name: "link", slots: 2 }`. Each takes its slots besides. */
  readonly pool?: NamedPool | undefined
  /**
   * Of a command whose children are clients of GNU make's jobserver: they find one in `MAKEFLAGS`, and run as much at once as there are
   * free slots. `pipe`, by inherited descriptors: every GNU make, cargo. `fifo`, by a named pipe: ninja from 1.13, GNU make from 4.4,
   * cargo. They must be started without `-j`: with it they leave the jobserver.
   */
  readonly jobserver?: "pipe" | "fifo" | undefined
  /**
   * How often it is run again if it fails or takes too long, from 0; each time is told by a `retry` event and in its log. What the
   * Buildfile is wrong about, such as an output that it does not write, is not tried again. Default: 0.
   */
  readonly retries?: number | undefined
  /**
   * How long it may take, in ms, each time it is run: then it is ended with all its children (SIGTERM, and SIGKILL 3 s later), and has
   * failed. A function is told by its `signal`, and no longer waited for. Default: as long as it likes.
   */
  readonly timeoutMs?: number | undefined
  /**
   * Whether it has the terminal: what it says is shown there and not logged, what is typed is its own, and nothing else is shown
   * meanwhile. One at a time has it. Unlike a session it is sandboxed and cached as any action. Ctrl-C ends the build. Default: no.
   */
  readonly terminal?: boolean | undefined
  /** What the machine must be like: an error, before the action starts, where it is not. Default: anything will do. */
  readonly machine?: MachineNeeds | undefined
}

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 1

const whole = "a whole number from 1"
/** More than a timer takes. */
const mostMs = 2 ** 31 - 1

/** What is wrong with terms: the term, and what was expected. */
function wrongTerm(terms: Terms): readonly [string, string] | undefined {
  const { slots = 1, memoryBytes = 1, pool, jobserver = "pipe", retries = 0, timeoutMs = 1, terminal = false } = terms
  const { processor = "", memoryBytes: leastMemory = 1, diskBytes = 1, ...strange } = terms.machine ?? {}
  if (!isCount(slots)) return ["slots", whole]
  if (!(memoryBytes > 0 && Number.isFinite(memoryBytes))) return ["memoryBytes", "a number of bytes above 0"]
  if (pool !== undefined && !isCount(pool.slots)) return ["pool", `a name and a number of slots, ${whole}`]
  if (!["pipe", "fifo"].includes(jobserver)) return ["jobserver", "`pipe` or `fifo`"]
  if (!(Number.isSafeInteger(retries) && retries >= 0)) return ["retries", "a whole number from 0"]
  if (!(timeoutMs > 0 && timeoutMs <= mostMs)) return ["timeoutMs", `a number of ms above 0, at most ${mostMs}`]
  if (typeof terminal !== "boolean") return ["terminal", "`true` or `false`"]
  if (typeof processor !== "string" || Object.keys(strange).length > 0 || typeof (terms.machine ?? {}) !== "object")
    return ["machine", "`processor`, `memoryBytes` and `diskBytes` at most"]
  if (![leastMemory, diskBytes].every((bytes) => bytes > 0 && Number.isFinite(bytes)))
    return ["machine", "numbers of bytes above 0"]
  return undefined
}

const shown = (value: unknown): string => (typeof value === "number" ? String(value) : JSON.stringify(value))

/** Throws a BuildError for terms that no action can run on, and for a pool of two sizes. */
export function checkTerms(targets: readonly Target[]): void {
  const pools = new Map<string, readonly [Target, number]>()
  for (const target of targets) {
    const { terms = {} } = target.action ?? {}
    const [term, expected = ""] = wrongTerm(terms) ?? []
    if (term !== undefined) throw termError(target, term, shown(terms[term as keyof Terms]), expected)
    if (terms.pool === undefined) continue
    const { name, slots } = terms.pool
    const [other, size] = pools.get(name) ?? [target, slots]
    if (size !== slots) throw poolTwiceError(name, [other, size], [target, slots])
    pools.set(name, [target, slots])
  }
}

/** What says on what terms an action runs. */
export const termNames = [
  "slots",
  "memoryBytes",
  "pool",
  "jobserver",
  "retries",
  "timeoutMs",
  "terminal",
  "machine",
] as const satisfies (keyof Terms)[]
const none: Terms = {}

/** Whether an action runs as any other does. */
export const hasNoTerms = (terms: Terms): boolean => terms === none

/** The terms among what was said of a target. */
export function termsOf(said: Terms): Terms {
  const own = termNames.filter((name) => said[name] !== undefined)
  return own.length === 0 ? none : Object.fromEntries(own.map((name) => [name, said[name]]))
}
