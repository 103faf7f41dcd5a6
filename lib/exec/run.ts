// One action that must run, from its order to its recorded result. What it wrote is believed only if what it read is still what it was
// when it started. Decides nothing of when it runs, and puts nothing into the workspace.

import { setTimeout as sleep } from "node:timers/promises"
import type { Diagnostic } from "../base/diagnostic.ts"
import { actionFailure, noSpaceError } from "../graph/errors.ts"
import { chainTo, type Graph } from "../graph/graph.ts"
import type { Action, Target } from "../graph/target.ts"
import type { Built } from "../store/journal.ts"
import { recordDiscovered, recordResult } from "../store/result.ts"
import { lastLines, type Ran, runAction } from "./action.ts"
import { changedSince, checkDiscovered } from "./discovered.ts"
import { isFull } from "./failure.ts"
import { changedInput } from "./inputs.ts"
import { type Declared, keyedWith } from "./lookup.ts"
import type { Machinery } from "./machinery.ts"
import { type FailedStep, orderFor, type Told } from "./order.ts"
import type { Slot } from "./slots.ts"

/** What is to run. */
export interface Run {
  readonly target: Target
  readonly action: Action
  readonly declared: Declared
  readonly slot: Slot | undefined
  readonly told: Pick<Told, "verbose" | "signal" | "emit">
  /** How many slots there are. */
  readonly slots: number
  readonly graph: Graph
  /** Which target writes a path of the workspace. */
  readonly ownerOf: (path: string) => Target | undefined
  /** Whether an input that was written to, and has the content that it had, counts as the same. */
  readonly isContentEnough: boolean
}

/** How it ended. */
export type RunEnd =
  | { readonly made: Omit<Built, "placed">; readonly isPlaced: boolean }
  | { readonly failed: Diagnostic }
  /** Nothing is known: this path changed meanwhile, or (undefined) another engine ran the same. */
  | { readonly changed: string | undefined }

/** How coarse a file system's clock may be, in ms. */
const grainMs = 20
const logLines = 12

/** Runs an action and records what it made. Throws a BuildError where the Buildfile is wrong, and when the signal aborts. */
export async function perform(machinery: Machinery, run: Run): Promise<RunEnd> {
  const { target, action, declared, told } = run
  await settled(machinery, target)
  if (action.rule.kind === "command" && machinery.bwrap !== undefined) await machinery.checkSandbox()
  const started = performance.now()
  const startedAt = Date.now() - grainMs
  const jobs = Math.min(action.terms.slots ?? run.slots, run.slots)
  const order = orderFor(machinery, target, declared, { ...told, jobs, jobserver: await jobserverFor(machinery, run) })
  const ran = await runAction(order, declared.key, machinery.shells)
  if (ran === "again") return { changed: undefined }
  const durationMs = performance.now() - started
  if (!("outputs" in ran)) return { failed: failureOf(machinery, run, ran, durationMs) }
  if (ran.directory !== undefined) machinery.discard(ran.directory)
  checkDiscovered(target, ran.discovered, run.ownerOf)
  const { workspace } = machinery
  const changed =
    changedInput(workspace, declared.inputs, run.isContentEnough) ??
    changedSince(workspace.root, ran.discovered, startedAt)
  // After the wait the clock tells what changes from now on from what changed before.
  if (changed !== undefined) return sleep(grainMs, { changed })
  return { made: record(machinery, declared, ran, durationMs), isPlaced: ran.isPlaced }
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
  durationMs: number,
): Omit<Built, "placed"> {
  const { key, manifest } = keyedWith(machinery, declared, discovered)
  if (declared.discovers) recordDiscovered(machinery.store, declared.key, discovered)
  recordResult(machinery.store, key, { outputs, durationMs, manifest })
  return { key, outputs, durationMs, discovered }
}

/** What is told of a failed run; its directory is kept. */
function failureOf(
  { store, workspace }: Machinery,
  { target, graph, told }: Run,
  { step, how, directory }: FailedStep & { readonly directory: string | undefined },
  durationMs: number,
): Diagnostic {
  if (told.signal.aborted) throw new Error("cancelled")
  if (isFull(store.root)) throw noSpaceError(store.root)
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
