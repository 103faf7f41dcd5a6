// Long command lines: what a system takes, and the files from which programs read what goes beyond.

import { BuildError } from "../base/diagnostic.ts"
import { readFileSync, writeFileSync } from "../base/fs.ts"
import { responseText, type Step } from "../graph/command.ts"
import { longCommandFailure } from "../graph/errors.ts"
import type { Target } from "../graph/target.ts"

/** A step whose words are all texts. */
export type PlainStep = Exclude<Step, { does: "argv" }> | { readonly does: "argv"; readonly argv: readonly string[] }

/** A directory, by its path here and by the one that the action sees. */
export interface Place {
  readonly directory: string
  readonly seen: string
}

/** Writes the response files of a target's steps, and puts `@PATH` in their place. Throws a BuildError for what is still too long. */
export function withResponses(target: Target, steps: readonly Step[], place: Place): readonly PlainStep[] {
  let count = 0
  const written = (words: readonly string[]): string => {
    const name = `arguments-${++count}`
    writeFileSync(`${place.directory}/${name}`, responseText(words))
    return `@${place.seen}/${name}`
  }
  return steps.map((step) => {
    if (step.does === "shell") checkLength(target, [step.script])
    if (step.does !== "argv") return step
    const argv = step.argv.map((word) => (typeof word === "string" ? word : written(word.words)))
    checkLength(target, argv)
    return { ...step, argv }
  })
}

/** Of one word, in bytes, its end included: MAX_ARG_STRLEN of Linux. */
const longestWord = 32 * 4096
/** What all words may take together, in bytes, is a quarter of the stack, and at most this. */
const mostTogether = 6 << 20
/** For the environment, and for the words of bubblewrap. */
const reserved = 128 << 10
const pointerBytes = 8

function checkLength(target: Target, argv: readonly string[]): void {
  const sizes = argv.map((word) => Buffer.byteLength(word) + 1)
  const together = sizes.reduce((sum, size) => sum + size + pointerBytes, 0)
  const isTooLong = together > longestWord && (together > limit() || sizes.some((size) => size > longestWord))
  if (isTooLong) throw new BuildError(longCommandFailure(target, together, limit(), longestWord))
}

let known: number | undefined

function limit(): number {
  known ??= Number(/^Max stack size +(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8"))?.[1] ?? Number.NaN)
  return Math.min(Number.isNaN(known) ? mostTogether : known / 4, mostTogether) - reserved
}
