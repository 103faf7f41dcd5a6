// What a module is made of: its own file, all files that it imports, and the packages from npm, by their package.json. Found by
// reading, not by running: an import whose name is computed is not seen.

import { readFileSync } from "node:fs"
import { findPackageJSON } from "node:module"
import { dirname, resolve } from "node:path"

// `import type` leaves nothing behind when types are stripped.
const importPattern = /^\s*(?:import|export)\s(?!type\s)(?:[^"';]*?\sfrom\s*)?["']([^"']+)["']/gm

/** A module's files and packages. */
export interface Modules {
  /** Path → text. */
  readonly files: ReadonlyMap<string, string>
  /** Name → the path of its package.json; undefined if it is not there. */
  readonly packages: ReadonlyMap<string, string | undefined>
}

/** Reads a module and all that it imports. */
export function modulesFrom(start: string): Modules {
  const files = new Map<string, string>()
  const packages = new Map<string, string | undefined>()
  const queue = new Set([start])
  for (const path of queue) {
    const text = readFileSync(path, "utf8")
    files.set(path, text)
    for (const [, name = ""] of text.matchAll(importPattern)) {
      if (name.startsWith(".")) queue.add(resolve(dirname(path), name))
      else if (!name.startsWith("node:") && !packages.has(name)) packages.set(name, findPackageJSON(name, path))
    }
  }
  return { files, packages }
}
