// One action that must run, from its order to its recorded result. What it wrote is believed only if what it read is still what it was
// when it started. Decides nothing of when it runs, and puts nothing into the workspace.

import { setTimeout as sleep } from "node:timers/promises"
import type { Diagnostic } from "../base/diagnostic.ts"
import { pathIn, statIfThere } from "../base/files.ts"
import { actionFailure, changedToolFailure, noSpaceError } from "../graph/errors.ts"
import { chainTo, type Graph, type Makers } from "../graph/graph.ts"
import type { Action, Target } from "../graph/target.ts"
import type { Built } from "../store/journal.ts"
import { recordDiscovered, recordResult } from "../store/result.ts"
import { areAsLeft, grainMs } from "../store/stat.ts"
import { lastLines, type Ran, runAction } from "./action.ts"
import { changedSince, checkDiscovered } from "./discovered.ts"
import { isFull } from "./failure.ts"
import { changedInput } from "./inputs.ts"
import { type Declared, isMade, keyedWith } from "./lookup.ts"
import type { Machinery } from "./machinery.ts"
import type { Spent } from "./meter.ts"
import { type FailedStep, type Order, orderFor, type Told } from "./order.ts"
import { holdDirectory, mayResume } from "./resume.ts"
import type { Slot } from "./slot.ts"
import type { Surroundings } from "./surroundings.ts"

/** What is to run. */
export interface Run {
  readonly target: Target
  readonly action: Action
  readonly declared: Declared
  readonly slot: Slot | undefined
  /** To be called when it begins, which is later for what follows another. */
  readonly begin: () => void
  /** How urgent what needs it can be at most. */
  readonly nextPriority: number
  readonly told: Pick<Told, "verbose" | "signal" | "emit">
  /** How many slots there are. */
  readonly slots: number
  readonly graph: Graph
  readonly surroundings: Surroundings
  /** Whether something may still be started. */
  readonly mayStart: () => boolean
  /** Whether an input that was written to, and has the content that it had, counts as the same. */
  readonly isContentEnough: boolean
}

/** How it ended. */
export type RunEnd =
  | { readonly made: Omit<Built, "placed">; readonly isPlaced: boolean }
  | { readonly failed: Diagnostic }
  /** Nothing is known: this path changed meanwhile, or (undefined) another engine ran the same, or it was not begun. */
  | { readonly changed: string | undefined }

const logLines = 12
/** How long a function that was told to end is waited for, in ms; a program has been ended by force by then. */
const patienceMs = 5000

/** Runs an action and records what it made. Throws a BuildError where the Buildfile is wrong, and when the signal aborts. */
export async function perform(machinery: Machinery, run: Run): Promise<RunEnd> {
  const { target, action, declared, told } = run
  await settled(machinery, target)
  if (action.rule.kind === "command" && machinery.bwrap !== undefined) await machinery.checkSandbox()
  if (!mayResume(machinery, action)) return performIn(machinery, run, undefined)
  run.begin()
  const held = await holdDirectory({ target, store: machinery.store, ...told }, declared.key)
  try {
    // Another engine may have had it since this one looked for a result.
    return isMade(machinery, target, declared) ? { changed: undefined } : await performIn(machinery, run, held)
  } finally {
    // Only now: who waits for it finds the result.
    held.release()
  }
}

async function performIn(machinery: Machinery, run: Run, held: Order["held"]): Promise<RunEnd> {
  const { target, declared } = run
  const { ran, startedAt, spent } = await lastAttempt(machinery, run, held)
  if (ran === "again") return { changed: undefined }
  const changedTool = declared.isEngines ? undefined : machinery.toolbox.changed(run.action)
  const isDone = "outputs" in ran
  const trouble =
    changedTool !== undefined ? changedToolFailure(target, changedTool) : isDone ? undefined : troubleOf(machinery, run)
  const isOfUse = !isDone && (trouble === undefined || held !== undefined)
  if (ran.directory !== undefined && !isOfUse) machinery.discard(ran.directory)
  if (trouble !== undefined) throw trouble
  if (!isDone) return { failed: failureOf(machinery, run, ran, spent.durationMs) }
  checkDiscovered(target, ran.discovered, run.surroundings.makers)
  const { workspace } = machinery
  // An action may take away again what it wrote and read: once is enough for that.
  const isGoneAgain = (path: string) => run.isContentEnough && statIfThere(pathIn(workspace.root, path)) === undefined
  const isChanged = (path: string) =>
    changedSince(workspace.root, [path], startedAt) !== undefined &&
    !isGoneAgain(path) &&
    !isAsPlaced(workspace, run.surroundings.makers, path)
  const changed =
    changedInput(workspace, declared.inputs, run.isContentEnough) ?? ran.discovered.find((path) => isChanged(path))
  // After the wait the clock tells what changes from now on from what changed before.
  if (changed !== undefined) return sleep(grainMs, { changed })
  return { made: record(machinery, declared, ran, spent), isPlaced: ran.isPlaced }
}

/** Whether what lies at a path is what its maker gave. */
function isAsPlaced({ root, journal }: Machinery["workspace"], makers: Makers, path: string): boolean {
  const maker = makers.makerOf(path)
  const placed = maker === undefined ? [] : Object.values(journal.built(maker.name)?.placed ?? {}).flat()
  const left = placed.find(([at]) => at === path)
  return left !== undefined && areAsLeft(root, [left])
}

/** One attempt: how it ended, when it began (in ms of the system's clock), and what it took. */
interface Attempt {
  readonly ran: Ran | "again"
  readonly startedAt: number
  readonly spent: Spent
}

/** Runs an action as often as it may fail. */
async function lastAttempt(machinery: Machinery, run: Run, held: Order["held"]): Promise<Attempt> {
  const { target, action, told } = run
  const of = 1 + (action.terms.retries ?? 0)
  for (let number = 1; ; number++) {
    const attempt = await attemptOf(machinery, run, { held, attempt: { number, of } })
    const { ran } = attempt
    if (ran === "again" || "outputs" in ran || number === of || !run.mayStart()) return attempt
    if (ran.directory !== undefined && held === undefined) machinery.discard(ran.directory)
    told.emit({ type: "retry", target, attempt: number + 1, of, how: `${ran.step} ${ran.how}`.trim() })
  }
}

async function attemptOf(machinery: Machinery, run: Run, its: Pick<Order, "attempt" | "held">): Promise<Attempt> {
  const { target, action, declared, told, slots, slot, nextPriority, surroundings } = run
  const jobs = Math.min(action.terms.slots ?? slots, slots)
  const jobserver = await jobserverFor(machinery, run)
  if (slot?.state !== "following") run.begin()
  let started = performance.now()
  const startedAt = Date.now() - grainMs
  const account = machinery.meter.account()
  const work = (signal: AbortSignal) => {
    const begin = () => {
      started = performance.now()
      run.begin()
    }
    const isOver = () => told.emit({ type: "released", target })
    const order = orderFor(machinery, target, declared, {
      ...{ ...told, signal, jobs, jobserver, slot, begin, account, surroundings, ...its },
      lead: () => slot?.lead(nextPriority),
      release: () => slot?.release(nextPriority, isOver) ?? false,
    })
    return runAction(order, machinery.shells)
  }
  const { timeoutMs } = action.terms
  // Programs are ended by the signal; only a function may not hear it.
  const mayStay = timeoutMs !== undefined || action.rule.kind === "call"
  const ran = await (mayStay ? within(timeoutMs, told.signal, work) : work(told.signal))
  return { ran, startedAt, spent: account.spent(performance.now() - started) }
}

/** Runs something that fails if it takes longer than it may. What was told to end, and does not hear it, is given up. */
async function within(
  timeoutMs: number | undefined,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<Ran | "again">,
): Promise<Ran | "again"> {
  const limit = new AbortController()
  const told = timeoutMs === undefined ? signal : AbortSignal.any([signal, limit.signal])
  const isOver = () => limit.signal.aborted && !signal.aborted
  const late = { step: "", how: `did not end within ${(timeoutMs ?? 0) / 1000} s`, directory: undefined }
  const { promise: unheard, resolve: giveUp } = Promise.withResolvers<typeof late>()
  const timers = timeoutMs === undefined ? [] : [setTimeout(() => limit.abort(), timeoutMs)]
  const wait = () => void timers.push(setTimeout(() => giveUp(late), patienceMs))
  if (told.aborted) wait()
  else told.addEventListener("abort", wait, { once: true })
  try {
    const ran = await Promise.race([work(told), unheard])
    return ran !== "again" && !("outputs" in ran) && isOver() ? { ...ran, how: late.how } : ran
  } catch (thrown) {
    if (!isOver()) throw thrown
    return late
  } finally {
    told.removeEventListener("abort", wait)
    for (const timer of timers) clearTimeout(timer)
  }
}

/** A file that was written a moment ago could be written again without another time. */
async function settled({ workspace }: Machinery, { name }: Target): Promise<void> {
  const known = workspace.journal.built(name)?.discovered ?? []
  if (changedSince(workspace.root, known, Date.now() - grainMs) !== undefined) await sleep(grainMs)
}

async function jobserverFor({ pipePath }: Machinery, { action, slot, slots: jobs }: Run): Promise<Told["jobserver"]> {
  const style = action.terms.jobserver
  if (style === undefined || slot === undefined) return undefined
  const { path } = await slot.serve(pipePath())
  return { path, style, jobs }
}

function record(
  machinery: Machinery,
  declared: Declared,
  { outputs, discovered }: Extract<Ran, { outputs: object }>,
  { durationMs, usage }: Spent,
): Omit<Built, "placed"> {
  const { key, manifest } = keyedWith(machinery, declared, discovered)
  if (declared.discovers) recordDiscovered(machinery.store, declared.key, discovered)
  recordResult(machinery.store, key, { outputs, durationMs, usage, manifest })
  return { key, outputs, durationMs, usage, discovered }
}

/** What made a run fail where that was not the action itself. */
function troubleOf({ store }: Machinery, { told }: Run): Error | undefined {
  if (told.signal.aborted) return new Error("cancelled")
  return isFull(store.root) ? noSpaceError(store.root) : undefined
}

/** What is told of a failed run; its directory is kept. */
function failureOf(
  { workspace }: Machinery,
  { target, graph }: Run,
  { step, how, directory }: FailedStep & { readonly directory: string | undefined },
  durationMs: number,
): Diagnostic {
  if (directory !== undefined) workspace.keepFailed(target.name, directory)
  const log = workspace.log(target.name)
  return actionFailure(target, {
    step,
    how,
    chain: chainTo(graph, target),
    after: `${(durationMs / 1000).toFixed(1)} s`,
    log: log.slice(workspace.root.length + 1),
    lastLines: lastLines(log, logLines),
  })
}
