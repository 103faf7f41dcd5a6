// What a Buildfile hands over, held against what the types say: nobody checks types when a Buildfile is run, and what is wrong shows
// best where it was written. Says what was given in the place of what.

import type { Step } from "./command.ts"
import { noRuleError, shapeError, unknownFieldError, unknownPathError } from "./errors.ts"
import type { Input, Output, Target } from "./target.ts"
import { termNames } from "./terms.ts"

type Kinded = { readonly kind?: unknown; readonly name?: unknown; readonly target?: Target }

const kindOf = (value: unknown): unknown =>
  typeof value === "object" && value !== null ? (value as Kinded).kind : undefined
const tick = (name: unknown): string => `\`${String(name)}\``

/** What a value is, in the words of a message. */
export function said(value: unknown): string {
  if (typeof value === "string") return `the text ${JSON.stringify(value)}`
  if (typeof value === "function") return "a function"
  if (Array.isArray(value)) return "a list"
  if (value instanceof Promise) return "a promise"
  const { name, target } = (value ?? {}) as Kinded
  switch (kindOf(value)) {
    case "target":
      return `the target ${tick(name)}`
    case "output":
      return `the output ${tick(name)} of ${tick(target?.name)}`
    case "source":
      return `the source ${tick((value as { path?: unknown }).path)}`
    case "tool":
      return `the tool ${tick(name)}`
    case "layers":
      return "layers"
    default:
      return typeof value === "object" && value !== null ? "an object" : String(value)
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value) && typeof kindOf(value) !== "string"

const options = new Set<string>([
  ...[
    "name",
    "about",
    "where",
    "inputs",
    "outputs",
    "tools",
    "root",
    "environment",
    "after",
    "expectedMs",
    "resumable",
  ],
  ...["run", "session", "before", "call", "module", "parameters"],
  ...termNames,
])

/** What messages call a target by: its name, or the first path that it writes. */
function calledBy({ name, outputs }: Readonly<Record<string, unknown>>): string {
  const paths = isRecord(outputs) ? Object.values(outputs).map((one) => (isRecord(one) ? one.at : one)) : []
  const called = [name, ...paths].find((one) => typeof one === "string")
  return called === undefined ? "a target" : tick(called)
}

/** Throws a BuildError if what `target` was given is not what it takes. */
export function checkTarget(given: Readonly<Record<string, unknown>>): void {
  const called = calledBy(given)
  for (const option in given) if (!options.has(option)) throw unknownFieldError(called, option, [...options])
  checkText(given.name, "`name` of a target", true)
  const { inputs = {}, outputs = {}, tools = [], environment = {}, after = [], root } = given
  if (!isRecord(inputs))
    throw shapeError(`\`inputs\` of ${called}`, said(inputs), 'name each: `inputs: { text: source("a.txt") }`')
  for (const [key, input] of Object.entries(inputs)) checkInputs(input, `\`inputs.${key}\` of ${called}`)
  if (!isRecord(outputs))
    throw shapeError(`\`outputs\` of ${called}`, said(outputs), 'name each: `outputs: { text: "out/a.txt" }`')
  for (const [key, output] of Object.entries(outputs)) checkOutput(output, `\`outputs.${key}\` of ${called}`)
  if (!isRecord(environment))
    throw shapeError(`\`environment\` of ${called}`, said(environment), 'give texts by name: `{ LANG: "C" }`')
  for (const [key, value] of Object.entries(environment)) checkText(value, `\`environment.${key}\` of ${called}`)
  checkList(tools, `\`tools\` of ${called}`, "tool", (text) => `declare it: \`tool({ name: ${text ?? "…"} })\``)
  checkList(after, `\`after\` of ${called}`, "target", () => "give targets, which have `outputs`")
  if (root !== undefined) checkInput(root, `\`root\` of ${called}`)
  checkRule(given, called)
}

function checkRule({ run, session, call, module }: Readonly<Record<string, unknown>>, called: string): void {
  const rules = Object.entries({ run, session, call }).filter(([, rule]) => rule !== undefined)
  if (rules.length !== 1)
    throw noRuleError(
      called,
      rules.map(([rule]) => rule),
    )
  const [[rule, found]] = rules as [[string, unknown]]
  if (typeof found !== "function")
    throw shapeError(`\`${rule}\` of ${called}`, said(found), `\`${rule}\` is a function`)
  if (call !== undefined)
    checkText(
      module,
      `\`module\` of ${called}`,
      false,
      "`module: import.meta.url` says where the function is: its code counts",
    )
}

/** Throws a BuildError if what `group` was given is not what it takes. */
export function checkGroup(name: unknown, members: unknown): void {
  checkText(name, "the name of a group")
  checkList(members, `the group ${tick(name)}`, "target", () => "give targets, which have `outputs`")
}

/** Throws a BuildError if what `buildfile` was given is not what it takes. */
export function checkBuildfile(variables: unknown, evaluate: unknown): void {
  const help = "`buildfile({ variables }, (values, reads) => ({ targets }))`; `{}` if there are none"
  if (!isRecord(variables)) throw shapeError("what `buildfile` is given for its variables", said(variables), help)
  if (typeof evaluate !== "function") throw shapeError("what `buildfile` is given to evaluate", said(evaluate), help)
}

/** Throws a BuildError if what a Buildfile returned is not targets by name. */
export function checkTargets(returned: unknown): void {
  const help = "return the targets by the names that a person types: `return { default: app, app }`"
  if (!isRecord(returned) || returned instanceof Promise)
    throw shapeError("what the Buildfile returns", said(returned), help)
  for (const [name, target] of Object.entries(returned))
    if (kindOf(target) !== "target") throw shapeError(`${tick(name)} of what the Buildfile returns`, said(target), help)
}

/** Throws a BuildError if what the rule of a target gave is no command. */
export function checkCommand(given: unknown, rule: string, name: string): void {
  const what = `what \`${rule}\` of ${tick(name)} gives`
  const { steps } = (given ?? {}) as { steps?: unknown }
  if (!Array.isArray(steps)) throw shapeError(what, said(given), commandHelp(given))
  for (const step of steps as readonly Step[]) {
    if (step.does === "argv") {
      for (const [i, word] of step.argv.entries()) {
        const words: readonly unknown[] = Array.isArray((word as { words?: unknown })?.words)
          ? (word as { words: [] }).words
          : [word]
        for (const one of words) checkText(one, `word ${i} of ${tick(step.argv[0])}, ${what},`)
      }
    } else {
      const texts =
        step.does === "shell" ? [step.script] : step.does === "copy" ? [step.from, step.to] : [step.to, step.text]
      for (const text of texts) checkText(text, `what is given to ${tick(step.does)}, ${what},`)
    }
  }
}

function commandHelp(given: unknown): string {
  if (typeof given === "string") return "write `shell(…)` or `command(…)` around it"
  if (given instanceof Promise) return "a command is given at once; what must be awaited is a function rule: `call`"
  return "return what `command`, `shell`, `copy`, `write` or `inOrder` gives"
}

/** What anybody asks of any object. */
const common = new Set<PropertyKey>([...Object.getOwnPropertyNames(Object.prototype), "then", "toJSON"])
const owner = Symbol("whose rule is given it")

/** Below what a rule is given: who asks for a name that is not there meant another one. */
const strict = new Proxy(Object.prototype, {
  get: (base, name, paths: { readonly [owner]?: string }) => {
    if (typeof name === "symbol" || common.has(name)) return Reflect.get(base, name, paths)
    throw unknownPathError(paths[owner] ?? "", name, Object.keys(paths))
  },
})

/** The paths that a target's rule is given, of which one that is not there is an error, and not the text `undefined` in a command. */
export function strictly<T extends object>(paths: T, { name }: Pick<Target, "name">): T {
  Object.defineProperty(paths, owner, { value: name })
  return Object.setPrototypeOf(paths, strict) as T
}

/** Throws a BuildError for anything but a text; `mayLack`: or nothing. */
export function checkText(value: unknown, what: string, mayLack = false, help = "give a text"): void {
  if (typeof value !== "string" && !(mayLack && value === undefined)) throw shapeError(what, said(value), help)
}

function checkInputs(input: unknown, what: string): void {
  if (!Array.isArray(input)) return checkInput(input, what)
  for (const [i, one] of input.entries()) checkInput(one, `${what.replace(/` of /, () => `[${i}]\` of `)}`)
}

const inputKinds = new Set<unknown>(["source", "output", "layers"] satisfies Input["kind"][])

function checkInput(input: unknown, what: string): void {
  if (!inputKinds.has(kindOf(input))) throw shapeError(what, said(input), inputHelp(input))
  if (kindOf(input) === "layers")
    checkList(
      (input as { trees?: unknown }).trees,
      `the layers in ${what}`,
      "output",
      () => "give outputs that are trees",
    )
}

function inputHelp(input: unknown): string {
  if (typeof input === "string") return `a file of the workspace is \`source(${JSON.stringify(input)})\``
  const outputs = Object.values((input as { outputs?: Readonly<Record<string, Output>> } | undefined)?.outputs ?? {})
  if (outputs.length > 0)
    return `name one of its outputs: ${outputs.map(({ name }) => tick(`outputs.${name}`)).join(", ")}`
  return "give what `source` or `files` gives, one of the `outputs` of a target, `layers`, or a list of them"
}

function checkOutput(output: unknown, what: string): void {
  const { form, at } = (output ?? {}) as { form?: unknown; at?: unknown }
  const isDeclaration = typeof form === "string" && (at === undefined || typeof at === "string")
  if (typeof output !== "string" && !isDeclaration)
    throw shapeError(what, said(output), "give a path of the workspace, or what `file`, `tree` or `layer` gives")
}

function checkList(list: unknown, what: string, kind: string, help: (text: string | undefined) => string): void {
  if (!Array.isArray(list)) throw shapeError(what, said(list), "give a list: `[…]`")
  for (const one of list)
    if (kindOf(one) !== kind)
      throw shapeError(
        `something in ${what}`,
        said(one),
        help(typeof one === "string" ? JSON.stringify(one) : undefined),
      )
}
