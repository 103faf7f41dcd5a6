// The correctness bar as properties, each tried a few times; a failure prints its seed and the shrunk counterexample, and
// `npm run torture` tries them for as long as one likes.

import fc from "fast-check"
import { test } from "vitest"
import { properties } from "./torture/properties.ts"

const sentences: Readonly<Record<keyof typeof properties, string>> = {
  incremental:
    "after any edits what is built is what a clean build gives, and nothing runs or is written that need not be",
  command: "so it is by the command, with a Buildfile, its globs, variables, environment and rule modules",
  killed: "a build that was killed at any change it makes, even half-way through a write, leaves the next one right",
  cancelled: "a build that is cancelled at any event leaves no process and no partial output",
  together: "two engines at once, in one workspace or with one store, both give what is right, and the store is sound",
  damaged: "whatever is removed from the store, cut off or written to never gets into an output",
}

for (const [name, { property, runs }] of Object.entries(properties)) {
  test(sentences[name as keyof typeof properties], () =>
    fc.assert(property as fc.IAsyncProperty<unknown>, { numRuns: runs, interruptAfterTimeLimit: 200_000 }),
  )
}
