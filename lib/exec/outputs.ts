// What an action is to write: the places for it, and, when it has ended, what is there.

import { dirname, join, relative } from "node:path"
import { BuildError } from "../base/diagnostic.ts"
import { statIfThere, walk } from "../base/files.ts"
import { mkdirSync, readdirSync } from "../base/fs.ts"
import { extraOutputFailure, noOutputFailure, type OutputInstead, strangeFileFailure } from "../graph/errors.ts"
import type { Output, Target } from "../graph/target.ts"
import type { Content } from "../store/content.ts"
import { outputPath, workspacePath } from "./layout.ts"
import type { Order } from "./order.ts"
import type { Mount } from "./sandbox.ts"

/** Trees are there, empty, and so are the directories that files go into. */
export function makeOutputs(target: Target, directory: string): void {
  for (const output of Object.values(target.outputs)) {
    const path = join(directory, outputPath(output))
    mkdirSync(output.form === "file" ? dirname(path) : path, { recursive: true })
  }
}

/** Takes over what was written. Throws a BuildError where that is not what was declared. */
export async function takeOutputs(
  order: Order,
  directory: string,
  besides: readonly Mount[],
): Promise<Record<string, Content>> {
  const { target, store, log: path, workspaceRoot } = order
  const log = relative(workspaceRoot, path)
  const outputs = Object.values(target.outputs)
  const instead = (output: Output) => insteadOf(output, join(directory, outputPath(output)))
  const [wrong, ...others] = outputs.filter((output) => instead(output) !== undefined)
  const wrote = writtenFiles(directory, order, besides)
  const named = (paths: readonly string[]) => paths.map((path) => path.replace(/^(project|out)\//, ""))
  if (wrong !== undefined) {
    const missing = [wrong, ...others].map(({ at, name }) => at ?? name)
    throw new BuildError(noOutputFailure(target, { missing, instead: instead(wrong) ?? "nothing" }, named(wrote), log))
  }
  const declared = outputs.map((output) => outputPath(output))
  const extra = wrote.filter((path) => !declared.some((own) => path === own || path.startsWith(`${own}/`)))
  if (extra.length > 0) throw new BuildError(extraOutputFailure(target, named(extra), log))
  const contents: Record<string, Content> = {}
  for (const output of outputs) {
    const path = join(directory, outputPath(output))
    contents[output.name] =
      output.form === "file"
        ? store.takeFile(path)
        : await store.takeTree(path, (bad) => strangeFileFailure(target, bad))
  }
  return contents
}

/** What is where an output should be; undefined if that is. */
export function insteadOf({ form }: Output, path: string): OutputInstead | undefined {
  const stat = statIfThere(path)
  if (stat === undefined) return "nothing"
  if (stat.isSymbolicLink()) return "a link"
  if (stat.isDirectory()) return form === "file" ? "a directory" : readdirSync(path).length > 0 ? undefined : "nothing"
  if (!stat.isFile()) return "no file"
  return form === "file" ? undefined : "a file"
}

/** Every file written below project/ and out/, but for the places that inputs were mounted on. */
function writtenFiles(directory: string, { inputs }: Order, besides: readonly Mount[]): readonly string[] {
  const declared = inputs.flatMap(({ input }) => workspacePath(input) ?? [])
  const mounted = new Set([...declared.map((path) => `project/${path}`), ...besides.map(({ at }) => at.slice(1))])
  return ["project", "out"].flatMap((room) =>
    [...walk(join(directory, room))]
      .filter(({ stat }) => !stat.isDirectory())
      .map(({ path }) => `${room}/${path}`)
      .filter((path) => !isBelow(path, mounted)),
  )
}

function isBelow(path: string, roots: ReadonlySet<string>): boolean {
  for (let at = path; at !== "."; at = dirname(at)) if (roots.has(at)) return true
  return false
}
