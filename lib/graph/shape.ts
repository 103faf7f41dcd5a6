// What a Buildfile hands over, held against what the types say: nobody checks types when a Buildfile is run, and what is wrong shows
// best where it was written. Says what was given in the place of what.

import type { Step } from "./command.ts"
import { noRuleError, shapeError, unknownFieldError, unknownPathError } from "./errors.ts"
import type { Input, Output, Target } from "./target.ts"
import { termNames } from "./terms.ts"

type Kinded = { readonly kind?: unknown; readonly name?: unknown; readonly target?: Target }

const kindOf = (value: unknown): unknown =>
  typeof value === "object" && value !== null ? (value as Kinded).kind : undefined
/** A name as messages show it. */
export const tick = (name: unknown): string => `\`${String(name)}\``

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

/** Whether it is an object that gives something by names. */
export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
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

/** What a message is about. Nobody asks where nothing is wrong: targets are made by the hundred thousand. */
type What = () => string

/** What messages call a target by: its name, or the first path that it writes. */
function calledBy({ name, outputs }: Readonly<Record<string, unknown>>): string {
  const paths = isRecord(outputs) ? Object.values(outputs).map((one) => (isRecord(one) ? one.at : one)) : []
  const called = [name, ...paths].find((one) => typeof one === "string")
  return called === undefined ? "a target" : tick(called)
}

/** Throws a BuildError if what `target` was given is not what it takes. */
export function checkTarget(given: Readonly<Record<string, unknown>>): void {
  const of = (what: string) => `${tick(what)} of ${calledBy(given)}`
  for (const option in given) if (!options.has(option)) throw unknownFieldError(calledBy(given), option, [...options])
  if (given.name !== undefined) checkText(given.name, () => "`name` of a target")
  const { inputs = {}, outputs = {}, tools = [], environment = {}, after = [], root } = given
  if (!isRecord(inputs)) throw shapeError(of("inputs"), said(inputs), 'name each: `inputs: { text: source("a.txt") }`')
  for (const key in inputs) checkInputs(inputs[key], (place) => of(`inputs.${key}${place}`))
  if (!isRecord(outputs)) throw shapeError(of("outputs"), said(outputs), 'name each: `outputs: { text: "out/a.txt" }`')
  for (const key in outputs) checkOutput(outputs[key], () => of(`outputs.${key}`))
  if (!isRecord(environment))
    throw shapeError(of("environment"), said(environment), 'give texts by name: `{ LANG: "C" }`')
  for (const key in environment) {
    checkText(environment[key], () => of(`environment.${key}`))
    if (/^$|[=\0]/.test(key)) throw shapeError(`a name in ${of("environment")}`, said(key), "give one without `=`")
  }
  const { expectedMs = 0 } = given
  if (!(typeof expectedMs === "number" && expectedMs >= 0 && Number.isFinite(expectedMs)))
    throw shapeError(of("expectedMs"), said(expectedMs), "give a number of ms")
  checkList(
    tools,
    () => of("tools"),
    "tool",
    (text) => `declare it: \`tool({ name: ${text ?? "…"} })\``,
  )
  checkList(
    after,
    () => of("after"),
    "target",
    () => "give targets, which have `outputs`",
  )
  if (root !== undefined) checkInput(root, () => of("root"))
  checkRule(given, of)
}

/** What says nothing of a target with such a rule. */
const foreign: Readonly<Record<string, readonly string[]>> = {
  run: ["before", "module", "parameters"],
  call: ["before", "root", "jobserver"],
  session: [...["outputs", "module", "parameters", "resumable"], ...termNames.filter((term) => term !== "machine")],
}

function checkRule(given: Readonly<Record<string, unknown>>, of: (what: string) => string): void {
  const rules = ["run", "session", "call"].filter((rule) => given[rule] !== undefined)
  const [rule = ""] = rules
  if (rules.length !== 1) throw noRuleError(calledBy(given), rules)
  const strange = foreign[rule]?.find((option) => given[option] !== undefined)
  if (strange !== undefined) throw unknownFieldError(calledBy(given), strange, [], `a target with ${tick(rule)}`)
  if (typeof given[rule] !== "function") throw shapeError(of(rule), said(given[rule]), `\`${rule}\` is a function`)
  const help = "`module: import.meta.url` says where the function is: its code counts"
  if (rule === "call") checkText(given.module, () => of("module"), help)
  if (given.parameters !== undefined)
    checkText(given.parameters, () => of("parameters"), "give a text: `JSON.stringify(…)` makes one of any value")
}

/** Throws a BuildError if what `group` was given is not what it takes. */
export function checkGroup(name: unknown, members: unknown): void {
  checkText(name, () => "the name of a group")
  checkList(
    members,
    () => `the group ${tick(name)}`,
    "target",
    () => "give targets, which have `outputs`",
  )
}

/** Throws a BuildError if what is to be built is no list of targets. */
export const checkWanted = (wanted: unknown): void =>
  checkList(
    wanted,
    () => "what is to be built",
    "target",
    () => "give targets, which have `outputs`",
  )

/** Throws a BuildError if what is to be loaded is not what `buildfile` gives. */
export function checkLoaded(project: unknown): void {
  const help = "give what `buildfile` gives: of a module it is `(await import(path)).default`"
  if (kindOf(project) !== "buildfile") throw shapeError("what is to be loaded", said(project), help)
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
  const what = () => `what \`${rule}\` of ${tick(name)} gives`
  const { steps } = (given ?? {}) as { steps?: unknown }
  if (!Array.isArray(steps)) throw shapeError(what(), said(given), commandHelp(given))
  for (const step of steps as readonly Step[]) {
    if (step.does === "argv") {
      for (const [i, word] of step.argv.entries()) {
        if (typeof word === "string") continue
        const words: readonly unknown[] = (word as { words?: [] } | undefined)?.words ?? [word]
        for (const one of words) checkText(one, () => `word ${i} of ${tick(step.argv[0])}, ${what()},`)
      }
    } else {
      const texts =
        step.does === "shell" ? [step.script] : step.does === "copy" ? [step.from, step.to] : [step.to, step.text]
      for (const text of texts) checkText(text, () => `what is given to ${tick(step.does)}, ${what()},`)
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

/** Throws a BuildError for anything but a text. */
export function checkText(value: unknown, what: What, help = "give a text"): void {
  if (typeof value !== "string") throw shapeError(what(), said(value), help)
}

function checkInputs(input: unknown, what: (place: string) => string): void {
  if (!Array.isArray(input)) return checkInput(input, () => what(""))
  for (const [i, one] of input.entries()) checkInput(one, () => what(`[${i}]`))
}

const inputKinds = new Set<unknown>(["source", "output", "layers"] satisfies Input["kind"][])

function checkInput(input: unknown, what: What): void {
  if (!inputKinds.has(kindOf(input))) throw shapeError(what(), said(input), inputHelp(input))
  if (kindOf(input) !== "layers") return
  const { trees } = input as { readonly trees?: unknown }
  const help = "give outputs that are trees"
  checkList(
    trees,
    () => `the layers in ${what()}`,
    "output",
    () => help,
  )
  const file = (trees as readonly Output[]).find(({ form }) => form === "file")
  if (file !== undefined) throw shapeError(`something in the layers in ${what()}`, `the file ${tick(file.name)}`, help)
}

function inputHelp(input: unknown): string {
  if (typeof input === "string") return `a file of the workspace is \`source(${JSON.stringify(input)})\``
  const outputs = Object.values((input as { outputs?: Readonly<Record<string, Output>> } | undefined)?.outputs ?? {})
  if (outputs.length > 0)
    return `name one of its outputs: ${outputs.map(({ name }) => tick(`outputs.${name}`)).join(", ")}`
  return "give what `source` or `files` gives, one of the `outputs` of a target, `layers`, or a list of them"
}

function checkOutput(output: unknown, what: What): void {
  const { form, at } = (output ?? {}) as { form?: unknown; at?: unknown }
  const isDeclaration = typeof form === "string" && (at === undefined || typeof at === "string")
  if (typeof output !== "string" && !isDeclaration)
    throw shapeError(what(), said(output), "give a path of the workspace, or what `file`, `tree` or `layer` gives")
}

function checkList(list: unknown, what: What, kind: string, help: (text: string | undefined) => string): void {
  if (!Array.isArray(list)) throw shapeError(what(), said(list), "give a list: `[…]`")
  for (const one of list)
    if (kindOf(one) !== kind)
      throw shapeError(
        `something in ${what()}`,
        said(one),
        help(typeof one === "string" ? JSON.stringify(one) : undefined),
      )
}
