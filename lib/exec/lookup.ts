// What is known of an action before it runs: its command, its key for each set of files that it may read besides its inputs, and
// what the workspace or the store has for such a key.

import type { Command } from "../graph/command.ts"
import { type Key, keyOf, withDiscovered } from "../graph/manifest.ts"
import type { Action, Output, Target } from "../graph/target.ts"
import type { Content } from "../store/content.ts"
import type { Built } from "../store/journal.ts"
import { discoveredSets, resultOf } from "../store/result.ts"
import { areAsLeft } from "../store/stat.ts"
import { isBuiltin } from "./builtin.ts"
import { discovers, lookAtDiscovered } from "./discovered.ts"
import { type ReadInput, readInputs } from "./inputs.ts"
import { type Machinery, manifestFor } from "./machinery.ts"
import { commandOf } from "./order.ts"

/** An action with its declared inputs. */
export interface Declared {
  readonly inputs: readonly ReadInput[]
  /** None of a function. */
  readonly command: Command | undefined
  readonly manifest: string
  readonly key: Key
  /** Whether it may read more. */
  readonly discovers: boolean
  /** Whether the engine itself does it, at once. */
  readonly isEngines: boolean
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

/** An action whose inputs from other targets are what these gave. */
export function declaredFor(
  machinery: Machinery,
  target: Target,
  action: Action,
  given: (output: Output) => Content,
): Declared {
  const { root, journal } = machinery.workspace
  const inputs = readInputs(target, root, journal, given)
  const command = action.rule.kind === "call" ? undefined : commandOf(target, undefined, root)
  const manifest = manifestFor(machinery, target, action, { inputs, command })
  const isEngines = command !== undefined && isBuiltin(command)
  return { inputs, command, manifest, key: keyOf(manifest), discovers: discovers(action, command), isEngines }
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
  const lately = declared.discovers ? (last?.discovered ?? []) : []
  const keyed = keyedWith(machinery, declared, lately)
  if (last?.key === keyed.key) {
    const isHere = areAsLeft(workspace.root, Object.values(last.placed).flat())
    return { keyed, known: last, isHere }
  }
  const stored = (key: Key, discovered: readonly string[]): Known["known"] => {
    const result = resultOf(store, key)
    if (result === undefined) return undefined
    const { outputs, durationMs, usage } = result
    return { key, outputs, durationMs, usage, discovered }
  }
  let known = stored(keyed.key, lately)
  for (const discovered of known === undefined && declared.discovers ? discoveredSets(store, declared.key) : [])
    known ??= stored(keyedWith(machinery, declared, discovered).key, discovered)
  return { keyed, known, isHere: false }
}

/** Whether a run now would make nothing that is not in the store. */
export function isMade(machinery: Machinery, target: Target, declared: Declared): boolean {
  const { known } = lookUp(machinery, target, declared)
  return known !== undefined && Object.values(known.outputs).every((content) => machinery.store.has(content))
}

/** Whether all that belongs into the workspace is in the store. */
export const canPlace = ({ store }: Machinery, target: Target, outputs: Readonly<Record<string, Content>>): boolean =>
  Object.values(target.outputs).every(({ name, at }) => {
    const content = outputs[name]
    return content !== undefined && (at === undefined || store.has(content))
  })
