// What there is to do once it is clear that something is: evaluates the Buildfile, and goes on with a command or with targets.

import { ownOf } from "../lib/base/own.ts"
import type { Variables } from "../lib/graph/variable.ts"
import { evaluateTyped, importBuildfile } from "../lib/load/load.ts"
import { clean, commands } from "./commands.ts"
import { helpText } from "./help.ts"
import { type Asked, engineFor, make, targetNamed } from "./make.ts"
import type { Typed } from "./options.ts"
import { rememberedPath } from "./quick.ts"
import { printer } from "./write.ts"

/** A name for what the variables' values make of the Buildfile. */
const variantOf = (variables: Variables, typed: Typed["variables"]): string =>
  Object.entries(variables)
    .map(([name, variable]) => `${name}=${ownOf(typed, name) ?? variable.default}`)
    .join(" ")

/** Does what was typed; gives the exit status. */
export async function run(typed: Typed, root: string): Promise<number> {
  const buildfile = await importBuildfile(root)
  const { targets, reads } = evaluateTyped(buildfile, typed.variables, root)
  const engine = engineFor(typed, root)
  const print = printer()
  const asked: Asked = { typed, root, buildfile, targets, engine, print }
  const words = typed.words.length === 0 && targets.default !== undefined ? ["default"] : typed.words
  const [first, ...rest] = words
  if (first === undefined || (typed.isHelp && first !== "query")) {
    print(helpText(buildfile, targets))
    return 0
  }
  const isTarget = Object.hasOwn(targets, first)
  const command = ownOf(commands, first)
  if (command !== undefined && !isTarget) return command(asked, rest)
  if (first.startsWith("clean-") && !isTarget) return clean(asked, [first.slice("clean-".length)])
  const wanted = words.map((word) => targetNamed(targets, word))
  const variant = variantOf(buildfile.variables, typed.variables)
  const whole = { variant, targets: [...new Set(Object.values(targets))] }
  return make(asked, wanted, { whole, remember: { path: rememberedPath(typed, root), reads } })
}
