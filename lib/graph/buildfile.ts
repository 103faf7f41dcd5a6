// A Buildfile is a function from variables to targets. What it reads of the disk and the environment goes through its second
// argument, so there is no global state and one process can hold several variants side by side.

import { ownOf } from "../base/own.ts"
import { checkBuildfile } from "./shape.ts"
import type { SourceFile, Target } from "./target.ts"
import { type Values, type Variables, variableNamed } from "./variable.ts"

/**
 * What a Buildfile may read. Everything that it asks for here is noted: as long as all of it is what it was, the Buildfile is not
 * evaluated again. What it reads otherwise is not seen to change.
 */
export interface Reads {
  /**
   * The workspace's files that match a glob (fast-glob's syntax), sorted by path. `.git`, `.hashmake` and any `node_modules` are left out.
   * Outputs match as well, so keep globs to directories of sources.
   */
  files(pattern: string): readonly SourceFile[]
  /** An environment variable, or undefined if there is none. */
  environment(name: string): string | undefined
}

/** What a person can ask for, by the name it is returned under. `default` is what is built when nothing is asked for. */
export type Targets = Readonly<Record<string, Target>>

/** A Buildfile's default export: its variables, and a function from their values to targets. */
export interface Buildfile<V extends Variables = Variables, T extends Targets = Targets> {
  /** What it is. */
  readonly kind: "buildfile"
  /** Its variables, by their names. */
  readonly variables: V
  /** The targets for these values. The engine calls it: see `Engine.load`. */
  evaluate(values: Values<V>, reads: Reads): T
}

/**
 * Declares a Buildfile: what `Buildfile.ts` exports as its default. `evaluate` gets the values of the variables, typed, and the things
 * that it may read; it gives the targets that a person can ask for, by name. It should do nothing else: it is called whenever what it
 * read has changed, once for each set of values, and perhaps in a process that builds nothing.
 *
 * @example
 * ```ts
 * export default buildfile({ MODE: choice(["debug", "release"], "optimise or not") }, ({ MODE }, { files }) => {
 *   const texts = files("text/*.md")
 *   const all = target({
 *     about: "all texts in one file",
 *     inputs: { texts },
 *     outputs: { all: `out/${MODE}/all.md` },
 *     tools: [tool({ name: "cat", debian: ["coreutils"] })],
 *     run: ({ texts }, { all }) => shell(`cat ${texts.join(" ")} >${all}`),
 *   })
 *   return { default: all, all }
 * })
 * ```
 */
export function buildfile<const V extends Variables, T extends Targets>(
  variables: V,
  evaluate: (values: Values<V>, reads: Reads) => T,
): Buildfile<V, T> {
  checkBuildfile(variables, evaluate)
  return { kind: "buildfile", variables, evaluate }
}

/** The variables' values from what was typed, defaults for the rest. Throws a BuildError for a name or value unknown. */
export function valuesOf<V extends Variables>(variables: V, typed: Readonly<Record<string, string>>): Values<V> {
  for (const name of Object.keys(typed)) variableNamed(variables, name)
  return Object.fromEntries(
    Object.entries(variables).map(([name, variable]) => [
      name,
      variable.parse(name, ownOf(typed, name) ?? variable.default),
    ]),
  ) as Values<V>
}
