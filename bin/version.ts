// `--version`.

import { readFileSync } from "node:fs"
import { findPackageJSON } from "node:module"
import { printer } from "./write.ts"

/** Prints the version of the package that this is part of; gives the exit status. */
export function version(): number {
  const { version } = JSON.parse(readFileSync(findPackageJSON(import.meta.url) ?? "", "utf8"))
  printer()(`hashmake ${version}, Node ${process.versions.node}`)
  return 0
}
