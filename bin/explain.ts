// `explain`: why a target, and what it needs, would run, with what was before and what is now.

import { renderDiagnostic } from "../lib/base/diagnostic.ts"
import { build } from "../lib/exec/engine.ts"
import type { BuildEvent } from "../lib/graph/event.ts"
import type { Target } from "../lib/graph/target.ts"
import { type Asked, statusOf } from "./make.ts"

/**
 * Prints the reason for each action that would run; with --json one object a line. Gives 0 whether or not there are any, and what a build
 * would give that comes to nothing.
 */
export async function explain({ engine, print, typed }: Asked, wanted: readonly Target[]): Promise<number> {
  const would: Extract<BuildEvent, { type: "would-run" }>[] = []
  const emit = (event: BuildEvent) => event.type === "would-run" && would.push(event)
  const result = await build(wanted, engine, { dryRun: true, keepGoing: true, emit })
  const { explained, explanationsOf } = await import("../lib/report/explanation.ts")
  const found = explanationsOf(would)
  if (typed.json) for (const one of found) print(JSON.stringify(one))
  else if (found.length === 0 && result.outcome === "done") print("everything is up to date")
  else if (found.length > 0) {
    const texts = found.map((one) => renderDiagnostic(explained(one), one.isUncertain ? "may run" : "would run"))
    print(texts.join("\n\n"))
  }
  return statusOf(result, typed)
}
