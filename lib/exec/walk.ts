// The walk: each target is wanted, ready once what it needs is done, running if its key is neither what the workspace nor what
// the store has, and then ended. `#move` alone changes a state and tells it. The key of a target is made of its needs'
// output digests, so a need that was rebuilt to the same bytes stops the ripple there.

import { rm } from "node:fs/promises"
import { setTimeout as sleep } from "node:timers/promises"
import { BuildError, type Diagnostic } from "../base/diagnostic.ts"
import { Pool } from "../base/pool.ts"
import { actionFailure, noSpaceError, unstableInputFailure } from "../graph/errors.ts"
import type { BuildEvent, Counts, Outcome, State } from "../graph/event.ts"
import { chainTo, type Graph, needsOf, outputsOf, remainingPaths } from "../graph/graph.ts"
import { type Difference, keyOf } from "../graph/manifest.ts"
import type { Action, Output, Target } from "../graph/target.ts"
import type { Content } from "../store/content.ts"
import type { Built } from "../store/journal.ts"
import { recordDiscovered, recordResult } from "../store/result.ts"
import { isSame, lookAt, sourceStat } from "../store/stat.ts"
import { lastLines, runAction } from "./action.ts"
import { isEngines } from "./builtin.ts"
import { changedSince, checkDiscovered, discovers } from "./discovered.ts"
import { isFull, systemError } from "./failure.ts"
import { type Given, type ReadInput, readInputs } from "./inputs.ts"
import { type Declared, keyedWith, lookUp } from "./lookup.ts"
import { type Machinery, manifestFor } from "./machinery.ts"
import { orderFor } from "./order.ts"
import { publish, removeOtherLayers } from "./publish.ts"
import { differencesFor, reasonFor } from "./reason.ts"

/** An action that failed. */
export interface Failure {
  /** The target whose action it is. */
  readonly target: Target
  /** What a person is told: the step that failed, the chain that led to it, the end of its log. */
  readonly diagnostic: Diagnostic
  /** Whether the Buildfile is wrong (an output that was declared and not written, say), and not what the action did. */
  readonly isError: boolean
}

/** How a whole build went. */
export interface BuildResult {
  /** done: all that was wanted is up to date. failed: at least one action failed. cancelled: by the signal. */
  readonly outcome: "done" | "failed" | "cancelled"
  /** How many targets ended each way. */
  readonly counts: Counts
  /** What failed, in the order in which it did; what was not built because of it is only counted, as skipped. */
  readonly failures: readonly Failure[]
}

export interface WalkOptions {
  readonly slots: number
  readonly keepGoing: boolean
  readonly dryRun: boolean
  readonly verbose: boolean
  readonly signal: AbortSignal
  readonly emit: (event: BuildEvent) => void
  /** Targets that are up to date for certain, with what they gave; besides them, as many more that are not in the graph. */
  readonly known?: ReadonlyMap<Target, Given>
  readonly upToDate?: number
}

/** An action that has not been seen to run is taken to last this long. */
const unknownMs = 2000
const mostReruns = 3
const logLines = 12

/** How coarse a file system's clock may be, in ms. */
const grainMs = 20

/** What is told of an action that starts. */
interface Told {
  readonly reason: string
  readonly isEngines?: true
}

export class Walk {
  readonly #graph: Graph
  readonly #machinery: Machinery
  readonly #options: WalkOptions
  readonly #pool: Pool
  readonly #priority: ReadonlyMap<Target, number>
  readonly #visits = new Map<Target, Promise<Outcome>>()
  readonly #remakes = new Map<Target, Promise<Outcome>>()
  readonly #given = new Map<Target, Given>()
  readonly #started = new Map<Target, number>()
  readonly #uncertain = new Set<Target>()
  readonly #cleaning: Promise<void>[] = []
  #laying: Promise<void> = Promise.resolve()
  readonly #unstable = new Map<Target, string>()
  #ownersMade: ReadonlyMap<string, Target> | undefined
  /** What each action was expected to last when the build started, in ms. */
  readonly #expected = new Map<Target, number>()
  readonly #failures: Failure[] = []
  readonly #counts: Record<Outcome, number> = {
    "up-to-date": 0,
    restored: 0,
    built: 0,
    failed: 0,
    skipped: 0,
    cancelled: 0,
  }

  constructor(graph: Graph, machinery: Machinery, options: WalkOptions) {
    this.#graph = graph
    this.#machinery = machinery
    this.#options = options
    for (const [target, given] of options.known ?? []) {
      this.#given.set(target, given)
      this.#visits.set(target, Promise.resolve("up-to-date"))
    }
    this.#counts["up-to-date"] = options.upToDate ?? 0
    this.#pool = new Pool(options.slots)
    this.#priority = remainingPaths(graph, (target) => this.#expectedMs(target))
  }

  /** Does all that is wanted. Never rejects for what a build can run into; see BuildResult. */
  async run(): Promise<BuildResult> {
    const started = performance.now()
    const { emit, slots, signal } = this.#options
    const actions = this.#graph.targets.filter(({ action }) => action !== undefined)
    for (const target of actions) this.#expected.set(target, this.#expectedMs(target))
    const expectedMs = [...this.#expected.values()].reduce((sum, ms) => sum + ms, 0)
    emit({ type: "build-started", targets: actions.length, slots, expectedMs })
    for (const target of actions) this.#move(target, "wanted")
    const outcomes = await Promise.all(this.#graph.wanted.map((target) => this.#done(target)))
    await Promise.all(this.#cleaning)
    const failed = outcomes.some((outcome) => ["failed", "skipped", "cancelled"].includes(outcome))
    const outcome = signal.aborted ? "cancelled" : failed ? "failed" : "done"
    emit({ type: "build-ended", outcome, counts: this.#counts, tookMs: performance.now() - started })
    return { outcome, counts: this.#counts, failures: this.#failures }
  }

  #expectedMs({ name, expectedMs }: Target): number {
    return this.#machinery.workspace.journal.built(name)?.durationMs ?? expectedMs ?? unknownMs
  }

  #move(target: Target, state: State, besides: Partial<Told> & { log?: string } = {}): void {
    const now = performance.now()
    if (state === "running") this.#started.set(target, now)
    const tookMs = now - (this.#started.get(target) ?? now)
    if (state in this.#counts) this.#counts[state as Outcome]++
    this.#options.emit({
      type: "state",
      target,
      state,
      tookMs,
      expectedMs: this.#expected.get(target) ?? 0,
      ...besides,
    })
  }

  #done(target: Target): Promise<Outcome> {
    let visit = this.#visits.get(target)
    if (visit === undefined) {
      visit = this.#visit(target)
      this.#visits.set(target, visit)
    }
    return visit
  }

  async #visit(target: Target): Promise<Outcome> {
    const needs = await Promise.all(needsOf(target).map((need) => this.#done(need)))
    const { action } = target
    const isBlocked = needs.some((outcome) => outcome === "failed" || outcome === "skipped")
    const isCancelled = needs.includes("cancelled") || this.#options.signal.aborted
    if (action === undefined) {
      if (!isBlocked && !isCancelled && !this.#options.dryRun) removeOtherLayers(this.#machinery, this.#graph, target)
      return isBlocked ? "skipped" : isCancelled ? "cancelled" : "up-to-date"
    }
    const outcome = isBlocked ? "skipped" : isCancelled ? "cancelled" : undefined
    if (outcome !== undefined) {
      this.#move(target, outcome)
      return outcome
    }
    this.#move(target, "ready")
    // A session takes over the terminal once everything else is done: whoever asked for the build starts it.
    return action.rule.kind === "session"
      ? "up-to-date"
      : this.#guarded(target, () => this.#bring(target, action, false))
  }

  /** Turns whatever goes wrong with one target into its failure. */
  async #guarded(target: Target, work: () => Promise<Outcome>): Promise<Outcome> {
    try {
      return await work()
    } catch (thrown) {
      if (this.#options.signal.aborted) {
        this.#move(target, "cancelled")
        return "cancelled"
      }
      const error = systemError(thrown, this.#machinery)
      if (!(error instanceof BuildError)) throw error
      return this.#fail(target, error.diagnostic, true)
    }
  }

  #fail(target: Target, diagnostic: Diagnostic, isError: boolean): Outcome {
    this.#failures.push({ target, diagnostic, isError })
    this.#move(target, "failed", { log: this.#machinery.workspace.log(target.name) })
    this.#options.emit({ type: "failure", target, diagnostic })
    return "failed"
  }

  /** Brings a target up to date by the cheapest way that there is. */
  async #bring(target: Target, action: Action, mustRun: boolean): Promise<Outcome> {
    if (this.#options.dryRun && needsOf(target).some((need) => this.#uncertain.has(need)))
      return this.#wouldRun(target, "something that it needs would run")
    for (let run = 0; run < mostReruns; run++) {
      const declared = this.#declared(target, action)
      const { keyed, known, isHere } = lookUp(this.#machinery, target, declared)
      if (!mustRun && isHere) {
        this.#given.set(target, known as Built)
        this.#move(target, "up-to-date")
        return "up-to-date"
      }
      if (!mustRun && known !== undefined && this.#canPlace(target, known.outputs)) {
        if (this.#options.dryRun) return this.#restoreLater(target, known)
        await this.#publish(target, known)
        this.#move(target, "restored")
        return "restored"
      }
      const reason = reasonFor(target, keyed, this.#machinery)
      if (this.#options.dryRun)
        return this.#wouldRun(target, reason, differencesFor(target, keyed.manifest, this.#machinery))
      if (await this.#remakeLostInputs(target, declared.inputs)) continue
      const told: Told = isEngines(target, action) ? { reason, isEngines: true } : { reason }
      const run = () => this.#run(target, action, declared, told)
      const outcome = told.isEngines ? await run() : await this.#pool.run(this.#priority.get(target) ?? 0, run)
      if (outcome !== "again") return outcome
    }
    throw new BuildError(unstableInputFailure(target, this.#unstable.get(target) ?? "an input"))
  }

  #declared(target: Target, action: Action): Declared {
    const { workspace } = this.#machinery
    const given = ({ target: from, name }: Output) => {
      const content = this.#given.get(from)?.outputs[name]
      if (content === undefined) throw new Error(`${from.name} has not given ${name}`)
      return content
    }
    const inputs = readInputs(target, workspace.root, workspace.journal, given)
    const manifest = manifestFor(this.#machinery, target, action, inputs)
    return { inputs, manifest, key: keyOf(manifest), discovers: discovers(target, action) }
  }

  #canPlace(target: Target, outputs: Readonly<Record<string, Content>>): boolean {
    return Object.values(target.outputs).every(({ name, at }) => {
      const content = outputs[name]
      return content !== undefined && (at === undefined || this.#machinery.store.has(content))
    })
  }

  #wouldRun(target: Target, reason: string, differences: readonly Difference[] = []): Outcome {
    this.#uncertain.add(target)
    this.#options.emit({ type: "would-run", target, reason, differences })
    return "up-to-date"
  }

  #restoreLater(target: Target, given: Given): Outcome {
    this.#given.set(target, given)
    return "restored"
  }

  /** Runs what made inputs that the store has lost. True if there were any: then the key may have changed. */
  async #remakeLostInputs(target: Target, inputs: readonly ReadInput[]): Promise<boolean> {
    const lost = new Set<Target>()
    for (const { input, contents } of inputs) {
      outputsOf(input).forEach(({ target: from }, i) => {
        if (!this.#machinery.store.has(contents[i] as Content)) lost.add(from)
      })
    }
    const outcomes = await Promise.all([...lost].map((from) => this.#remake(from)))
    if (outcomes.some((outcome) => outcome !== "built"))
      throw new BuildError({ what: `\`${target.name}\` lacks an input that could not be made again` })
    return lost.size > 0
  }

  #remake(target: Target): Promise<Outcome> {
    let remake = this.#remakes.get(target)
    if (remake === undefined) {
      remake = this.#guarded(target, () => this.#bring(target, target.action as Action, true))
      this.#remakes.set(target, remake)
    }
    return remake
  }

  async #run(target: Target, action: Action, declared: Declared, told: Told): Promise<Outcome | "again"> {
    const { keepGoing, signal, emit, verbose } = this.#options
    if (signal.aborted || (this.#failures.length > 0 && !keepGoing)) {
      this.#move(target, "cancelled")
      return "cancelled"
    }
    const { store, workspace, shells } = this.#machinery
    const log = workspace.log(target.name)
    this.#move(target, "running", { ...told, log })
    const known = workspace.journal.built(target.name)?.discovered ?? []
    if (changedSince(workspace.root, known, Date.now() - grainMs) !== undefined) await sleep(grainMs)
    const started = performance.now()
    const startedAt = Date.now() - grainMs
    if (action.rule.kind === "command" && this.#machinery.bwrap !== undefined) await this.#machinery.checkSandbox()
    const order = orderFor(this.#machinery, target, declared.inputs, { verbose, signal, emit })
    const ran = await runAction(order, declared.key, shells)
    if (ran === "again") return "again"
    const durationMs = performance.now() - started
    if (!("outputs" in ran)) {
      if (signal.aborted) throw new Error("cancelled")
      if (isFull(store.root)) throw noSpaceError(store.root)
      if (ran.directory !== undefined) workspace.keepFailed(target.name, ran.directory)
      return this.#fail(target, this.#failure(target, ran, durationMs), false)
    }
    if (ran.directory !== undefined) this.#cleaning.push(rm(ran.directory, { recursive: true, force: true }))
    const { discovered } = ran
    checkDiscovered(target, discovered, (path) => this.#owners().get(path))
    const changed = this.#changedInput(target, declared.inputs) ?? changedSince(workspace.root, discovered, startedAt)
    if (changed !== undefined) {
      this.#unstable.set(target, changed)
      // By then the clock tells what changes from now on from what changed before.
      await sleep(grainMs)
      return "again"
    }
    const { key, manifest } = keyedWith(this.#machinery, declared, discovered)
    if (declared.discovers) recordDiscovered(store, declared.key, discovered)
    recordResult(store, key, { outputs: ran.outputs, durationMs, manifest })
    await this.#publish(target, { key, outputs: ran.outputs, durationMs, discovered }, ran.isPlaced)
    this.#move(target, "built", { log })
    return "built"
  }

  /** Which target writes a path of the workspace. */
  #owners(): ReadonlyMap<string, Target> {
    this.#ownersMade ??= new Map(
      this.#graph.targets.flatMap((target) =>
        Object.values(target.outputs).flatMap(({ at }) => (at === undefined ? [] : [[at, target] as const])),
      ),
    )
    return this.#ownersMade
  }

  #failure(target: Target, { step, how }: { step: string; how: string }, durationMs: number): Diagnostic {
    const log = this.#machinery.workspace.log(target.name)
    const after = `${(durationMs / 1000).toFixed(1)} s`
    const shown = log.slice(this.#machinery.workspace.root.length + 1)
    return actionFailure(target, {
      step,
      how,
      chain: chainTo(this.#graph, target),
      after,
      log: shown,
      lastLines: lastLines(log, logLines),
    })
  }

  /** A workspace file that is no longer what the action read. */
  #changedInput(target: Target, inputs: readonly ReadInput[]): string | undefined {
    const { root, journal } = this.#machinery.workspace
    for (const { input, stat, contents } of inputs) {
      if (input.kind !== "source" || stat === undefined) continue
      const now = sourceStat(`${root}/${input.path}`, input.path)
      if (now !== undefined && isSame(now, stat)) continue
      const isSameContent = lookAt(journal, `${root}/${input.path}`, input.path)?.digest === contents[0]?.digest
      // It may have been something else in between; once is enough for an action that writes its own input again.
      if (!isSameContent || !this.#unstable.has(target)) return input.path
    }
    return undefined
  }

  async #publish(target: Target, made: Omit<Built, "placed">, isPlaced = false): Promise<void> {
    const lay = async () => {
      await publish(this.#machinery, target, made, { others: this.#given.keys(), isPlaced })
      this.#given.set(target, made)
    }
    if (!Object.values(target.outputs).some(({ form }) => form === "layer")) return lay()
    // One layer after the other: each looks at what the others have put into the directory that they share.
    const laid = this.#laying.then(lay)
    this.#laying = laid.catch(() => {})
    return laid
  }
}
