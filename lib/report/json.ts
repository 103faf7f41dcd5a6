// Events for programs: one JSON object a line.

import { type BuildEvent, eventRecord } from "../graph/event.ts"
import type { Reporter } from "./reporter.ts"

export const jsonReporter = (write: (text: string) => unknown): Reporter => ({
  on: (event) => void write(`${JSON.stringify(eventRecord(event))}\n`),
  close: () => {},
})

/** Several reporters as one. */
export const reporters = (all: readonly Reporter[]): Reporter => ({
  on: (event: BuildEvent) => {
    for (const { on } of all) on(event)
  },
  close: () => {
    for (const { close } of all) close()
  },
})
