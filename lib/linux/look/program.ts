// Where the programs are that a session starts.

import { findPackageJSON } from "node:module"
import { dirname, join } from "node:path"
import { isPackage } from "../../base/command-name.ts"

/** The path of a program that a session starts: it comes with the command, wherever that is installed. */
export function programAt(name: string): string {
  const home = dirname(findPackageJSON("..", import.meta.url) ?? "")
  return isPackage ? join(home, `dist/bin/${name}.js`) : join(home, `bin/${name}.ts`)
}
