// `compile-commands`: the compilation database that clangd, and with it most editors, reads.

import { join, relative } from "node:path"
import { readIfThere } from "../lib/base/files.ts"
import { commandOf } from "../lib/exec/order.ts"
import { graphOf } from "../lib/graph/graph.ts"
import { type Asked, targetNamed } from "./make.ts"
import { opened } from "./write.ts"

/** Writes compile_commands.json, of all targets or of those named, where it is not the same already. */
export async function compileCommands(
  { targets, typed, root, print }: Asked,
  words: readonly string[],
): Promise<number> {
  const wanted = words.length === 0 ? Object.values(targets) : words.map((word) => targetNamed(targets, word))
  const { compileCommandsOf } = await import("../lib/graph/compile-commands.ts")
  const commands = compileCommandsOf(graphOf([...new Set(wanted)]).targets, root, (target) =>
    commandOf(target, undefined, root),
  )
  const path = typed.output ?? relative(process.cwd(), join(root, "compile_commands.json"))
  const text = `${JSON.stringify(commands, null, 2)}\n`
  // Editors index everything anew when it is written.
  const isSame = readIfThere(path) === text
  if (!isSame) opened(path)(text)
  print(`${isSame ? "up to date" : "wrote"}  ${path}: ${commands.length} commands`)
  return 0
}
