// A Buildfile is a function from variables to targets. What it reads of the disk and the environment goes through its second
// argument, so there is no global state and one process can hold several variants side by side.

import type { SourceFile, Target } from "./target.ts"
import { type Values, type Variables, variableNamed } from "./variable.ts"

/** What a Buildfile may read. */
export interface Reads {
  /** The workspace's files that match a glob, sorted by path. */
  files(pattern: string): readonly SourceFile[]
  /** An environment variable, or undefined. */
  environment(name: string): string | undefined
}

/** What a person can ask for, by the name it is returned under. `default` is what is built when nothing is asked for. */
export type Targets = Readonly<Record<string, Target>>

/** A Buildfile's default export. */
export interface Buildfile<V extends Variables = Variables, T extends Targets = Targets> {
  readonly kind: "buildfile"
  readonly variables: V
  evaluate(values: Values<V>, reads: Reads): T
}

/** Declares a Buildfile. */
export const buildfile = <const V extends Variables, T extends Targets>(
  variables: V,
  evaluate: (values: Values<V>, reads: Reads) => T,
): Buildfile<V, T> => ({ kind: "buildfile", variables, evaluate })

/** The variables' values from what was typed, defaults for the rest. Throws a BuildError for a name or value unknown. */
export function valuesOf<V extends Variables>(variables: V, typed: Readonly<Record<string, string>>): Values<V> {
  for (const name of Object.keys(typed)) variableNamed(variables, name)
  return Object.fromEntries(
    Object.entries(variables).map(([name, variable]) => [name, variable.parse(name, typed[name] ?? variable.default)]),
  ) as Values<V>
}
