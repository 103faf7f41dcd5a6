// The variables of a Buildfile: `NAME=value` on the command line, typed in the Buildfile. A variable knows its values, its
// default and what it is for; help, errors and completion all read it from here.

import { ownOf } from "../base/own.ts"
import { unknownVariableError, variableValueError } from "./errors.ts"
import { checkText } from "./shape.ts"

/** A variable that gives a T from what a person typed. */
export interface Variable<T = unknown> {
  /** What it is for, in a few words; `help` shows it. */
  readonly about: string
  /** What is taken for typed where nothing was. */
  readonly default: string
  /** The values that there are, where they can be listed. */
  readonly values: readonly string[] | undefined
  /**
   * The value that was typed for the variable of this name.
   * @throws BuildError, with the nearest value, for one that there is not.
   */
  parse(name: string, typed: string): T
  /**
   * Looks at a value that was not typed, but given to `Engine.load`. Default: whatever its type allows is right.
   * @throws BuildError for one that there is not.
   */
  check?(name: string, given: unknown): void
}

/** Variables by the names that are typed: `MODE=release`. */
export type Variables = Readonly<Record<string, Variable>>
/** The values of such variables, each of its own type. */
export type Values<V extends Variables> = { readonly [K in keyof V]: V[K] extends Variable<infer T> ? T : never }

/** A variable that is one of these; the first is the default. */
export const choice = <const T extends string>(values: readonly T[], about: string): Variable<T> => ({
  about,
  default: values[0] ?? "",
  values,
  parse: (name, typed) => oneOf(values, name, typed),
  check: (name, given) => void oneOf(values, name, given),
})

function oneOf<T extends string>(values: readonly T[], name: string, given: unknown): T {
  const found = values.find((value) => value === given)
  if (found === undefined) throw variableValueError(name, String(given), values)
  return found
}

/** A variable that is several of these, typed with blanks or commas between them, in the order typed; `standard` is the default. */
export const several = <const T extends string>(
  values: readonly T[],
  standard: readonly NoInfer<T>[],
  about: string,
): Variable<readonly T[]> => ({
  about,
  default: standard.join(" "),
  values,
  parse: (name, typed) =>
    typed
      .split(/[\s,]+/)
      .filter(Boolean)
      .map((one) => oneOf(values, name, one)),
  check(name, given) {
    for (const one of Array.isArray(given) ? given : [given]) oneOf(values, name, one)
  },
})

/** A variable that is any text; `standard` is the default. */
export const text = (standard: string, about: string): Variable<string> => ({
  about,
  default: standard,
  values: undefined,
  parse: (_, typed) => typed,
  check: (name, given) => checkText(given, () => `\`${name}\``),
})

/** The variable of this name. Throws a BuildError, with the nearest name, if there is none. */
export function variableNamed(variables: Variables, name: string): Variable {
  const found = ownOf(variables, name)
  if (found === undefined) throw unknownVariableError(name, Object.keys(variables))
  return found
}
