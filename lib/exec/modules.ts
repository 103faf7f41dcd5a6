// What a function rule is: the content of the module that holds it and of all that this imports. Packages from npm count by
// their version.

import { readFileSync } from "node:fs"
import { dirname, relative } from "node:path"
import { fileURLToPath } from "node:url"
import { type Digest, digestOf } from "../base/digest.ts"
import { modulesFrom } from "../base/modules.ts"

/** The digest of a module (a `file:` URL) with everything that it imports. `known` keeps what was found in one build. */
export function moduleDigest(url: string, known: Map<string, Digest>): Digest {
  const found = known.get(url)
  if (found !== undefined) return found
  const start = fileURLToPath(url)
  const { files, packages } = modulesFrom(start)
  const parts = [
    ...[...files].map(([path, text]) => [relative(dirname(start), path), digestOf(text)] as const),
    ...[...packages].map(([name, path]) => [name, versionIn(path)] as const),
  ]
  const digest = digestOf(
    parts
      .sort()
      .map(([name, what]) => `${what} ${name}\n`)
      .join(""),
  )
  known.set(url, digest)
  return digest
}

const versionIn = (path: string | undefined): string =>
  path === undefined ? "absent" : String(JSON.parse(readFileSync(path, "utf8")).version)
