// What the fields of a recipe, a system or a machine may hold. `./build` runs these without anybody having checked their types, so each function that
// declares one says once more what it takes, and what does not fit is told there. Knows kinds of values only: which field is of which
// kind, others say.

import { type Holder, heldFieldError, unknownHeldFieldError } from "../graph/errors.ts"
import { isRecord, said } from "../graph/shape.ts"

/** A kind of value. */
export interface Kind {
  readonly expected: string
  /** A recipe cannot do without. */
  readonly isNeeded?: boolean
  /** What a value is that does not belong to it; undefined for one that does. */
  readonly other: (value: unknown) => string | undefined
  /** The kinds of the fields that a value has itself. */
  readonly fields?: Readonly<Record<string, Kind>>
}

/** The kind of each field that a style takes. */
export type Kinds<Fields> = Readonly<Record<keyof Fields, Kind>>

/** What is checked of everything that is declared, whatever it is. */
interface Named {
  readonly name?: unknown
  readonly where?: unknown
}

/** Where what is declared usually is. */
const directories: Readonly<Record<Holder["kind"], string>> = {
  recipe: "pkg",
  system: "systems",
  machine: "sysdeps",
}

/** What is declared, by its name and the file that it is in. */
export function holderOf({ name: given, where }: Named, kind: Holder["kind"] = "recipe"): Holder {
  const name = isText(given) ? given : "?"
  return { kind, name, where: isText(where) ? where : `${directories[kind]}/${name}.ts` }
}

/** Throws a BuildError for a field that the function `by` does not know, and for one that holds something of another kind. */
export function checkFields<Fields extends object>(
  by: string,
  given: Fields,
  kinds: Kinds<Fields>,
  holder: Holder = holderOf(given),
): void {
  checkBelow("", given as Readonly<Record<string, unknown>>, kinds, { by, holder })
}

interface Declared {
  readonly by: string
  readonly holder: Holder
}

/** `above`: what leads to these fields, with a dot at its end. */
function checkBelow(
  above: string,
  given: Readonly<Record<string, unknown>>,
  kinds: Readonly<Record<string, Kind>>,
  declared: Declared,
): void {
  const { by, holder } = declared
  const named = (field: string) => `${above}${field}`
  for (const field of Object.keys(given))
    if (!Object.hasOwn(kinds, field))
      throw unknownHeldFieldError(holder, { by, field: named(field), fields: Object.keys(kinds).map(named) })
  for (const [field, { expected, isNeeded = false, other, fields }] of Object.entries(kinds)) {
    const value = given[field]
    if (value === undefined && !isNeeded) continue
    const actual = other(value)
    if (actual !== undefined) throw heldFieldError(holder, named(field), { expected, actual })
    if (fields !== undefined) checkBelow(`${named(field)}.`, value as typeof given, fields, declared)
  }
}

const kind = (expected: string, holds: (value: unknown) => boolean): Kind => ({
  expected,
  other: (value) => (holds(value) ? undefined : said(value)),
})

const isText = (value: unknown): value is string => typeof value === "string"

export const aText: Kind = kind("a text", (value) => isText(value) && value !== "")
export const aNumber: Kind = kind("a number", (value) => typeof value === "number" && value >= 0)
export const aWholeNumber: Kind = kind(
  "a whole number",
  (value) => typeof value === "number" && Number.isSafeInteger(value) && value >= 0,
)
export const yesOrNo: Kind = kind("`true` or `false`", (value) => typeof value === "boolean")
export const aFunction: Kind = kind("a function", (value) => typeof value === "function")
export const aRecipeList: Kind = kind("a list of recipes", Array.isArray)

/** What has fields itself. */
export const withFields = <Fields>(fields: Kinds<Fields>): Kind => ({
  ...kind(`fields by name: ${Object.keys(fields).join(", ")}`, isRecord),
  fields,
})

/** The same, of a field that must be there. */
export const needed = (of: Kind): Kind => ({ ...of, isNeeded: true })

/** A list of what belongs to another kind; says which entry does not. */
export const listOf = (expected: string, { other }: Kind): Kind => ({
  expected,
  other(value) {
    if (!Array.isArray(value)) return said(value)
    const entries = value.map(other)
    const wrong = entries.findIndex((entry) => entry !== undefined)
    return wrong < 0 ? undefined : `entry ${wrong + 1} is ${entries[wrong]}`
  },
})

/** What belongs to another kind, by name, or by one of these names; says which does not. */
export const named = (expected: string, { other }: Kind, names?: readonly string[]): Kind => ({
  expected,
  other(value) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return said(value)
    const [wrong] = Object.entries(value).flatMap(([name, one]) => {
      const actual = names?.includes(name) === false ? "no such name" : other(one)
      return actual === undefined ? [] : [`\`${name}\` is ${actual}`]
    })
    return wrong
  },
})

export const anyText: Kind = kind("a text", isText)
export const texts: Kind = listOf("a list of texts", anyText)
export const textsByName: Kind = named("texts by name", anyText)
export const modesByPath: Kind = named(
  'modes by path, in three or four octal digits: `"755"`',
  kind("", (value) => isText(value) && /^[0-7]{3,4}$/.test(value)),
)

/** One of these words. */
export const aWord = (words: readonly string[]): Kind =>
  kind(words.join(" or "), (value) => words.includes(value as string))

/** A value that says itself what it is: one of these words. */
export const ofKind = (...words: readonly unknown[]): Kind =>
  kind(words.join(" or "), (value) => words.includes((value as { kind?: unknown } | undefined | null)?.kind))

export const toolList: Kind = listOf("a list of tools, as `tool` gives them", ofKind("tool"))

/** What belongs to one of two kinds, of which the first can say more of what does not. */
export const either = (one: Kind, another: Kind): Kind => ({
  expected: `${one.expected}, or ${another.expected}`,
  other: (value) => another.other(value) && one.other(value),
})
