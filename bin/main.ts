// From a command line to what lib/ does, and to an exit status: 0; 1 for a failed action; 2 for an error; 130 for Ctrl-C.

import {
  BuildError,
  type EngineOptions,
  evaluateTyped,
  findWorkspace,
  importBuildfile,
  paint,
  painted,
  renderDiagnostic,
} from "../lib/mod.ts"
import { clean, commands } from "./commands.ts"
import { helpText } from "./help.ts"
import { type Asked, make, targetNamed } from "./make.ts"
import { parse } from "./options.ts"

/** Does what was typed; gives the exit status. */
export async function main(argv: readonly string[]): Promise<number> {
  let isColoured = process.stderr.isTTY === true
  try {
    const typed = parse(argv)
    isColoured = typed.isColoured
    const root = findWorkspace(process.cwd())
    const buildfile = await importBuildfile(root)
    const targets = evaluateTyped(buildfile, typed.variables, root)
    const engine: EngineOptions = { root, slots: typed.jobs, sandbox: typed.sandbox }
    const print = (text: string) => void process.stdout.write(`${text}\n`)
    const asked: Asked = { typed, root, buildfile, targets, engine, print }
    const [first, ...rest] = typed.words
    if (typed.isHelp || first === undefined) {
      print(helpText(buildfile, targets))
      return 0
    }
    const command = commands[first]
    if (command !== undefined && targets[first] === undefined) return await command(asked, rest)
    if (first.startsWith("clean-") && targets[first] === undefined)
      return await clean(asked, [first.slice("clean-".length)])
    return await make(
      asked,
      typed.words.map((word) => targetNamed(targets, word)),
    )
  } catch (thrown) {
    if (!(thrown instanceof BuildError)) {
      process.stderr.write(
        `${(thrown as Error)?.stack ?? thrown}\nthis is a bug in hashmake: please report it with the lines above\n`,
      )
      return 2
    }
    process.stderr.write(`${painted(renderDiagnostic(thrown.diagnostic), paint(isColoured))}\n`)
    return 2
  }
}
