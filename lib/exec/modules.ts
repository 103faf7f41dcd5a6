// What a function rule is: the content of the module that holds it and of all that this imports. Packages from npm count by
// their version; those that are linked from a workspace, which are edited without a new one, by their code. What was edited since this
// process first built with it is not the code that runs in it: then the digest is one that no other process finds.

import { dirname, relative } from "node:path"
import { fileURLToPath } from "node:url"
import { type Digest, digestOf } from "../base/digest.ts"
import { followedIfThere, readIfThere } from "../base/files.ts"
import { readFileSync } from "../base/fs.ts"
import { modulesFrom, type Package, packageFiles } from "../base/modules.ts"

/** The digest of a module (a `file:` URL) with everything that it imports. `known` keeps what was found in one build. */
export function moduleDigest(url: string, known: Map<string, Digest>): Digest {
  const found = known.get(url)
  if (found !== undefined) return found
  const start = fileURLToPath(url)
  const { files, packages } = modulesFrom(start)
  const parts = [
    ...[...files].map(([path, text]) => [relative(dirname(start), path), digestOf(text ?? "absent")] as const),
    ...[...packages].map(([name, one]) => [name, identityOf(one)] as const),
  ]
  const since = firstUse.get(url) ?? Number.POSITIVE_INFINITY
  const isLater = (path: string) => (followedIfThere(path)?.ctimeMs ?? 0) > since
  const loaded = [...files.keys(), ...packageFiles({ packages })].some(isLater) ? [[thisProcess, "loaded before"]] : []
  const lines = [...parts, ...loaded].sort().map(([name, what]) => `${what} ${name}\n`)
  const digest = digestOf(lines.join(""))
  known.set(url, digest)
  return digest
}

const thisProcess = `${process.pid} ${performance.timeOrigin}`

/** When a module was first built with, in ms of the system's clock. Like the modules themselves, which are loaded once. */
const firstUse = new Map<string, number>()

/** Notes that these modules are loaded, as they are now. */
export function noteModules(urls: Iterable<string>): void {
  for (const url of urls) if (!firstUse.has(url)) firstUse.set(url, Date.now())
}

/** A package's version; of one that is linked, the digest of its code. */
function identityOf(one: Package | undefined): string {
  if (one === undefined) return "absent"
  if (one.code.length === 0) return String(JSON.parse(readFileSync(one.manifest, "utf8")).version)
  const home = dirname(one.manifest)
  return digestOf(one.code.map((path) => `${digestOf(readIfThere(path) ?? "")} ${relative(home, path)}\n`).join(""))
}
