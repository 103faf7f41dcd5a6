// Whether this machine can run what is asked of it at all: said before it starts, where it would be found out hours later.

import { machine, totalmem } from "node:os"
import type { BuildError } from "../base/diagnostic.ts"
import { statfsSync } from "../base/fs.ts"
import { littleRoomError, otherProcessorError, rootWithoutSandboxError } from "../graph/errors.ts"
import type { Graph } from "../graph/graph.ts"
import { rootOf, type Target } from "../graph/target.ts"
import type { Machinery } from "./machinery.ts"
import type { Order } from "./order.ts"

/** Throws a BuildError for a target of a graph that cannot be built here, whatever is free. */
export function checkAble({ targets }: Graph, { bwrap }: Pick<Machinery, "bwrap">): void {
  const here = machine()
  for (const target of targets) {
    if (target.refusal !== undefined) throw target.refusal()
    if (rootOf(target.action) !== undefined && bwrap === undefined) throw rootWithoutSandboxError(target)
    const { processor = here } = target.action?.terms.machine ?? {}
    if (processor !== here) throw otherProcessorError(target, processor, here)
  }
}

/** Throws a BuildError if there is less memory, or space in the store's file system, than an action needs that is about to run. */
export function checkRoom({ target, store }: Pick<Order, "target" | "store">): void {
  const lack = lackOfRoom(target, store)
  if (lack !== undefined) throw lack
}

/** What there is too little of for this target's action. */
export function lackOfRoom(target: Target, { root }: Order["store"]): BuildError | undefined {
  const needs = target.action?.terms.machine
  // Looking costs more than many an action.
  if (needs === undefined) return undefined
  const { memoryBytes = 0, diskBytes = 0 } = needs
  const memory = memoryOf()
  if (memory < memoryBytes) return littleRoomError(target, "memory", { needed: memoryBytes, there: memory })
  const { bavail, bsize } = statfsSync(root)
  const free = bavail * bsize
  return free < diskBytes ? littleRoomError(target, "space", { needed: diskBytes, there: free, at: root }) : undefined
}

/** The machine's memory, or as much of it as this process may use. */
function memoryOf(): number {
  const allowed = process.constrainedMemory()
  return allowed > 0 ? Math.min(allowed, totalmem()) : totalmem()
}
