// A project's source, by the engine itself: from upstream or Debian, as packages of the Linux system have theirs.

import { join } from "node:path"
import { build } from "../lib/exec/engine.ts"
import { type Source, sourceTargets } from "../lib/linux/source.ts"
import { copy, renderDiagnostic, target, tree } from "../lib/mod.ts"
import { storeDirectory } from "../lib/store/directory.ts"

/** Puts a source into the directory of this name in `scratch`, where its patches are. Throws an Error that says why it cannot be had. */
export async function fetchSource(name: string, from: Source, scratch: string): Promise<void> {
  const { unpacked } = sourceTargets(from, name, undefined)
  const source = target({
    inputs: { unpacked: unpacked.outputs.tree },
    outputs: { source: tree(name) },
    run: ({ unpacked }, { source }) => copy(unpacked, source),
  })
  const { failures } = await build([source], { root: scratch, store: storeDirectory(process.env), slots: 1 })
  const [failed] = failures
  if (failed !== undefined) throw new Error(`${renderDiagnostic(failed.diagnostic)}\n(log in ${join(scratch, "log")})`)
}
