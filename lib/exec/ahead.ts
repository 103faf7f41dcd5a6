// What would run out of room hours later is said before anything runs. Only where there is too little does it cost a look ahead.

import { join } from "node:path"
import { readdirSync } from "../base/fs.ts"
import type { Graph } from "../graph/graph.ts"
import type { Target } from "../graph/target.ts"
import { lackOfRoom } from "./able.ts"
import type { Machinery } from "./machinery.ts"
import { Walk, type WalkOptions } from "./walk.ts"

/**
 * Throws a BuildError for a target that would run, for which there is too little room. Not for one that may turn out to be there, and
 * not for one that may go on from an interrupted run: that has part of its room already.
 */
export async function checkAhead(graph: Graph, machinery: Machinery, options: WalkOptions): Promise<void> {
  const { store, workspace } = machinery
  const lacking = graph.targets.filter((target) => lackOfRoom(target, store) !== undefined)
  if (lacking.length === 0) return
  const would = new Set<Target>()
  const emit: WalkOptions["emit"] = (event) => {
    if (event.type !== "would-run") return
    const wasNever = workspace.journal.built(event.target.name) === undefined
    if (event.isUncertain !== true || wasNever) would.add(event.target)
  }
  await new Walk(graph, machinery, { ...options, dryRun: true, emit }).run()
  const isInterrupted = readdirSync(join(store.root, "work")).some((name) => /^resume\.[0-9a-f]+$/.test(name))
  for (const target of lacking) {
    const lack = lackOfRoom(target, store)
    const mayGoOn = isInterrupted && target.action?.isResumable === true
    if (lack !== undefined && would.has(target) && !mayGoOn) throw lack
  }
}
