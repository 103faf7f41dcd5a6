// A target as plain data, and back: so that a graph can be kept, and only what is needed of it be made again. Targets are
// referred to by their number in the graph's order. The code of a function rule does not survive; its Buildfile must be
// evaluated again to have it. That a group owns a directory is left out, too: it matters when the graph is another.

import type { Command } from "./command.ts"
import type { Action, Input, Inputs, Output, Rule, Target } from "./target.ts"
import type { Terms } from "./terms.ts"
import type { Tool } from "./tool.ts"

/** A workspace file by its path; an output by its target's number and its name; layers of such. */
export type PlainInput =
  | string
  | { readonly of: number; readonly output: string }
  | { readonly trees: readonly PlainOutput[]; readonly without: readonly string[] }

type PlainOutput = Extract<PlainInput, { of: number }>

/** What a target is, without what it refers to. */
export interface PlainTarget {
  readonly name: string
  readonly about?: string
  readonly where?: string
  readonly expectedMs?: number
  readonly members?: readonly number[]
  readonly outputs: readonly (readonly [name: string, form: Output["form"], at: string | null])[]
  readonly action?: PlainAction
}

interface PlainAction {
  readonly inputs: Readonly<Record<string, PlainInput | readonly PlainInput[]>>
  readonly tools?: readonly number[]
  readonly environment?: Readonly<Record<string, string>>
  /** Absent: a function rule, or a command that depends on where it runs. */
  readonly command?: Command
  readonly isResumable?: true
  readonly terms?: Terms
}

/** What numbers stand for. */
export interface Numbers {
  target(target: Target): number
  tool(tool: Tool): number
}

/** A target as plain data. `command` is what its rule wants done, where that is the same wherever it runs. */
export function plainTarget(target: Target, numbers: Numbers, command: Command | undefined): PlainTarget {
  const { name, about, where, expectedMs, members, outputs, action } = target
  return {
    name,
    ...(about === "" ? {} : { about }),
    ...(where === undefined ? {} : { where }),
    ...(expectedMs === undefined ? {} : { expectedMs }),
    ...(members.length === 0 ? {} : { members: members.map(numbers.target) }),
    outputs: Object.values(outputs).map(({ name, form, at }) => [name, form, at ?? null]),
    ...(action === undefined ? {} : { action: plainAction(action, numbers, command) }),
  }
}

function plainAction(
  { inputs, tools, environment, isResumable, terms }: Action,
  numbers: Numbers,
  command: Command | undefined,
): PlainAction {
  const entries = Object.entries(inputs).map(([name, input]) => [
    name,
    isOne(input) ? plainInput(input, numbers) : input.map((one) => plainInput(one, numbers)),
  ])
  return {
    inputs: Object.fromEntries(entries),
    ...(tools.length === 0 ? {} : { tools: tools.map(numbers.tool) }),
    ...(Object.keys(environment).length === 0 ? {} : { environment }),
    ...(command === undefined ? {} : { command }),
    ...(isResumable ? { isResumable } : {}),
    ...(Object.keys(terms).length === 0 ? {} : { terms }),
  }
}

const isOne = (input: Input | readonly Input[]): input is Input => !Array.isArray(input)

function plainInput(input: Input, numbers: Numbers): PlainInput {
  if (input.kind === "source") return input.path
  const plain = ({ target, name }: Output): PlainOutput => ({ of: numbers.target(target), output: name })
  return input.kind === "output" ? plain(input) : { trees: input.trees.map(plain), without: input.without }
}

/** What plain data refers to. */
export interface Referred {
  target(number: number): Target
  tool(number: number): Tool
  source(path: string): Input
}

/** The target without what it needs: others can refer to its outputs, and that is all. */
export function bareTarget(plain: PlainTarget): Target {
  const { name, about = "", where, expectedMs, outputs } = plain
  const made: { -readonly [K in keyof Target]: Target[K] } = {
    kind: "target",
    ...{ name, about, where, expectedMs, members: [], outputs: {}, action: undefined },
  }
  made.outputs = Object.fromEntries(
    outputs.map(([name, form, at]) => [name, { kind: "output", name, form, at: at ?? undefined, target: made }]),
  )
  return made
}

/** The whole target. Undefined where its rule did not survive. */
export function wholeTarget(plain: PlainTarget, bare: Target, referred: Referred): Target | undefined {
  const { action, members = [] } = plain
  const whole = bare as { -readonly [K in keyof Target]: Target[K] }
  whole.members = members.map(referred.target)
  if (action === undefined) return whole
  const { command, inputs, tools = [], environment = {}, isResumable = false, terms = {} } = action
  if (command === undefined) return undefined
  const rule: Rule = { kind: "command", run: () => command }
  whole.action = {
    rule,
    inputs: inputsFrom(inputs, referred),
    tools: tools.map(referred.tool),
    environment,
    parameters: "",
    isResumable,
    terms,
  }
  return whole
}

function inputsFrom(plain: PlainAction["inputs"], referred: Referred): Inputs {
  const output = ({ of, output }: PlainOutput): Output => referred.target(of).outputs[output] as Output
  const one = (input: PlainInput): Input => {
    if (typeof input === "string") return referred.source(input)
    if ("of" in input) return output(input)
    return { kind: "layers", trees: input.trees.map(output), without: input.without }
  }
  return Object.fromEntries(
    Object.entries(plain).map(([name, input]) => [name, isPlainOne(input) ? one(input) : input.map(one)]),
  )
}

/** The numbers of the targets that these inputs come from. */
export const plainNeeds = (inputs: PlainAction["inputs"]): readonly number[] =>
  Object.values(inputs)
    .flat()
    .flatMap((input) => (typeof input === "string" ? [] : "of" in input ? [input.of] : input.trees.map(({ of }) => of)))

const isPlainOne = (input: PlainInput | readonly PlainInput[]): input is PlainInput => !Array.isArray(input)
