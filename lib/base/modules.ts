// What a module is made of: its own file, all files that it imports, and packages from npm. Found by reading, not by running, and
// generously: too much costs a needless run, too little a wrong result. An import whose name is computed is not seen.

import { createRequire, findPackageJSON } from "node:module"
import { dirname, join, relative, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { followedIfThere } from "./files.ts"
import { globSync, readFileSync, realpathSync, statSync } from "./fs.ts"

// `import type` leaves nothing behind when types are stripped.
const typesPattern = /\b(?:import|export)\s+type\s(?!\s*from\s*["'])[^"';]*?\bfrom\s*["'][^"'\n]+["']/g
const importPattern = /\b(?:from|import)\s*\(?\s*["']([^"'\n]+)["']/g

/** A module's files and packages. */
export interface Modules {
  /** Path → text; undefined for what cannot be read. */
  readonly files: ReadonlyMap<string, string | undefined>
  /** Name → what the package is. */
  readonly packages: ReadonlyMap<string, Package | undefined>
}

/** A package: its package.json, and, of one that is linked from a workspace and edited without a new version, its code. */
export interface Package {
  readonly manifest: string
  readonly code: readonly string[]
}

/** The files by which packages count. */
export const packageFiles = ({ packages }: Pick<Modules, "packages">): readonly string[] =>
  [...packages.values()].flatMap((one) => (one === undefined ? [] : [one.manifest, ...one.code]))

/** Reads a module and all that it imports. */
export function modulesFrom(start: string): Modules {
  const files = new Map<string, string | undefined>()
  const packages = new Map<string, Package | undefined>()
  const queue = new Set([start])
  for (const path of queue) {
    const text = orNothing(() => readFileSync(path, "utf8"))
    // What looked like an import was a text: nothing is imported from a directory.
    if (text === undefined && orNothing(() => statSync(path).isDirectory())) continue
    files.set(path, text)
    // What a link leads to imports from where it lies.
    const from = orNothing(() => realpathSync(path)) ?? path
    for (const [, name = ""] of (text ?? "").replace(typesPattern, "").matchAll(importPattern)) {
      if (name.startsWith("node:")) continue
      const imported = fileOf(name, from)
      if (imported !== undefined) queue.add(imported)
      else if (!packages.has(name))
        packages.set(
          name,
          orNothing(() => packageOf(name, from)),
        )
    }
  }
  return { files, packages }
}

/** What `read` gives; whatever it cannot read counts as not there. */
function orNothing<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

/** The file that an import names, or undefined for a package. */
function fileOf(name: string, from: string): string | undefined {
  const path = name.replace(/[?#].*$/, "")
  if (path.startsWith("file:")) return fileURLToPath(path)
  if (/^\.{0,2}\//.test(path)) return resolve(dirname(from), path)
  return name.startsWith("#") ? orNothing(() => createRequire(from).resolve(name)) : undefined
}

function packageOf(name: string, from: string): Package | undefined {
  const found = findPackageJSON(name, from)
  if (found === undefined) return undefined
  const manifest = realpathSync(found)
  const home = dirname(manifest)
  const isLinked = !manifest.includes("/node_modules/") && relative(home, from).startsWith("..")
  return { manifest, code: isLinked ? codeIn(home) : [] }
}

const codeIn = (home: string): readonly string[] =>
  globSync("**/*.{ts,mts,cts,js,mjs,cjs,json}", { cwd: home, exclude: ["**/node_modules", "**/.*"] })
    .sort()
    .map((path) => join(home, path))
    .filter((path) => followedIfThere(path)?.isFile() === true)
