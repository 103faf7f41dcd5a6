// A system that is small enough for a test: dash and toybox, static, as the recipes make them. They come out of the user's store; what
// is built with them in a rig has the rig's own, so that it does run.

import { cpSync, statSync } from "node:fs"
import { Builds } from "../lib/linux/mod.ts"
import { layers, shell, type Target, target, tree } from "../lib/mod.ts"
import { storeDirectory } from "../lib/store/directory.ts"
import { foundation, recipes } from "../pkg/all.ts"
import native from "../sysdeps/x86_64-linux-musl.ts"
import { coreutils, type Rig } from "./rig.ts"

const builds = new Builds(native, "Release", foundation)

/** The packages, with `sh` as one more name of dash. */
const system = target({
  name: "system",
  inputs: { system: layers([recipes.dash, recipes.toybox].map(builds.tree)) },
  outputs: { tree: tree("system") },
  tools: [coreutils],
  run: ({ system }, { tree }) =>
    shell(`mkdir -p ${tree}
cp -R ${system}/. ${tree}/ && chmod u+w ${tree}/usr/bin && ln -s dash ${tree}/usr/bin/sh`),
})

/** Brings the patches of all recipes to where they are looked for. */
export function bringPatches(rig: Rig): void {
  const isWanted = (path: string) => path.endsWith(".patch") || statSync(path).isDirectory()
  cpSync(new URL("../pkg", import.meta.url), rig.path("pkg"), { recursive: true, filter: isWanted })
}

/** A target whose tree is such a system. */
export async function smallSystem(rig: Rig): Promise<Target<{ tree: ReturnType<typeof tree> }>> {
  bringPatches(rig)
  const { outcome, said } = await rig.build([system], { store: storeDirectory(process.env) })
  if (outcome !== "done") throw new Error(said.join("\n"))
  const from = rig.path("system")
  return target({
    name: "small-system",
    outputs: { tree: tree() },
    module: import.meta.url,
    parameters: from,
    call: async (_, { tree }) => cpSync(from, tree, { recursive: true, verbatimSymlinks: true }),
  })
}
