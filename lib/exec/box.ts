// What an action sees: its inputs, where it finds them, and what it is told of how it is run.

import { join } from "node:path"
import { ifThere, makeParent } from "../base/files.ts"
import { copyFileSync, utimesSync } from "../base/fs.ts"
import { type Command, epochSeconds } from "../graph/command.ts"
import { rootName } from "../graph/target.ts"
import { contentOfInput, type ReadInput } from "./inputs.ts"
import { usesWorkspace, workspacePath } from "./layout.ts"
import { environmentOf, type Order, storedPath } from "./order.ts"
import type { Box, Mount } from "./sandbox.ts"
import { isSmallFile } from "./tool-root.ts"

/** Where the action's children find the named pipe of their jobserver. */
const jobserverAt = "/run/jobserver"

/** The jobserver as the action's children see it. */
export const served = ({ jobserver, bwrap }: Order): Order["jobserver"] =>
  jobserver === undefined || bwrap === undefined ? jobserver : { ...jobserver, path: jobserverAt }

/** Mounting costs the square of how many there are, and bubblewrap takes some 3,000: of more, files are private copies. */
const mostMounts = 100

/** The sandbox of an action: its inputs and surroundings mounted, or, without one, the inputs copied. */
export async function boxFor(
  order: Order,
  directory: string,
  command: Command,
  surroundings: readonly Mount[],
): Promise<Box> {
  const start = usesWorkspace(order.target) ? "project" : "build"
  const mounts: Mount[] = []
  let root: Box["root"]
  const areMany = order.inputs.length > mostMounts
  for (const input of order.inputs) {
    const path = workspacePath(input.input)
    const from = await storedPath(order, input)
    const isMounted = !areMany || path === undefined || contentOfInput(order.store, order.target, input).form === "tree"
    if (input.name === rootName) root = from
    else if (order.bwrap !== undefined && isMounted)
      mounts.push({ from, at: path === undefined ? `/in/${input.name}` : `/project/${path}` })
    else
      await copyInput(order, input, from, join(directory, path === undefined ? `in/${input.name}` : `project/${path}`))
  }
  const declared = new Set(order.inputs.map(({ input }) => workspacePath(input)))
  const undeclared = surroundings.filter(({ at }) => !declared.has(at.slice("/project/".length)))
  mounts.unshift(...copied(undeclared, directory))
  if (order.bwrap !== undefined) root ??= await order.toolRoots.rootOf(order.tools)
  if (order.bwrap !== undefined && order.jobserver !== undefined)
    mounts.push({ from: order.jobserver.path, at: jobserverAt })
  const environment = { ...order.action.environment, ...command.environment }
  return { directory, root, mounts, tools: order.tools, environment, start, told: environmentOf(order, served(order)) }
}

/** Of many surroundings makes private copies of the small files; gives what is left to be mounted. */
function copied(surroundings: readonly Mount[], directory: string): readonly Mount[] {
  if (surroundings.length <= mostMounts) return surroundings
  return surroundings.filter(({ from, at }) => {
    if (!isSmallFile(from)) return true
    const to = join(directory, at)
    makeParent(to)
    ifThere(() => copyDated(from, to))
    return false
  })
}

async function copyInput({ store, target }: Order, input: ReadInput, from: string, to: string): Promise<void> {
  makeParent(to)
  if (input.input.kind === "source") return copyDated(from, to)
  const content = contentOfInput(store, target, input)
  if (content.form !== "tree") return copyDated(from, to)
  await store.copyTree(store.listing(content.digest) ?? [], to, (blob, path) => copyFileSync(blob, path))
}

/** With the date that the store's files have, too. */
function copyDated(from: string, to: string): void {
  copyFileSync(from, to)
  utimesSync(to, epochSeconds, epochSeconds)
}
