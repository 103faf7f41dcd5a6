// hashmake as its users have it: the package that would be published, installed with npm.

import { cpSync, existsSync, globSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { run } from "./measure.ts"

const repository = join(import.meta.dirname, "..")

const npm = (directory: string, ...words: readonly string[]): string =>
  run({
    argv: ["npm", ...words],
    directory,
    // npm is a script of some Node; what is packed is made by the one that runs this.
    environment: { PATH: `${dirname(process.execPath)}:${process.env.PATH}` },
  })

/** Packs this checkout, and leaves the archive in a directory; gives its path. Throws an Error with what npm says. */
export function pack(directory: string): string {
  const copy = join(directory, "copy")
  mkdirSync(copy, { recursive: true })
  // `npm pack` writes into the directory that it packs.
  const packed = ["lib", "bin", "LICENSE", "rolldown.config.ts", ...globSync("*.{json,md}", { cwd: repository })]
  for (const name of packed) cpSync(join(repository, name), join(copy, name), { recursive: true })
  symlinkSync(join(repository, "node_modules"), join(copy, "node_modules"))
  npm(copy, "pack", "--silent", "--pack-destination", directory)
  return join(directory, readdirSync(directory).find((name) => name.endsWith(".tgz")) ?? "none")
}

/** Installs packages, by name or archive, into a project; one that is not there is made. Throws an Error with what npm says. */
export function install(project: string, ...packages: readonly string[]): string {
  const manifest = join(project, "package.json")
  mkdirSync(project, { recursive: true })
  if (!existsSync(manifest)) writeFileSync(manifest, '{ "private": true, "type": "module" }\n')
  return npm(project, "install", "--prefer-offline", "--loglevel=error", "--no-audit", "--no-fund", ...packages)
}

/** The project in a scratch directory in which this checkout's package is installed. */
const projectIn = (scratch: string): string => join(scratch, "hashmake")

/** Where in a scratch directory a file of the package is. */
export const installed = (scratch: string, file: string): string =>
  join(projectIn(scratch), "node_modules/hashmake/dist", file)

/** Installs this checkout's package into a scratch directory, anew. Throws an Error with what npm says. */
export function installSelf(scratch: string): void {
  const project = projectIn(scratch)
  rmSync(project, { recursive: true, force: true })
  install(project, pack(project))
}
