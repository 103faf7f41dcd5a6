// What is left of a package's tree beside others that bring some of its paths.

import { copy } from "../graph/command.ts"
import { layers, type Output, target, tree } from "../graph/target.ts"
import type { Recipe } from "./recipe.ts"

/** A package's tree without paths that others bring; `name` is what the names of targets start with. */
export function withoutOthers(
  name: string,
  { name: own, about }: Recipe,
  made: Output,
  paths: readonly string[],
): Output {
  if (paths.length === 0) return made
  const rest = target({
    name: `${name}/${own}-rest`,
    about: `${about}: what no other package brings`,
    inputs: { made: layers([made], paths) },
    outputs: { tree: tree() },
    run: ({ made }, { tree }) => copy(made, tree),
  })
  return rest.outputs.tree
}
