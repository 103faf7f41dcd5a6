// `npm run torture`: tries the properties in turn, with new seeds, for as long as one likes. What fails is printed with its seed,
// its shrunk counterexample and the command that tries just that again; then it goes on with the others.

import { parseArgs } from "node:util"
import fc from "fast-check"
import { properties } from "./properties.ts"

const help = `npm run torture -- [--minutes N] [--seed S] [--path P] [--only NAME] [--runs N]

  --minutes N   how long, in minutes (default 10); what runs then is ended first
  --seed S      the first seed (default: the time); each round of a property uses the next
  --path P      of a counterexample that was printed: tries just that, once
  --only NAME   one property: ${Object.keys(properties).join(", ")}
  --runs N      how often a property is tried before it is the next one's turn (default 20)

