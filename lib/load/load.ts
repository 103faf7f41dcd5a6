// Finds and evaluates a Buildfile. What it reads of the disk and the environment goes through `readsOf`.

import { existsSync, statSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { pathToFileURL } from "node:url"
import { BuildError } from "../base/diagnostic.ts"
import { ifThere } from "../base/files.ts"
import { type Buildfile, type Reads, type Targets, valuesOf } from "../graph/buildfile.ts"
import { brokenBuildfileError, noBuildfileError, notABuildfileError } from "../graph/errors.ts"
import { source } from "../graph/target.ts"
import type { Values, Variables } from "../graph/variable.ts"

const name = "Buildfile.ts"

/** The nearest directory, from `directory` upwards, that holds a Buildfile. Throws a BuildError if none does. */
export function findWorkspace(directory: string): string {
  for (let at = directory; ; at = dirname(at)) {
    if (existsSync(join(at, name))) return at
    if (at === dirname(at)) throw noBuildfileError(directory)
  }
}

/** Imports the Buildfile of a workspace. Throws a BuildError for one that cannot be imported. */
export async function importBuildfile(root: string): Promise<Buildfile> {
  const path = join(root, name)
  let imported: { default?: unknown }
  try {
    imported = await import(pathToFileURL(path).href)
  } catch (thrown) {
    if (thrown instanceof BuildError) throw thrown
    throw brokenBuildfileError(name, reasonOf(thrown as Error, root))
  }
  const found = imported.default as Buildfile | undefined
  if (found?.kind !== "buildfile") throw notABuildfileError(name)
  return found
}

/** The message, and the first line of the stack that lies in the workspace. */
function reasonOf({ message, stack = "" }: Error, root: string): string {
  const place = stack.split("\n").find((line) => line.includes(root) && !line.includes("node_modules"))
  const where = /((?:file:\/\/)?\/[^()]*)/
    .exec(place ?? "")?.[1]
    ?.replace("file://", "")
    .replace(`${root}/`, "")
  return where === undefined ? message : `${message}\n${where}`
}

/** A Buildfile's targets for these variables, by the names that they are returned under. */
export function evaluate<V extends Variables, T extends Targets>(
  found: Buildfile<V, T>,
  values: Values<V>,
  root: string,
): T {
  try {
    return found.evaluate(values, readsOf(root))
  } catch (thrown) {
    if (thrown instanceof BuildError) throw thrown
    throw brokenBuildfileError(name, reasonOf(thrown as Error, root))
  }
}

/** As `evaluate`, from what was typed on a command line. */
export const evaluateTyped = (found: Buildfile, typed: Readonly<Record<string, string>>, root: string): Targets =>
  evaluate(found, valuesOf(found.variables, typed), root)

// Loading it costs as much as a build with nothing to do: only Buildfiles with globs pay.
const require = createRequire(import.meta.url)
const fastGlob = (): typeof import("fast-glob") => require("fast-glob")

const globOptions = { dot: true, followSymbolicLinks: false, onlyFiles: false, objectMode: true } as const

const isFile = (path: string): boolean => ifThere(() => statSync(path))?.isFile() === true

function readsOf(root: string): Reads {
  return {
    files: (pattern) =>
      fastGlob()
        .globSync(pattern, { ...globOptions, ignore: ["node_modules/**", ".hashmake/**"], cwd: root })
        // A link to a file is that file; one to a directory is not gone into: it may lead in circles.
        .filter(({ dirent, path }) => dirent.isFile() || (dirent.isSymbolicLink() && isFile(join(root, path))))
        .map(({ path }) => path)
        .sort()
        .map(source),
    environment: (variable) => process.env[variable],
  }
}
