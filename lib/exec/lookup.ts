// What is known of an action before it runs: its key for each set of files that it may read besides its inputs, and what the
// workspace or the store has for such a key.

import { type Key, keyOf, withDiscovered } from "../graph/manifest.ts"
import type { Target } from "../graph/target.ts"
import type { Built } from "../store/journal.ts"
import { discoveredSets, resultOf } from "../store/result.ts"
import { areAsLeft } from "../store/stat.ts"
import { lookAtDiscovered } from "./discovered.ts"
import type { ReadInput } from "./inputs.ts"
import type { Machinery } from "./machinery.ts"

/** An action with its declared inputs. */
export interface Declared {
  readonly inputs: readonly ReadInput[]
  readonly manifest: string
  readonly key: Key
  /** Whether it may read more. */
  readonly discovers: boolean
}

/** The whole identity of an action, what it reads besides included. */
export interface Keyed {
  readonly manifest: string
  readonly key: Key
}

/** What is known: the likeliest identity, what was made with one, and whether that lies in the workspace as it was left. */
export interface Known {
  readonly keyed: Keyed
  readonly known: Omit<Built, "placed"> | undefined
  readonly isHere: boolean
}

/** The identity of an action that reads these paths besides. */
export function keyedWith({ workspace }: Machinery, declared: Declared, discovered: readonly string[]): Keyed {
  if (discovered.length === 0) return declared
  const manifest = withDiscovered(declared.manifest, lookAtDiscovered(workspace, discovered))
  return { manifest, key: keyOf(manifest) }
}

/** Looks into the journal first, then into the store. */
export function lookUp(machinery: Machinery, target: Target, declared: Declared): Known {
  const { store, workspace } = machinery
  const last = workspace.journal.built(target.name)
  const keyed = keyedWith(machinery, declared, last?.discovered ?? [])
  if (last?.key === keyed.key) {
    const isHere = areAsLeft(workspace.root, Object.values(last.placed).flat())
    return { keyed, known: last, isHere }
  }
  const sets = [last?.discovered ?? [], ...(declared.discovers ? discoveredSets(store, declared.key) : [])]
  for (const discovered of sets) {
    const { key } = keyedWith(machinery, declared, discovered)
    const result = resultOf(store, key)
    if (result === undefined) continue
    const { outputs, durationMs } = result
    return { keyed, known: { key, outputs, durationMs, discovered }, isHere: false }
  }
  return { keyed, known: undefined, isHere: false }
}
