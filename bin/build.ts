#!/usr/bin/env node
// The command: words to options, targets and variables. It decides nothing; lib/ does.

import * as module from "node:module"
import { fileURLToPath } from "node:url"

// Not there in a Node that is too old, which is said below.
module.enableCompileCache?.(fileURLToPath(new URL("../node_modules/.cache/hashmake", import.meta.url)))
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number)
if (major < 22 || (major === 22 && minor < 22)) {
  const { renderDiagnostic } = await import("../lib/base/diagnostic.ts")
  const { oldNodeError } = await import("../lib/graph/errors.ts")
  process.stderr.write(`${renderDiagnostic(oldNodeError(process.versions.node).diagnostic)}\n`)
  process.exit(2)
}
// Imported only now, so that all of it comes out of the compile cache.
const { main } = await import("./main.ts")
process.exitCode = await main(process.argv.slice(2))
if (process.exitCode !== 0) {
  // A function that was given up may still wait for something. What was written is read first, however slowly.
  for (const stream of [process.stdout, process.stderr]) await new Promise((resolve) => stream.write("", resolve))
  process.exit()
}
