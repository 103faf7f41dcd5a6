// What the fields of a recipe may hold. `./build` runs recipes without anybody having checked their types, so each style says once more
// what it takes, and what does not fit is told at the recipe. Knows kinds of values only: which field is of which kind, others say.

import { recipeFieldError, unknownRecipeFieldError } from "../graph/errors.ts"
import { said } from "../graph/shape.ts"

/** A kind of value. */
export interface Kind {
  readonly expected: string
  /** A recipe cannot do without. */
  readonly isNeeded?: boolean
  /** What a value is that does not belong to it; undefined for one that does. */
  readonly other: (value: unknown) => string | undefined
}

/** The kind of each field that a style takes. */
export type Kinds<Fields> = Readonly<Record<keyof Fields, Kind>>

/** What is checked of every recipe, whatever it is. */
interface Named {
  readonly name?: unknown
  readonly where?: unknown
}

/** The file that holds a recipe. */
export const placeOf = ({ name, where }: Named): string =>
  typeof where === "string" ? where : `pkg/${typeof name === "string" ? name : "?"}.ts`

/** Throws a BuildError for a field that the style does not know, and for one that holds something of another kind. */
export function checkFields<Fields extends Named>(style: string, given: Fields, kinds: Kinds<Fields>): void {
  const name = typeof given.name === "string" ? given.name : "?"
  for (const field of Object.keys(given))
    if (!Object.hasOwn(kinds, field))
      throw unknownRecipeFieldError(name, placeOf(given), { style, field, fields: Object.keys(kinds) })
  for (const field of Object.keys(kinds) as (keyof Fields & string)[]) {
    const value = given[field]
    const { expected, isNeeded = false, other } = kinds[field]
    const actual = value === undefined && !isNeeded ? undefined : other(value)
    if (actual !== undefined) throw recipeFieldError(name, placeOf(given), field, { expected, actual })
  }
}

const kind = (expected: string, holds: (value: unknown) => boolean): Kind => ({
  expected,
  other: (value) => (holds(value) ? undefined : said(value)),
})

const isText = (value: unknown): value is string => typeof value === "string"

export const aText: Kind = kind("a text", (value) => isText(value) && value !== "")
export const aNumber: Kind = kind("a number", (value) => typeof value === "number" && value >= 0)
export const yesOrNo: Kind = kind("`true` or `false`", (value) => typeof value === "boolean")
export const aFunction: Kind = kind("a function", (value) => typeof value === "function")
export const aRecipeList: Kind = kind("a list of recipes", Array.isArray)

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

/** What belongs to another kind, by name; says which does not. */
export const named = (expected: string, { other }: Kind): Kind => ({
  expected,
  other(value) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return said(value)
    const [wrong] = Object.entries(value).flatMap(([name, one]) => {
      const actual = other(one)
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

/** A value that says itself what it is: one of these words. */
export const ofKind = (...words: readonly unknown[]): Kind =>
  kind(words.join(" or "), (value) => words.includes((value as { kind?: unknown } | undefined | null)?.kind))

/** What belongs to one of two kinds, of which the first can say more of what does not. */
export const either = (one: Kind, another: Kind): Kind => ({
  expected: `${one.expected}, or ${another.expected}`,
  other: (value) => another.other(value) && one.other(value),
})
