// The directories of an engine's own in a workspace: for named pipes, and for what a PATH holds.

import { join } from "node:path"
import { beside, removeAll, statIfThere } from "../base/files.ts"
import { fingerprintOf } from "../base/fingerprint.ts"
import { mkdirSync, renameSync } from "../base/fs.ts"
import type { Machinery } from "./machinery.ts"
import { linkPrograms } from "./sandbox.ts"
import type { FoundTool } from "./tools.ts"

/** Paths for named pipes; what an engine that was killed has left there is removed. */
export function pipesIn(directory: string): () => string {
  removeAll(directory)
  let count = 0
  return () => {
    if (count === 0) mkdirSync(directory)
    return join(directory, String(count++))
  }
}

/** Gives directories below `bin` that hold some tools' programs; made when first asked for. */
export function toolDirectories(bin: string): Machinery["toolDirectory"] {
  const numbers = new Map<FoundTool, number>()
  const made = new Map<string, string>()
  return (tools) => {
    for (const tool of tools) if (!numbers.has(tool)) numbers.set(tool, numbers.size)
    const name = tools.map((tool) => numbers.get(tool)).join(" ")
    const directory = made.get(name) ?? toolDirectory(bin, tools)
    made.set(name, directory)
    return directory
  }
}

/** The directory below `bin` that holds these tools' programs. */
function toolDirectory(bin: string, tools: readonly FoundTool[]): string {
  const programs = tools.flatMap(({ programs }) => programs.map(({ name, path }) => `${name} ${path}\n`))
  const directory = join(bin, fingerprintOf(programs.join("")))
  if (statIfThere(directory) !== undefined) return directory
  const fresh = beside(directory)
  linkPrograms(tools, fresh)
  renameSync(fresh, directory)
  return directory
}
