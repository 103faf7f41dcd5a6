// A collection in a process of its own: `node collector.ts STORE LIMIT`. Prints each event as a line.

import { collect } from "../lib/store/gc.ts"
import { Store } from "../lib/store/store.ts"

const [root = "", limit = "0"] = process.argv.slice(2)
process.stdout.write("begins\n")
await collect(new Store(root), {
  limitBytes: Number(limit),
  isDryRun: false,
  emit: (event) => process.stdout.write(`${JSON.stringify(event)}\n`),
})
