// An engine in a process of its own: builds the project in the JSON file that it is given, and prints each event as a line.

import { readFileSync } from "node:fs"
import { eventRecord } from "../../lib/mod.ts"
import type { Project } from "./model.ts"
import { buildIn, type How, type Place } from "./world.ts"

/** What such an engine is asked for. */
export interface Asked {
  readonly place: Place
  readonly project: Project
  readonly how: Pick<How, "slots" | "sandbox">
}

const { place, project, how } = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as Asked
const { outcome } = await buildIn(place, project, {
  ...how,
  emit: (event) => process.stdout.write(`${JSON.stringify(eventRecord(event))}\n`),
})
process.exitCode = outcome === "cancelled" ? 130 : 0
