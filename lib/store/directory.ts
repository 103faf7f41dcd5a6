// Where the store of a user is.

import { userInfo } from "node:os"
import { isAbsolute, join, resolve } from "node:path"
import { environmentValueError } from "../graph/errors.ts"

/** `HASHMAKE_STORE`, or `hashmake` in the user's cache directory. Throws a BuildError for a path that is not absolute. */
export function storeDirectory(environment: NodeJS.ProcessEnv): string {
  const { HOME, XDG_CACHE_HOME = "", HASHMAKE_STORE = "" } = environment
  if (isAbsolute(HASHMAKE_STORE)) return resolve(HASHMAKE_STORE)
  // Each directory that one builds from would have a store of its own.
  if (HASHMAKE_STORE !== "") throw environmentValueError("HASHMAKE_STORE", HASHMAKE_STORE, "an absolute path")
  // The specification of base directories has one that is not absolute ignored.
  const cache = isAbsolute(XDG_CACHE_HOME) ? XDG_CACHE_HOME : join(HOME || userInfo().homedir, ".cache")
  return resolve(cache, "hashmake")
}
