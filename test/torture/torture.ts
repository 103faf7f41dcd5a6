// `npm run torture`: tries the properties in turn, with new seeds, for as long as one likes. What fails is printed with its seed,
// its shrunk counterexample and the command that tries just that again; then it goes on with the others.

import { spawnSync } from "node:child_process"
import { parseArgs } from "node:util"
import fc from "fast-check"
import { properties } from "./properties.ts"

const help = `npm run torture -- [--minutes N] [--seed S] [--path P] [--only NAME] [--runs N]

  --minutes N   how long, in minutes (default 10); what runs then is ended first
  --seed S      the first seed (default: the time); each round of a property uses the next
  --path P      of a counterexample that was printed: tries just that, once
  --only NAME   one property: ${Object.keys(properties).join(", ")}
  --runs N      how often a property is tried before it is the next one's turn (default 20)

Ends with 1 if anything failed, with 2 for a wrong option or a missing tool.
`

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "10" },
    seed: { type: "string", default: String(Date.now() % 0x7fffffff) },
    path: { type: "string" },
    only: { type: "string" },
    runs: { type: "string", default: "20" },
    help: { type: "boolean", default: false },
  },
})

const names = Object.keys(properties) as (keyof typeof properties)[]
const chosen = names.filter((name) => values.only === undefined || name === values.only)
const numbers = [values.minutes, values.seed, values.runs].map(Number)
if (values.help || chosen.length === 0 || numbers.some((number) => !Number.isFinite(number))) {
  process.stdout.write(help)
  process.exit(values.help ? 0 : 2)
}
if (spawnSync("bwrap", ["--version"]).error !== undefined) {
  process.stderr.write(
    "error: a tool is missing: `bwrap`\nhelp: `./build --yes test` installs what the tests need, and runs them\n",
  )
  process.exit(2)
}
const [minutes = 0, firstSeed = 0, runs = 0] = numbers
const ends = performance.now() + minutes * 60_000
const tried = new Map(chosen.map((name) => [name, { runs: 0, failures: 0 }]))

for (let seed = firstSeed; performance.now() < ends; seed++) {
  for (const name of chosen) if (performance.now() < ends) await tryOne(name, seed)
  if (values.path !== undefined) break
}

process.exitCode = [...tried.values()].some(({ failures }) => failures > 0) ? 1 : 0

async function tryOne(name: keyof typeof properties, seed: number): Promise<void> {
  const { path } = values
  const property = properties[name].property as fc.IAsyncProperty<unknown>
  const interruptAfterTimeLimit = ends - performance.now()
  const limits = path === undefined ? { numRuns: runs, interruptAfterTimeLimit } : { path, endOnFailure: true }
  const details = await fc.check(property, { seed, ...limits })
  const count = tried.get(name)
  if (count !== undefined) count.runs += details.numRuns
  // Being out of time is no failure.
  if (details.counterexample === null) return void process.stdout.write(`${summary()}\n`)
  if (count !== undefined) count.failures++
  const again = `npm run torture -- --only ${name} --seed ${seed} --path ${details.counterexamplePath}`
  const why = details.errorInstance instanceof Error ? details.errorInstance.stack : String(details.errorInstance)
  process.stdout.write(`\nFAILED ${name}: ${why}\n\n${fc.stringify(details.counterexample)}\n\n${again}\n\n`)
}

function summary(): string {
  const counts = [...tried].map(
    ([name, { runs, failures }]) => `${name} ${runs}${failures > 0 ? ` (${failures} bad)` : ""}`,
  )
  return `tried so far: ${counts.join(", ")}`
}
