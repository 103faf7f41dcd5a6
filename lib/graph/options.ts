// Options by their names, held against what each may be.

import { ownOf } from "../base/own.ts"
import { shapeError, unknownFieldError } from "./errors.ts"
import { isRecord, said, tick } from "./shape.ts"

/** What something may be, and how that is said. */
export type Form = readonly [isRight: (value: unknown) => boolean, expected: string]

/** Throws a BuildError if what is given by names is not. */
export function checkRecord(given: unknown, to: string): void {
  if (!isRecord(given)) throw shapeError(`what ${tick(to)} is given by names`, said(given), "name each: `{ … }`")
}

/** Throws a BuildError if options are not such as these; `undefined` stands for what is not given. */
export function checkOptions(given: unknown, forms: Readonly<Record<string, Form>>, whose: string, kind: string): void {
  checkRecord(given, whose)
  for (const [option, value] of Object.entries(given as object)) {
    const form = ownOf(forms, option)
    if (form === undefined) throw unknownFieldError(tick(whose), option, Object.keys(forms), kind)
    const [isRight, expected] = form
    if (value !== undefined && !isRight(value))
      throw shapeError(`${tick(option)} of ${kind}`, said(value), `give ${expected}`)
  }
}
