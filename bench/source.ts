// A project's source, by the engine itself: from upstream or Debian, as packages of the Linux system have theirs.

import { join } from "node:path"
import { build, storeDirectory } from "../lib/exec/engine.ts"
import { archive, sourceTargets } from "../lib/linux/source.ts"
import { copy, renderDiagnostic, target, tree } from "../lib/mod.ts"
import type { Project } from "./projects.ts"

/** Puts a project's source into the directory of its name in `scratch`. Throws an Error that says why it cannot be had. */
export async function fetchSource({ name, locations }: Project, scratch: string): Promise<void> {
  const { unpacked } = sourceTargets(archive(locations), name, undefined)
  const source = target({
    inputs: { unpacked: unpacked.outputs.tree },
    outputs: { source: tree(name) },
    run: ({ unpacked }, { source }) => copy(unpacked, source),
  })
  const { failures } = await build([source], { root: scratch, store: storeDirectory(process.env), slots: 1 })
  const [failed] = failures
  if (failed !== undefined) throw new Error(`${renderDiagnostic(failed.diagnostic)}\n(log in ${join(scratch, "log")})`)
}
