// Where a workspace is: the directory that holds a Buildfile.

import { dirname, join } from "node:path"
import { existsSync } from "../base/fs.ts"
import { noBuildfileError } from "../graph/errors.ts"

export const buildfileName = "Buildfile.ts"

/** The nearest directory, from `directory` upwards, that holds a Buildfile. Throws a BuildError if none does. */
export function findWorkspace(directory: string): string {
  for (let at = directory; ; at = dirname(at)) {
    if (existsSync(join(at, buildfileName))) return at
    if (at === dirname(at)) throw noBuildfileError(directory)
  }
}
