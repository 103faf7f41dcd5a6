// One target, brought up to date by the cheapest way that there is: what lies in the workspace, what the store has, or a run of its
// action. When it is its turn is walk.ts's business, how an action runs run.ts's, and what may run at once slots.ts's.

import { BuildError } from "../base/diagnostic.ts"
import { Pool } from "../base/pool.ts"
import { unstableInputFailure } from "../graph/errors.ts"
import type { BuildEvent, Outcome, Usage } from "../graph/event.ts"
import { type Graph, type Makers, needsOf } from "../graph/graph.ts"
import type { Action, Output, Target } from "../graph/target.ts"
import { hasNoTerms } from "../graph/terms.ts"
import type { Content } from "../store/content.ts"
import type { Built } from "../store/journal.ts"
import { isAsked } from "./ask.ts"
import { systemError } from "./failure.ts"
import { type Given, lostOf, type ReadInput } from "./inputs.ts"
import { canPlace, type Declared, declaredFor, lookUp } from "./lookup.ts"
import type { Machinery } from "./machinery.ts"
import { Publisher } from "./publish.ts"
import { differencesFor, reasonFor } from "./reason.ts"
import { perform, type Run, type RunEnd } from "./run.ts"
import type { Slot } from "./slot.ts"
import type { Slots } from "./slots.ts"
import type { States } from "./states.ts"
import { Surroundings } from "./surroundings.ts"

export interface UpdateOptions {
  readonly slots: Slots
  readonly keepGoing: boolean
  readonly dryRun: boolean
  readonly verbose: boolean
  readonly signal: AbortSignal
  readonly emit: (event: BuildEvent) => void
  /** Of the whole graph, where only a part of it is looked at. */
  readonly makers: Makers
}

/** The build that a target is brought up to date in. */
export interface Around {
  readonly graph: Graph
  readonly states: States
  /** What the targets that are done gave. */
  readonly given: Map<Target, Given>
  /** How long (in ms) the longest chain is from a target's start to the end of the build, and from its end. */
  readonly urgency: (target: Target) => { readonly start: number; readonly end: number }
  /** Called when a target waits no more for a slot, or for something that is scarcer. */
  readonly onTurn: (target: Target) => void
}

const mostReruns = 3

export class Updater {
  readonly #machinery: Machinery
  readonly #options: UpdateOptions
  readonly #around: Around
  readonly #states: States
  readonly #given: Map<Target, Given>
  readonly #remakes = new Map<Target, Promise<Outcome>>()
  readonly #publisher: Publisher
  readonly #uncertain = new Set<Target>()
  /** There is one. */
  readonly #terminal = new Pool(1)
  /** What would have been done, had this not been a dry run. */
  readonly would = { run: 0, mayRun: 0, restore: 0 }
  readonly #surroundings: Surroundings

  constructor(machinery: Machinery, options: UpdateOptions, around: Around) {
    this.#machinery = machinery
    this.#options = options
    this.#around = around
    this.#states = around.states
    this.#given = around.given
    this.#surroundings = new Surroundings(machinery.workspace.root, options.makers)
    this.#publisher = new Publisher(machinery, around.graph, around.given)
  }

  /** How a target ends whose needs have ended well. Whatever goes wrong with it is its failure. */
  update(target: Target): Promise<Outcome> {
    const isOver = () => this.#options.signal.aborted
    return this.#guarded(target, async () =>
      isOver() ? this.#states.end(target, "cancelled") : this.#bring(target, target.action as Action, false),
    )
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
      const remade = await this.#remakeLostInputs(declared.inputs)
      if (remade === "built") continue
      if (remade !== undefined) return this.#states.end(target, remade)
      const ended = await this.#run(target, action, declared, { reason, isContentEnough: changed !== undefined })
      if (typeof ended === "string") return ended
      changed = ended.changed ?? changed
      this.#states.move(target, "ready")
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
      this.would.restore++
      this.#options.emit({ type: "would-restore", target })
      return "restored"
    }
    return isHere ? this.#states.end(target, "up-to-date") : this.#states.end(target, "restored", usageIn(known))
  }

  #wouldRun(told: Omit<Extract<BuildEvent, { type: "would-run" }>, "type">): Outcome {
    this.#uncertain.add(told.target)
    this.would[told.isUncertain === true ? "mayRun" : "run"]++
    this.#options.emit({ type: "would-run", ...told })
    return "up-to-date"
  }

  /** Runs what made inputs that the store has lost. Once they are built, the key may have changed; undefined if there were none. */
  async #remakeLostInputs(inputs: readonly ReadInput[]): Promise<"built" | "skipped" | "cancelled" | undefined> {
    const lost = lostOf(this.#machinery.store, inputs)
    const outcomes = await Promise.all([...lost].map((from) => this.#remake(from)))
    if (outcomes.some((outcome) => outcome === "failed" || outcome === "skipped")) return "skipped"
    if (outcomes.includes("cancelled")) return "cancelled"
    return outcomes.length === 0 ? undefined : "built"
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
    // Others have slots while it waits for what is scarcer.
    if (!hasNoTerms(action.terms)) this.#around.onTurn(target)
    const { start: priority } = this.#around.urgency(target)
    const { verbose } = this.#options
    const mayFollow = hasNoTerms(action.terms) && isAsked(target, { ...this.#machinery, command, verbose })
    const workNow = (slot: Slot) => {
      this.#around.onTurn(target)
      return work(slot)
    }
    const inSlots = () => this.#options.slots.run({ priority, mayFollow, ...action.terms }, workNow)
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
    const nextPriority = this.#around.urgency(target).end
    const given = { target, told: { verbose, signal, emit }, slots: slots.count, mayStart, begin, nextPriority }
    const ended = await perform(this.#machinery, {
      ...run,
      ...given,
      graph: this.#around.graph,
      surroundings: this.#surroundings,
    })
    if ("changed" in ended) return hasBegun ? ended : "unbegun"
    if ("failed" in ended) return this.#states.fail({ target, diagnostic: ended.failed, isError: false }, log)
    await this.#publisher.publish(target, ended.made, ended.isPlaced)
    return this.#states.end(target, "built", { log, ...usageIn(ended.made) })
  }
}

const usageIn = ({ usage }: Pick<Built, "usage">): { readonly usage?: Usage } => (usage === undefined ? {} : { usage })

/** Why an action runs, and how strict it is about what it reads. */
type Why = Pick<Run, "isContentEnough"> & { readonly reason: string }

/** A run of which nothing is known. */
type Unbelieved = Extract<RunEnd, { changed: unknown }>
