// Whether this machine can run what is asked of it at all: said before it starts, where it would be found out hours later.

import { machine, totalmem } from "node:os"
import { statfsSync } from "../base/fs.ts"
import { littleRoomError, otherProcessorError, rootWithoutSandboxError } from "../graph/errors.ts"
import type { Graph } from "../graph/graph.ts"
import { rootOf } from "../graph/target.ts"
import type { Machinery } from "./machinery.ts"
import type { Order } from "./order.ts"

/** Throws a BuildError for an action of a graph that cannot run here, whatever is free. */
export function checkAble({ targets }: Graph, { bwrap }: Pick<Machinery, "bwrap">): void {
  const here = machine()
  for (const target of targets) {
    if (rootOf(target.action) !== undefined && bwrap === undefined) throw rootWithoutSandboxError(target)
    const { processor = here } = target.action?.terms.machine ?? {}
    if (processor !== here) throw otherProcessorError(target, processor, here)
  }
}

/** Throws a BuildError if there is less memory, or space in the store's file system, than an action needs that is about to run. */
export function checkRoom({ target, action, store }: Pick<Order, "target" | "action" | "store">): void {
  // Looking costs more than many an action.
  if (action.terms.machine === undefined) return
  const { memoryBytes = 0, diskBytes = 0 } = action.terms.machine
  const memory = memoryOf()
  if (memory < memoryBytes) throw littleRoomError(target, "memory", { needed: memoryBytes, there: memory })
  const { bavail, bsize } = statfsSync(store.root)
  const free = bavail * bsize
  if (free < diskBytes) throw littleRoomError(target, "space", { needed: diskBytes, there: free, at: store.root })
}

/** The machine's memory, or as much of it as this process may use. */
function memoryOf(): number {
  const allowed = process.constrainedMemory()
  return allowed > 0 ? Math.min(allowed, totalmem()) : totalmem()
}
