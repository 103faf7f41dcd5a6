// What a function rule is: the content of the module that holds it and of all that this imports. Packages from npm count by
// their version; those that are linked from a workspace, which are edited without a new one, by their code. What an import may
// be is looked for generously: too much costs a needless run, too little a wrong result.

import { globSync, readFileSync, realpathSync } from "node:fs"
import { createRequire, findPackageJSON } from "node:module"
import { dirname, join, relative, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { type Digest, digestOf } from "../base/digest.ts"

// `import type` leaves nothing behind when types are stripped.
const typesPattern = /\b(?:import|export)\s+type\s(?!\s*from\s*["'])[^"';]*?\bfrom\s*["'][^"'\n]+["']/g
const importPattern = /\b(?:from|import)\s*\(?\s*["']([^"'\n]+)["']/g

/** The digest of a module (a `file:` URL) with everything that it imports. `known` keeps what was found in one build. */
export function moduleDigest(url: string, known: Map<string, Digest>): Digest {
  const found = known.get(url)
  if (found !== undefined) return found
  const start = fileURLToPath(url)
  const parts = new Map<string, string>()
  const queue = new Set([start])
  for (const path of queue) {
    const text = orAbsent(() => readFileSync(path, "utf8"))
    parts.set(relative(dirname(start), path), digestOf(text))
    for (const [, name = ""] of text.replace(typesPattern, "").matchAll(importPattern)) {
      const imported = name.startsWith("node:") ? undefined : fileOf(name, path)
      if (imported !== undefined) queue.add(imported)
      else if (!name.startsWith("node:"))
        parts.set(
          name,
          orAbsent(() => packageIdentity(name, path)),
        )
    }
  }
  const lines = [...parts].sort().map(([name, what]) => `${what} ${name}\n`)
  const digest = digestOf(lines.join(""))
  known.set(url, digest)
  return digest
}

/** What `read` gives; whatever it cannot read counts as not there. */
function orAbsent(read: () => string): string {
  try {
    return read()
  } catch {
    return "absent"
  }
}

/** The file that an import names, or undefined for a package. */
function fileOf(name: string, from: string): string | undefined {
  const path = name.replace(/[?#].*$/, "")
  if (path.startsWith("file:")) return fileURLToPath(path)
  if (/^\.{0,2}\//.test(path)) return resolve(dirname(from), path)
  if (!name.startsWith("#")) return undefined
  const found = orAbsent(() => createRequire(from).resolve(name))
  return found === "absent" ? undefined : found
}

/** A package's version; of one that does not lie in node_modules, but is linked into it, the digest of its code. */
function packageIdentity(name: string, from: string): string {
  const found = findPackageJSON(name, from)
  if (found === undefined) return "absent"
  const path = realpathSync(found)
  const home = dirname(path)
  const isLinked = !path.includes("/node_modules/") && relative(home, from).startsWith("..")
  return isLinked ? codeDigest(home) : String(JSON.parse(readFileSync(path, "utf8")).version)
}

function codeDigest(home: string): string {
  const code = globSync("**/*.{ts,mts,cts,js,mjs,cjs,json}", { cwd: home, exclude: ["**/node_modules", "**/.*"] })
  return digestOf(
    code
      .sort()
      .map((path) => `${digestOf(orAbsent(() => readFileSync(join(home, path), "utf8")))} ${path}\n`)
      .join(""),
  )
}
