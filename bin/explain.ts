// `explain`: why a target, and what it needs, would run, with the whole difference of the two manifests.

import { type BuildEvent, build, type Target } from "../lib/mod.ts"
import type { Asked } from "./make.ts"

/** Prints the reason for each action that would run. Gives 0 whether or not there are any. */
export async function explain({ engine, print }: Asked, wanted: readonly Target[]): Promise<number> {
  const would: Extract<BuildEvent, { type: "would-run" }>[] = []
  await build(wanted, engine, { dryRun: true, emit: (event) => event.type === "would-run" && would.push(event) })
  if (would.length === 0) print("everything is up to date")
  for (const { target, reason, differences } of would) {
    print(`${target.name} would run: ${reason}`)
    for (const { side, line } of differences ?? []) print(`  ${side === "before" ? "-" : "+"} ${line}`)
  }
  return 0
}
