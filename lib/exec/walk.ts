// The walk: each target is wanted, ready once what it needs is done, running if its key is neither what the workspace nor what
// the store has, and then ended. The key of a target is made of its needs' output digests, so a need that was rebuilt to the same
// bytes stops the ripple there. What becomes of one target is update.ts's business.

import type { Outcome } from "../graph/event.ts"
import { type Graph, needsOf, remainingPaths } from "../graph/graph.ts"
import type { Target } from "../graph/target.ts"
import { Agenda } from "./agenda.ts"
import { Gate } from "./gate.ts"
import type { Given } from "./inputs.ts"
import type { Machinery } from "./machinery.ts"
import { removeOtherLayers } from "./publish.ts"
import { type BuildResult, States } from "./states.ts"
import { type UpdateOptions, Updater } from "./update.ts"

export interface WalkOptions extends UpdateOptions {
  /** Targets that are up to date for certain, with what they gave; besides them, as many more that are not in the graph. */
  readonly known?: ReadonlyMap<Target, Given>
  readonly upToDate?: number
}

/** An action that has not been seen to run is taken to last this long. */
const unknownMs = 2000
/** So many targets are looked at, or wait for a slot with what was found: more than the shortest commands use up before the next look. */
const mostInside = 1000

export class Walk {
  readonly #graph: Graph
  readonly #machinery: Machinery
  readonly #options: WalkOptions
  readonly #states: States
  readonly #expected: ReadonlyMap<Target, number>
  readonly #priority: ReadonlyMap<Target, number>
  readonly #agenda: Agenda
  readonly #gate = new Gate<Target>(mostInside)
  readonly #ended = Promise.withResolvers<void>()
  /** Aborts with what broke and is nobody's failure: then all that runs is ended. */
  readonly #broken = new AbortController()
  readonly #updater: Updater

  constructor(graph: Graph, machinery: Machinery, all: WalkOptions) {
    this.#graph = graph
    this.#machinery = machinery
    const options = { ...all, signal: AbortSignal.any([all.signal, this.#broken.signal]) }
    this.#options = options
    const given = new Map(options.known)
    this.#agenda = new Agenda(graph.targets, given.keys())
    const expectedMs = ({ name, expectedMs }: Target) =>
      machinery.workspace.journal.built(name)?.durationMs ?? expectedMs ?? unknownMs
    const actions = graph.targets.filter(({ action }) => action !== undefined)
    this.#expected = new Map(actions.map((target) => [target, expectedMs(target)]))
    this.#priority = remainingPaths(graph, (target) => this.#expected.get(target) ?? unknownMs)
    this.#states = new States(this.#expected, options.emit, options.upToDate)
    const urgency = (target: Target) => {
      const start = this.#priority.get(target) ?? 0
      return { start, end: start - (this.#expected.get(target) ?? 0) }
    }
    const onTurn = (target: Target) => this.#letIn(target)
    this.#updater = new Updater(machinery, options, { graph, states: this.#states, given, urgency, onTurn })
  }

  /** Does all that is wanted. Never rejects for what a build can run into; see BuildResult. */
  async run(): Promise<BuildResult> {
    const started = performance.now()
    const { emit, slots, signal } = this.#options
    const expectedMs = [...this.#expected.values()].reduce((sum, ms) => sum + ms, 0)
    emit({ type: "build-started", targets: this.#expected.size, slots: slots.count, expectedMs })
    for (const target of this.#expected.keys()) this.#states.move(target, "wanted")
    this.#begin(this.#agenda.ready)
    await this.#ended.promise
    this.#broken.signal.throwIfAborted()
    const outcomes = this.#graph.wanted.map((target) => this.#agenda.outcomeOf(target))
    const isFailed = outcomes.some(
      (outcome) => outcome === undefined || ["failed", "skipped", "cancelled"].includes(outcome),
    )
    const outcome = signal.aborted ? "cancelled" : isFailed ? "failed" : "done"
    const { counts, failures } = this.#states
    const { peaks } = this.#machinery.meter
    const needed = peaks === undefined ? {} : { peaks }
    const would = this.#options.dryRun ? { would: this.#updater.would } : {}
    emit({ type: "build-ended", outcome, counts, tookMs: performance.now() - started, ...needed, ...would })
    return { outcome, counts, failures }
  }

  /** Begins what can be begun, and what can be then. */
  #begin(ready: readonly Target[]): void {
    const all = [...ready]
    for (const target of all) {
      const outcome = this.#outcomeAtOnce(target)
      if (outcome === undefined) this.#enter(target)
      else for (const next of this.#agenda.end(target, outcome)) all.push(next)
    }
    for (let next = this.#gate.next(); next !== undefined; next = this.#gate.next()) this.#look(next)
    if (this.#agenda.isDone) this.#ended.resolve()
  }

  /** Looks at a target, now or when there is room. A dry run tells in the order in which it comes. */
  #enter(target: Target): void {
    const priority = this.#options.dryRun ? 0 : (this.#priority.get(target) ?? 0)
    if (this.#gate.enter(priority, target)) this.#look(target)
  }

  /** How a target ends of which nothing has to be looked at. */
  #outcomeAtOnce(target: Target): Outcome | undefined {
    const { signal, dryRun } = this.#options
    const needs = needsOf(target).map((need) => this.#agenda.outcomeOf(need))
    const isBlocked = needs.some((outcome) => outcome === "failed" || outcome === "skipped")
    const isCancelled = needs.includes("cancelled") || signal.aborted
    const outcome = isBlocked ? "skipped" : isCancelled ? "cancelled" : undefined
    const { action } = target
    if (action === undefined) {
      if (outcome === undefined && !dryRun) removeOtherLayers(this.#machinery, this.#graph, target)
      return outcome ?? "up-to-date"
    }
    if (outcome !== undefined) return this.#states.end(target, outcome)
    this.#states.move(target, "ready")
    // A session takes over the terminal once everything else is done: whoever asked for the build starts it.
    return action.rule.kind === "session" ? "up-to-date" : undefined
  }

  /** Brings a target to its end, and begins what waited for it. */
  #look(target: Target): void {
    const bring = async () => {
      const outcome = await this.#updater.update(target).catch((thrown): Outcome => {
        this.#broken.abort(thrown)
        return "cancelled"
      })
      this.#gate.leave(target)
      this.#begin(this.#agenda.end(target, outcome))
    }
    bring().catch(this.#ended.reject)
  }

  /** A target does not wait any more: another can be looked at. */
  #letIn(target: Target): void {
    this.#gate.leave(target)
    this.#begin([])
  }
}
