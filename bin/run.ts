// What there is to do once it is clear that something is: evaluates the Buildfile, and goes on with a command or with targets.

import { ownOf } from "../lib/base/own.ts"
import * as errors from "../lib/graph/errors.ts"
import type { Variables } from "../lib/graph/variable.ts"
import { evaluateTyped, importBuildfile } from "../lib/load/load.ts"
import { clean, commandNamed, type Run } from "./commands.ts"
import { helpText } from "./help.ts"
import { type Asked, engineFor, make, sessionsIn, targetNamed } from "./make.ts"
import type { Typed } from "./options.ts"
import { rememberedPath } from "./quick.ts"
import { printer } from "./write.ts"

/** A name for what the variables' values make of the Buildfile. */
const variantOf = (variables: Variables, typed: Typed["variables"]): string =>
  Object.entries(variables)
    .map(([name, variable]) => `${name}=${ownOf(typed, name) ?? variable.default}`)
    .join(" ")

/** What `clean-NAME` does. */
const cleaning = (word: string): Run | undefined =>
  word.startsWith("clean-") ? (asked, words) => clean(asked, [word.slice("clean-".length), ...words]) : undefined

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
  const command = Object.hasOwn(targets, first) ? undefined : (commandNamed(first) ?? cleaning(first))
  const wanted = command === undefined ? words.map((word) => targetNamed(targets, word)) : []
  const strange = typed.owned.find(([, of]) => command === undefined || !of.includes(first))
  if (strange !== undefined) throw errors.strangeOptionError(...strange)
  if (typed.rest.length > 0 && wanted.flatMap(sessionsIn).length === 0) throw errors.noSessionError(typed.rest)
  if (command !== undefined) return command(asked, rest)
  const variant = variantOf(buildfile.variables, typed.variables)
  const whole = { variant, targets: [...new Set(Object.values(targets))] }
  return make(asked, wanted, { whole, remember: { path: rememberedPath(typed, root), reads } })
}
