// The walk: each target is wanted, ready once what it needs is done, running if its key is neither what the workspace nor what
// the store has, and then ended. The key of a target is made of its needs' output digests, so a need that was rebuilt to the same
// bytes stops the ripple there. How an action runs is run.ts's business; what may run at once is slots.ts's.

import { BuildError } from "../base/diagnostic.ts"
import { Pool } from "../base/pool.ts"
import { unstableInputFailure } from "../graph/errors.ts"
import type { BuildEvent, Outcome } from "../graph/event.ts"
import { type Graph, needsOf, ownersOf, remainingPaths } from "../graph/graph.ts"
import type { Action, Output, Target } from "../graph/target.ts"
import { hasNoTerms } from "../graph/terms.ts"
import type { Content } from "../store/content.ts"
import type { Built } from "../store/journal.ts"
import { isAsked } from "./ask.ts"
import { systemError } from "./failure.ts"
import { type Given, lostOf, type ReadInput } from "./inputs.ts"
import { canPlace, type Declared, declaredFor, lookUp } from "./lookup.ts"
import type { Machinery } from "./machinery.ts"
import { Publisher, removeOtherLayers } from "./publish.ts"
import { differencesFor, reasonFor } from "./reason.ts"
import { perform, type Run, type RunEnd } from "./run.ts"
import type { Slot } from "./slot.ts"
import type { Slots } from "./slots.ts"
import { type BuildResult, States } from "./states.ts"

export interface WalkOptions {
  readonly slots: Slots
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

export class Walk {
  readonly #graph: Graph
  readonly #machinery: Machinery
  readonly #options: WalkOptions
  readonly #states: States
  readonly #expected: ReadonlyMap<Target, number>
  readonly #priority: ReadonlyMap<Target, number>
  readonly #visits = new Map<Target, Promise<Outcome>>()
  readonly #remakes = new Map<Target, Promise<Outcome>>()
  readonly #given = new Map<Target, Given>()
  readonly #publisher: Publisher
  readonly #uncertain = new Set<Target>()
  readonly #would = { run: 0, mayRun: 0, restore: 0 }
  /** There is one. */
  readonly #terminal = new Pool(1)
  #owners: ReadonlyMap<string, Target> | undefined

  constructor(graph: Graph, machinery: Machinery, options: WalkOptions) {
    this.#graph = graph
    this.#machinery = machinery
    this.#options = options
    this.#publisher = new Publisher(machinery, this.#given)
    for (const [target, given] of options.known ?? []) {
      this.#given.set(target, given)
      this.#visits.set(target, Promise.resolve("up-to-date"))
    }
    const expectedMs = ({ name, expectedMs }: Target) =>
      machinery.workspace.journal.built(name)?.durationMs ?? expectedMs ?? unknownMs
    const actions = graph.targets.filter(({ action }) => action !== undefined)
    this.#expected = new Map(actions.map((target) => [target, expectedMs(target)]))
    this.#priority = remainingPaths(graph, (target) => this.#expected.get(target) ?? unknownMs)
    this.#states = new States(this.#expected, options.emit, options.upToDate)
  }

  /** Does all that is wanted. Never rejects for what a build can run into; see BuildResult. */
  async run(): Promise<BuildResult> {
    const started = performance.now()
    const { emit, slots, signal } = this.#options
    const expectedMs = [...this.#expected.values()].reduce((sum, ms) => sum + ms, 0)
    emit({ type: "build-started", targets: this.#expected.size, slots: slots.count, expectedMs })
    for (const target of this.#expected.keys()) this.#states.move(target, "wanted")
    const outcomes = await Promise.all(this.#graph.wanted.map((target) => this.#done(target)))
    const isFailed = outcomes.some((outcome) => ["failed", "skipped", "cancelled"].includes(outcome))
    const outcome = signal.aborted ? "cancelled" : isFailed ? "failed" : "done"
    const { counts, failures } = this.#states
    const would = this.#options.dryRun ? { would: this.#would } : {}
    emit({ type: "build-ended", outcome, counts, tookMs: performance.now() - started, ...would })
    return { outcome, counts, failures }
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
    const outcome = isBlocked ? "skipped" : isCancelled ? "cancelled" : undefined
    if (action === undefined) {
      if (outcome === undefined && !this.#options.dryRun) removeOtherLayers(this.#machinery, this.#graph, target)
      return outcome ?? "up-to-date"
    }
    if (outcome !== undefined) return this.#states.end(target, outcome)
    this.#states.move(target, "ready")
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
      if (this.#options.signal.aborted) return this.#states.end(target, "cancelled")
      const error = systemError(thrown, this.#machinery)
      if (!(error instanceof BuildError)) throw error
      return this.#states.fail({ target, diagnostic: error.diagnostic, isError: true }, this.#log(target))
    }
  }

  #log = ({ name }: Target): string => this.#machinery.workspace.log(name)

  /** Brings a target up to date by the cheapest way that there is. */
  async #bring(target: Target, action: Action, mustRun: boolean): Promise<Outcome> {
    const { dryRun } = this.#options
    if (dryRun && needsOf(target).some((need) => this.#uncertain.has(need)))
      return this.#wouldRun({ target, reason: "something that it needs would run", isUncertain: true })
    let changed: string | undefined
    for (let run = 0; run < mostReruns; run++) {
      const declared = declaredFor(this.#machinery, target, action, this.#contentOf)
      const { keyed, known, isHere } = lookUp(this.#machinery, target, declared)
      if (!mustRun && known !== undefined && (isHere || canPlace(this.#machinery, target, known.outputs)))
        return this.#take(target, known, isHere)
      const reason = reasonFor(target, keyed, this.#machinery)
      if (dryRun) {
        const differences = differencesFor(target, keyed.manifest, this.#machinery)
        return this.#wouldRun({ target, reason, ...(differences === undefined ? {} : { differences }) })
      }
      if (await this.#remakeLostInputs(target, declared.inputs)) continue
      const ended = await this.#run(target, action, declared, { reason, isContentEnough: changed !== undefined })
      if (typeof ended === "string") return ended
      changed = ended.changed ?? changed
    }
    throw new BuildError(unstableInputFailure(target, changed ?? "an input"))
  }

  #contentOf = ({ target: from, name }: Output): Content => {
    const content = this.#given.get(from)?.outputs[name]
    if (content === undefined) throw new Error(`${from.name} has not given ${name}`)
    return content
  }

  /** Takes what is known: it lies in the workspace, or the store has it. */
  async #take(target: Target, known: Omit<Built, "placed">, isHere: boolean): Promise<Outcome> {
    if (isHere || this.#options.dryRun) this.#given.set(target, known)
    else await this.#publisher.publish(target, known)
    if (!isHere && this.#options.dryRun) {
      this.#would.restore++
      this.#options.emit({ type: "would-restore", target })
      return "restored"
    }
    return this.#states.end(target, isHere ? "up-to-date" : "restored")
  }

  #wouldRun(told: Omit<Extract<BuildEvent, { type: "would-run" }>, "type">): Outcome {
    this.#uncertain.add(told.target)
    this.#would[told.isUncertain === true ? "mayRun" : "run"]++
    this.#options.emit({ type: "would-run", ...told })
    return "up-to-date"
  }

  /** Runs what made inputs that the store has lost. True if there were any: then the key may have changed. */
  async #remakeLostInputs(target: Target, inputs: readonly ReadInput[]): Promise<boolean> {
    const lost = lostOf(this.#machinery.store, inputs)
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

  /** Runs an action once there are slots for it; what the engine does by itself takes none. */
  async #run(target: Target, action: Action, declared: Declared, why: Why): Promise<Outcome | Unbelieved> {
    const work = (slot?: Slot) => this.#runNow(target, { ...why, action, declared, slot })
    for (;;) {
      const ended = await this.#inTurn(target, action, declared, work)
      // Whom it followed has failed: it waits for its turn again.
      if (ended !== "unbegun") return ended
    }
  }

  /** Runs `work` once there are slots for an action. */
  #inTurn<T>(
    target: Target,
    action: Action,
    { isEngines, command }: Declared,
    work: (slot?: Slot) => Promise<T>,
  ): Promise<T> {
    if (isEngines) return work()
    const priority = this.#priority.get(target) ?? 0
    const { verbose } = this.#options
    const mayFollow = hasNoTerms(action.terms) && isAsked(target, { ...this.#machinery, command, verbose })
    const inSlots = () => this.#options.slots.run({ priority, mayFollow, ...action.terms }, work)
    return action.terms.terminal === true ? this.#terminal.run(priority, inSlots) : inSlots()
  }

  async #runNow(
    target: Target,
    { reason, ...run }: Why & Pick<Run, "action" | "declared" | "slot">,
  ): Promise<Outcome | Unbelieved | "unbegun"> {
    const { keepGoing, signal, emit, verbose, slots } = this.#options
    const mayStart = () => !signal.aborted && (keepGoing || this.#states.failures.length === 0)
    if (!mayStart()) return this.#states.end(target, "cancelled")
    const log = this.#log(target)
    const { declared, action } = run
    const besides = {
      ...(declared.isEngines ? { isEngines: true } : {}),
      ...(action.terms.terminal === true ? { hasTerminal: true } : {}),
    }
    let hasBegun = false
    const begin = () => {
      if (!hasBegun) this.#states.move(target, "running", { reason, log, ...besides })
      hasBegun = true
    }
    const nextPriority = (this.#priority.get(target) ?? 0) - (this.#expected.get(target) ?? 0)
    const given = { target, told: { verbose, signal, emit }, slots: slots.count, mayStart, begin, nextPriority }
    const ended = await perform(this.#machinery, { ...run, ...given, graph: this.#graph, ownerOf: this.#ownerOf })
    if ("changed" in ended) return hasBegun ? ended : "unbegun"
    if ("failed" in ended) return this.#states.fail({ target, diagnostic: ended.failed, isError: false }, log)
    await this.#publisher.publish(target, ended.made, ended.isPlaced)
    return this.#states.end(target, "built", { log })
  }

  #ownerOf = (path: string): Target | undefined => {
    this.#owners ??= ownersOf(this.#graph.targets)
    return this.#owners.get(path)
  }
}

/** Why an action runs, and how strict it is about what it reads. */
type Why = Pick<Run, "isContentEnough"> & { readonly reason: string }

/** A run of which nothing is known. */
type Unbelieved = Extract<RunEnd, { changed: unknown }>
