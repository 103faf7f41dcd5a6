// Remembers a graph that was built, and what its Buildfile read, for the next start.

import { makeParent } from "../base/files.ts"
import type { BuildEvent } from "../graph/event.ts"
import type { Graph } from "../graph/graph.ts"
import type { Target } from "../graph/target.ts"
import { remember } from "../store/remember.ts"
import { isSameAnywhere } from "./layout.ts"
import type { Machinery } from "./machinery.ts"
import { commandOf } from "./order.ts"

/** Where to remember a graph, and what it was made from. */
export interface Remember {
  readonly path: string
  /** What it was made from: looked at before, as that takes a while, and taken when everything is placed. */
  readonly reads: { look(): void; taken(): Promise<unknown> }
}

/** Remembers the graph of one build, which begins when this is made. */
export class Keeper {
  readonly #graph: Graph
  readonly #machinery: Machinery
  readonly #remember: Remember
  readonly #since = Date.now()
  #isLooking = false

  constructor(graph: Graph, machinery: Machinery, remember: Remember) {
    this.#graph = graph
    this.#machinery = machinery
    this.#remember = remember
  }

  /** What was read is looked at while the first command runs: that takes longer than starting one. */
  hear(event: BuildEvent): void {
    if (this.#isLooking || event.type !== "state" || event.state !== "running") return
    this.#isLooking = true
    setImmediate(() => this.#remember.reads.look())
  }

  /** Remembers the graph, which is up to date. */
  async keep(): Promise<void> {
    const { workspace, bwrap, toolbox, variant } = this.#machinery
    const commandFor = (target: Target) =>
      target.action?.rule.kind === "command" && (bwrap !== undefined || isSameAnywhere(target))
        ? commandOf(target)
        : undefined
    makeParent(this.#remember.path)
    remember(this.#remember.path, this.#graph, workspace.journal, {
      commandOf: commandFor,
      reads: await this.#remember.reads.taken(),
      search: toolbox.search,
      variant,
      root: workspace.root,
      since: this.#since,
    })
  }
}

/** Events for `emit` that the keeper hears, too. */
export const heardBy =
  (keeper: Keeper | undefined, emit: (event: BuildEvent) => void = () => {}) =>
  (event: BuildEvent): void => {
    emit(event)
    keeper?.hear(event)
  }
