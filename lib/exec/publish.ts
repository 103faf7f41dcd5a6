// Puts a target's outputs where they belong in the workspace, and notes what was put there.

import { pathTwiceError } from "../graph/errors.ts"
import type { Graph } from "../graph/graph.ts"
import type { Target } from "../graph/target.ts"
import type { Content } from "../store/content.ts"
import type { Built } from "../store/journal.ts"
import { filesOf, place, remove } from "../store/place.ts"
import type { FileStat } from "../store/stat.ts"
import type { Given } from "./inputs.ts"
import type { Machinery } from "./machinery.ts"

interface PublishOptions {
  /** The targets of this build that are done: a layer must not hold what theirs do. */
  readonly others: Iterable<Target>
  /** Whether the outputs lie in the workspace already. */
  readonly isPlaced?: boolean
}

/** Publishes what the targets of one build made; `given`: what those that are done gave. */
export class Publisher {
  readonly #machinery: Machinery
  readonly #given: Map<Target, Given>
  #laying: Promise<void> = Promise.resolve()

  constructor(machinery: Machinery, given: Map<Target, Given>) {
    this.#machinery = machinery
    this.#given = given
  }

  async publish(target: Target, made: Omit<Built, "placed">, isPlaced = false): Promise<void> {
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

/** Places the outputs and records them. */
async function publish(
  { store, workspace, variant }: Machinery,
  target: Target,
  made: Pick<Built, "key" | "outputs" | "durationMs" | "discovered">,
  { others, isPlaced = false }: PublishOptions,
): Promise<void> {
  const { root, journal } = workspace
  const before = journal.built(target.name)?.placed ?? {}
  const isLayered = Object.values(target.outputs).some(({ form }) => form === "layer")
  const done = isLayered ? [...others].filter((other) => other !== target) : []
  const theirs = new Set(done.flatMap((other) => placedBy(workspace, other)))
  const placed: Record<string, readonly FileStat[]> = {}
  for (const { name, at, form } of Object.values(target.outputs)) {
    if (at === undefined) continue
    const content = made.outputs[name] as Content
    if (form === "layer") checkLayer({ store, workspace }, target, at, content, done)
    // What lay elsewhere, or is another's by now, is not this layer's to take away.
    const own = (before[name] ?? []).filter(([path]) => path.startsWith(`${at}/`) && !theirs.has(path))
    placed[name] = isPlaced
      ? filesOf(store, content, root, at, form)
      : await place(store, content, { root, at, form, before: own })
  }
  journal.recordBuilt(target.name, { ...made, placed, variant })
}

const placedBy = ({ journal }: Machinery["workspace"], { name }: Target): readonly string[] =>
  Object.values(journal.built(name)?.placed ?? {})
    .flat()
    .map(([path]) => path)

/** Throws a BuildError if another layer of this build holds a path of this one. */
function checkLayer(
  { store, workspace }: Pick<Machinery, "store" | "workspace">,
  target: Target,
  at: string,
  content: Content,
  others: readonly Target[],
): void {
  const files = (store.listing(content.digest) ?? []).filter(({ form }) => form !== "directory")
  const mine = new Set(files.map(({ path }) => `${at}/${path}`))
  for (const other of others) {
    const placed = workspace.journal.built(other.name)?.placed ?? {}
    for (const { name, form } of Object.values(other.outputs)) {
      const twice = form === "layer" ? placed[name]?.find(([path]) => mine.has(path)) : undefined
      if (twice !== undefined) throw pathTwiceError(twice[0], other, target)
    }
  }
}

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
