// Finds and evaluates a Buildfile. What it reads of the disk and the environment goes through `readsOf`.

import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { type BuildError, placedError } from "../base/diagnostic.ts"
import { type Buildfile, type Reads, type Targets, valuesOf } from "../graph/buildfile.ts"
import { brokenBuildfileError, notABuildfileError } from "../graph/errors.ts"
import { checkTargets } from "../graph/shape.ts"
import { nameReturned } from "../graph/target.ts"
import type { Values, Variables } from "../graph/variable.ts"
import { type Recorder, recorder } from "./recorder.ts"
import { buildfileName as name } from "./workspace.ts"

/** Imports the Buildfile of a workspace. Throws a BuildError for one that cannot be imported. */
export async function importBuildfile(root: string): Promise<Buildfile> {
  const path = join(root, name)
  let imported: { default?: unknown }
  try {
    imported = await unlessNothingIsLeft(import(pathToFileURL(path).href))
  } catch (thrown) {
    throw errorOf(thrown, root)
  }
  const found = imported.default as Buildfile | undefined
  if (found?.kind !== "buildfile") throw notABuildfileError(name)
  return found
}

/** Rejects once the process has nothing left to do that `work` could wait for. */
async function unlessNothingIsLeft<T>(work: Promise<T>): Promise<T> {
  let give = () => {}
  const left = new Promise<never>((_, reject) => {
    give = () => reject(new Error("it waits (`await`) for what never happens"))
  })
  process.once("beforeExit", give)
  try {
    return await Promise.race([work, left])
  } finally {
    process.off("beforeExit", give)
  }
}

/** What went wrong in the Buildfile, and where. */
const errorOf = (thrown: unknown, root: string): BuildError =>
  placedError(thrown, root, (reason, code) => brokenBuildfileError(name, reason, code))

/** A Buildfile's targets for these variables, by the names that they are returned under. `reads` notes what it reads. */
export function evaluate<V extends Variables, T extends Targets>(
  found: Buildfile<V, T>,
  values: Values<V>,
  root: string,
  reads: Reads = recorder(root, join(root, name)),
): T {
  try {
    const targets = found.evaluate(values, reads)
    checkTargets(targets)
    nameReturned(targets)
    return targets
  } catch (thrown) {
    throw errorOf(thrown, root)
  }
}

/** As `evaluate`, from what was typed on a command line; with what was read. */
export function evaluateTyped(
  found: Buildfile,
  typed: Readonly<Record<string, string>>,
  root: string,
): { targets: Targets; reads: Recorder } {
  const reads = recorder(root, join(root, name))
  return { targets: evaluate(found, valuesOf(found.variables, typed), root, reads), reads }
}
