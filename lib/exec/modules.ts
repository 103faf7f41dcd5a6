// What a function rule is: the content of the module that holds it and of all that this imports. Packages from npm count by
// their version.

import { readFileSync } from "node:fs"
import { findPackageJSON } from "node:module"
import { dirname, relative, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { type Digest, digestOf } from "../base/digest.ts"

// `import type` leaves nothing behind when types are stripped.
const importPattern = /^\s*(?:import|export)\s(?!type\s)(?:[^"';]*?\sfrom\s*)?["']([^"']+)["']/gm

/** The digest of a module (a `file:` URL) with everything that it imports. `known` keeps what was found in one build. */
export function moduleDigest(url: string, known: Map<string, Digest>): Digest {
  const found = known.get(url)
  if (found !== undefined) return found
  const start = fileURLToPath(url)
  const parts = new Map<string, string>()
  const queue = [start]
  for (const path of queue) {
    const text = readFileSync(path, "utf8")
    parts.set(relative(dirname(start), path), digestOf(text))
    for (const [, name = ""] of text.matchAll(importPattern)) {
      if (name.startsWith("node:")) continue
      if (!name.startsWith(".")) parts.set(name, packageVersion(name, path))
      else if (!queue.includes(resolve(dirname(path), name))) queue.push(resolve(dirname(path), name))
    }
  }
  const digest = digestOf(
    [...parts]
      .sort()
      .map(([name, what]) => `${what} ${name}\n`)
      .join(""),
  )
  known.set(url, digest)
  return digest
}

function packageVersion(name: string, from: string): string {
  const path = findPackageJSON(name, from)
  return path === undefined ? "absent" : String(JSON.parse(readFileSync(path, "utf8")).version)
}
