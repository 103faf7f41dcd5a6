// Programs from npm as inputs: a sandbox has no node_modules but for what an action declares.

import { cpSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { source, target, tree } from "hashmake"

interface Lock {
  readonly packages: Readonly<Record<string, { dependencies?: object; optionalDependencies?: object }>>
}

/** A tree with node_modules in it, which holds these packages and all that they need, as they are installed here. */
export const npmPackages = (...names: readonly string[]) =>
  target({
    name: `npm/${names.join("+")}`,
    about: `${names.join(" and ")} from npm`,
    // What npm installed, and of which version.
    inputs: { lock: source("node_modules/.package-lock.json") },
    outputs: { tree: tree() },
    module: import.meta.url,
    parameters: names.join(" "),
    call: async ({ lock }, { tree }) => {
      for (const path of closure(JSON.parse(readFileSync(lock, "utf8")), names))
        cpSync(join(dirname(lock), "..", path), join(tree, path), { recursive: true, dereference: true })
    },
  })

/** The directories of the installed packages that these need, themselves included; nested ones come with those around them. */
function closure({ packages }: Lock, names: readonly string[]): readonly string[] {
  const paths = new Set(names.map((name) => `node_modules/${name}`))
  for (const path of paths) {
    const { dependencies = {}, optionalDependencies = {} } = packages[path] ?? {}
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies }))
      if (packages[`node_modules/${name}`] !== undefined) paths.add(`node_modules/${name}`)
  }
  return [...paths]
}
