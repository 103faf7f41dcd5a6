// Why an action runs: the difference between the manifest that the workspace's last result was made with and the one of now.

import { type Change, changesOf } from "../graph/change.ts"
import type { Key } from "../graph/manifest.ts"
import { type Difference, manifestDifference } from "../graph/manifest.ts"
import type { Target } from "../graph/target.ts"
import { resultOf } from "../store/result.ts"
import { areAsLeft } from "../store/stat.ts"
import type { Machinery } from "./machinery.ts"

/** The reason in one line; `differencesFor` has all of it. */
export function reasonFor(
  target: Target,
  now: { readonly manifest: string; readonly key: Key },
  machinery: Machinery,
): string {
  const { journal, root } = machinery.workspace
  const last = journal.built(target.name)
  if (last === undefined) return "it was never built here"
  if (last.key === now.key) {
    const isLeft = areAsLeft(root, Object.values(last.placed).flat())
    return isLeft
      ? "its result is no longer in the store"
      : "what it wrote was changed or removed, and is no longer in the store"
  }
  const differences = differencesFor(target, now.manifest, machinery)
  if (differences === undefined) return "what it was built from before is no longer known"
  return summary(changesOf(differences, target))
}

/** The lines in which the two manifests differ; undefined where the earlier one is no longer known. */
export function differencesFor(
  target: Target,
  manifest: string,
  { store, workspace }: Machinery,
): readonly Difference[] | undefined {
  const last = workspace.journal.built(target.name)
  const before = last === undefined ? undefined : resultOf(store, last.key)?.manifest
  return before === undefined ? undefined : manifestDifference(before, manifest)
}

const words = {
  input: "input",
  "left out": "what an input leaves out",
  command: "its command",
  directory: "its directory",
  variable: "variable",
  tool: "tool",
  code: "its rule's code",
  parameters: "its parameters",
  output: "its outputs",
  sandbox: "the sandbox",
} as const

function summary(changes: readonly Change[]): string {
  const changed = changes.map(({ what, name, path, from }) =>
    name === undefined || what === "left out" ? words[what] : `${words[what]} ${path ?? from ?? name}`,
  )
  return `${[...new Set(changed)].slice(0, 4).join(", ")} changed`
}
