// From a command line to what lib/ does, and to an exit status: 0; 1 for a failed action; 2 for an error; 130 for Ctrl-C. Imports
// little, so that a build with nothing to do starts fast; what there is to do is in run.ts.

import { findWorkspace } from "../lib/load/workspace.ts"
import { parse } from "./options.ts"
import { quick } from "./quick.ts"
import { sayThrown } from "./thrown.ts"

/** Does what was typed; gives the exit status. */
export async function main(argv: readonly string[]): Promise<number> {
  let isColoured: boolean | undefined
  try {
    // What a shell has of the line so far is not to be understood as a whole one.
    if (argv[0] === "complete") return await (await import("./complete.ts")).complete(argv.slice(1))
    const typed = parse(argv, process.env.MAKEFLAGS)
    isColoured = typed.isColoured
    if (typed.isVersion) return (await import("./version.ts")).version()
    const root = findWorkspace(process.cwd())
    if (typed.watch) return await (await import("./watch.ts")).watch(typed, root, argv)
    const status =
      (typed.wait ? await (await import("./wait.ts")).wait(typed, root) : undefined) ?? (await quick(typed, root))
    if (status !== undefined) return status
    const { run } = await import("./run.ts")
    return await run(typed, root)
  } catch (thrown) {
    return sayThrown(thrown, isColoured)
  }
}
