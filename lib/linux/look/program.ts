// Where the programs are that a session starts.

import { findPackageJSON } from "node:module"
import { dirname, extname, join } from "node:path"

/** The path of a program that a session starts: it comes with the command, wherever that is installed. */
export function programAt(name: string): string {
  const extension = extname(import.meta.url)
  const home = dirname(findPackageJSON("..", import.meta.url) ?? "")
  return join(home, extension === ".ts" ? "bin" : "dist/bin", `${name}${extension}`)
}
