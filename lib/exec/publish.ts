// Puts a target's outputs where they belong in the workspace, and notes what was put there.

import { dirname } from "node:path"
import { pathTwiceError } from "../graph/errors.ts"
import type { Graph } from "../graph/graph.ts"
import type { Target } from "../graph/target.ts"
import type { Content } from "../store/content.ts"
import type { Built } from "../store/journal.ts"
import { filesOf, place, remove } from "../store/place.ts"
import type { FileStat } from "../store/stat.ts"
import type { Given } from "./inputs.ts"
import type { Machinery } from "./machinery.ts"

/** Publishes what the targets of one build made; `given`: what those that are done gave. */
export class Publisher {
  readonly #machinery: Machinery
  readonly #graph: Graph
  readonly #given: Map<Target, Given>
  #layers: ReadonlyMap<string, readonly Target[]> | undefined
  #laying: Promise<void> = Promise.resolve()

  constructor(machinery: Machinery, graph: Graph, given: Map<Target, Given>) {
    this.#machinery = machinery
    this.#graph = graph
    this.#given = given
  }

  async publish(target: Target, made: Omit<Built, "placed">, isPlaced = false): Promise<void> {
    const lay = async () => {
      await this.#publish(target, made, isPlaced)
      this.#given.set(target, made)
    }
    if (!isLayered(target)) return lay()
    // One layer after the other: each looks at what the others have put into the directory that they share.
    const laid = this.#laying.then(lay)
    this.#laying = laid.catch(() => {})
    return laid
  }

  /** Places the outputs and records them. `isPlaced`: they lie in the workspace already. */
  async #publish(target: Target, made: Omit<Built, "placed">, isPlaced: boolean): Promise<void> {
    const { store, workspace, variant, aside } = this.#machinery
    const { root, journal } = workspace
    const before = journal.built(target.name)?.placed ?? {}
    const others = isLayered(target) ? [...this.#given.keys()].filter((other) => other !== target) : []
    const theirs = new Set(others.flatMap((other) => placedBy(workspace, other)))
    const placed: Record<string, readonly FileStat[]> = {}
    if (!isPlaced) aside.clear(target)
    for (const { name, at, form } of Object.values(target.outputs)) {
      if (at === undefined) continue
      const content = made.outputs[name] as Content
      if (form === "layer") this.#checkLayer(target, at, content, others)
      else this.#checkBesideLayers(target, at)
      // What lay elsewhere, or is another's by now, is not this layer's to take away.
      const own = (before[name] ?? []).filter(([path]) => path.startsWith(`${at}/`) && !theirs.has(path))
      placed[name] = isPlaced
        ? filesOf(store, content, root, at, form)
        : await place(store, content, { root, at, form, before: own })
    }
    journal.recordBuilt(target.name, { ...made, placed, variant })
  }

  /** Throws a BuildError if what another of the targets that are done wrote is where this layer has something. */
  #checkLayer(target: Target, at: string, content: Content, others: readonly Target[]): void {
    const { store, workspace } = this.#machinery
    const files = (store.listing(content.digest) ?? []).filter(({ form }) => form !== "directory")
    const mine = files.map(({ path }) => `${at}/${path}`)
    const own = new Set(mine)
    for (const other of others) {
      const placed = workspace.journal.built(other.name)?.placed ?? {}
      for (const output of Object.values(other.outputs)) {
        const twice =
          output.form === "layer"
            ? placed[output.name]?.find(([path]) => own.has(path))?.[0]
            : output.at?.startsWith(`${at}/`) === true && isIn(output.at, mine)
              ? output.at
              : undefined
        if (twice !== undefined) throw pathTwiceError(twice, other, target)
      }
    }
  }

  /** Throws a BuildError if a layer of this build has something where this output is written. */
  #checkBesideLayers(target: Target, at: string): void {
    this.#layers ??= layersOf(this.#graph)
    if (this.#layers.size === 0) return
    for (let directory = dirname(at); directory !== "."; directory = dirname(directory)) {
      const done = (this.#layers.get(directory) ?? []).filter((other) => this.#given.has(other))
      const other = done.find((one) => isIn(at, placedBy(this.#machinery.workspace, one)))
      if (other !== undefined) throw pathTwiceError(at, other, target)
    }
  }
}

const isLayered = ({ outputs }: Target): boolean => Object.values(outputs).some(({ form }) => form === "layer")

/** Who lays something into a directory, by the directory. */
function layersOf({ targets }: Graph): ReadonlyMap<string, readonly Target[]> {
  const layers = targets.flatMap(({ outputs }) => Object.values(outputs).filter(({ form }) => form === "layer"))
  const byDirectory = Map.groupBy(layers, ({ at = "" }) => at)
  return new Map([...byDirectory].map(([at, laid]) => [at, laid.map(({ target }) => target)]))
}

/** Whether a path is one of these files, or would hold one or lie in one. */
const isIn = (at: string, files: readonly string[]): boolean =>
  files.some((path) => path === at || path.startsWith(`${at}/`) || at.startsWith(`${path}/`))

const placedBy = ({ journal }: Machinery["workspace"], { name }: Target): readonly string[] =>
  Object.values(journal.built(name)?.placed ?? {})
    .flat()
    .map(([path]) => path)

/** A group that owns a directory takes away the layers in it that are not of this build. */
export function removeOtherLayers({ workspace }: Machinery, { targets }: Graph, { directory }: Target): void {
  if (directory === undefined) return
  const names = new Set(targets.map(({ name }) => name))
  const kept = new Set(targets.flatMap((target) => placedBy(workspace, target)))
  for (const [name, { placed }] of workspace.journal.targets()) {
    const files = Object.values(placed).flat()
    if (names.has(name) || !files.some(([path]) => path.startsWith(`${directory}/`))) continue
    remove(workspace.root, files, kept)
    workspace.journal.forget(name)
  }
}
