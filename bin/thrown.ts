// What ends a command: an error that a person can do something about, or a bug.

import { BuildError, renderDiagnostic } from "../lib/base/diagnostic.ts"
import { paint, painted } from "../lib/report/words.ts"
import { isTerminal, stderr } from "./stderr.ts"

/** Says what was thrown, coloured where nobody asked for anything else as the terminal wants it; gives the exit status. */
export function sayThrown(thrown: unknown, isColoured = isTerminal()): number {
  const text =
    thrown instanceof BuildError
      ? painted(renderDiagnostic(thrown.diagnostic), paint(isColoured))
      : `${(thrown as Error)?.stack ?? thrown}\nthis is a bug in hashmake: please report it with the lines above`
  stderr().write(`${text}\n`)
  return 2
}
