// What an action reads, as content: from the workspace's files and from what other targets gave. The manifest is made of it,
// and so are the mounts, so that an action cannot see anything that its key does not hold.

import { join } from "node:path"
import { BuildError } from "../base/diagnostic.ts"
import { followedIfThere, statIfThere } from "../base/files.ts"
import { layersError, missingSourceError } from "../graph/errors.ts"
import { eachInput, type NamedInput, outputsOf } from "../graph/graph.ts"
import type { Key, ManifestInput } from "../graph/manifest.ts"
import type { Layers, Output, Target } from "../graph/target.ts"
import { type Content, isConflict, mergeListings } from "../store/content.ts"
import type { Journal } from "../store/journal.ts"
import { look, lookAt } from "../store/look.ts"
import { type FileStat, isDirectory, isSame, sourceStat } from "../store/stat.ts"
import type { Store } from "../store/store.ts"

/** One input with what it is: one content, or those of several layers. */
export interface ReadInput extends NamedInput {
  readonly contents: readonly Content[]
  /** Of a workspace file: what it was before it was read. */
  readonly stat?: FileStat
}

/** What a finished target gave. */
export interface Given {
  readonly key: Key
  readonly outputs: Readonly<Record<string, Content>>
}

/** What the inputs of a target are now. Throws a BuildError for a file that is not there. */
export function readInputs(
  target: Target,
  root: string,
  journal: Journal,
  given: (output: Output) => Content,
): readonly ReadInput[] {
  return eachInput(target.action?.inputs ?? {}).map((named) => {
    const { input } = named
    if (input.kind !== "source") return { ...named, contents: outputsOf(input).map(given) }
    const seen = look(journal, join(root, input.path), input.path)
    if (seen === undefined || isDirectory(seen.stat)) throw missingSource(target, root, input.path)
    return { ...named, contents: [seen.content], stat: seen.stat }
  })
}

function missingSource(target: Target, root: string, path: string): BuildError {
  const at = join(root, path)
  const stat = followedIfThere(at)
  const how = stat?.isDirectory() ? "is a directory" : stat === undefined ? "is not there" : "is no file"
  const isLink = stat === undefined && statIfThere(at)?.isSymbolicLink() === true
  return new BuildError(missingSourceError(target, path, isLink ? "is a link to nothing" : how))
}

/** A workspace file that is no longer what was read; one that has the same content again is the same only if that is enough. */
export function changedInput(
  { root, journal }: { readonly root: string; readonly journal: Journal },
  inputs: readonly ReadInput[],
  isContentEnough: boolean,
): string | undefined {
  for (const { input, stat, contents } of inputs) {
    if (input.kind !== "source" || stat === undefined) continue
    const path = join(root, input.path)
    const now = sourceStat(path, input.path)
    if (now !== undefined && isSame(now, stat)) continue
    const isSameContent = lookAt(journal, path, input.path)?.digest === contents[0]?.digest
    // It may have been something else in between; once is enough for an action that writes its own input again.
    if (!isSameContent || !isContentEnough) return input.path
  }
  return undefined
}

/** Who gave inputs whose content the store has lost. */
export function lostOf(store: Store, inputs: readonly ReadInput[]): ReadonlySet<Target> {
  const lost = new Set<Target>()
  for (const { input, contents } of inputs) {
    outputsOf(input).forEach(({ target }, i) => {
      if (!store.has(contents[i] as Content)) lost.add(target)
    })
  }
  return lost
}

/** The inputs as a manifest holds them. */
export const manifestInputs = (inputs: readonly ReadInput[]): readonly ManifestInput[] =>
  inputs.map(({ name, input, contents }) => ({
    name: input.kind === "source" ? input.path : name,
    form: input.kind === "layers" ? "layers" : (contents[0]?.form ?? "layers"),
    digests: contents.map(({ digest }) => digest),
    without: input.kind === "layers" ? input.without : [],
  }))

/** The one content that an input is: layers are merged. They must be stored (see Store.has). */
export function contentOfInput(store: Store, target: Target, { input, contents }: ReadInput): Content {
  return input.kind === "layers" ? mergeLayers(store, target, input, contents) : (contents[0] as Content)
}

function mergeLayers(store: Store, target: Target, input: Layers, contents: readonly Content[]): Content {
  const merged = mergeListings(
    contents.map(({ digest }) => store.listing(digest) ?? []),
    input.without,
  )
  if (!isConflict(merged)) return store.takeListing(merged)
  const [first, second] = [input.trees[merged.first], input.trees[merged.second]]
  throw new BuildError(layersError(target, merged.path, (first as Output).target, (second as Output).target))
}
