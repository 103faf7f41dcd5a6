// The proof of the bootstrap: each package of one system is, bit for bit, that of another which was built by it. What differs is told
// in the log, with what diffoscope says of it where that is installed.

import { writeFileSync } from "node:fs"
import { join } from "node:path"
import type { Running } from "../graph/running.ts"
import { file, type Output, type Target, target } from "../graph/target.ts"
import { compareTrees, differenceLines, type TreeDifference } from "./compare.ts"

/** The packages of two systems, by name: the same names in the same order. */
export interface Compared {
  readonly names: readonly string[]
  readonly before: readonly Output[]
  readonly after: readonly Output[]
}

/** A target that fails unless all packages of both systems are the same. */
export const checkBootstrap = ({ names, before, after }: Compared): Target =>
  target({
    name: "check-bootstrap",
    about: "compare every package of stage 4 with that of stage 3, bit for bit",
    inputs: { before, after },
    outputs: { report: file() },
    module: import.meta.url,
    parameters: JSON.stringify(names),
    call: async ({ before, after }, { report }, running) => {
      const differing: string[] = []
      for (const [i, name] of names.entries()) {
        running.signal.throwIfAborted()
        running.progress(i / names.length, name)
        if (!(await isSame(name, [before[i] ?? "", after[i] ?? ""], running))) differing.push(name)
      }
      if (differing.length > 0) throw failureOf(differing, names.length)
      writeFileSync(report, `${names.length} packages are the same: ${names.join(" ")}\n`)
    },
  })

/** Without a stack: the end of the log is for what differs. */
function failureOf(differing: readonly string[], of: number): Error {
  const error = new Error(`found ${differing.length} of ${of} packages that differ: ${differing.join(" ")}`)
  error.stack = error.message
  return error
}

/** So many differences of a package are told; the rest is counted. */
const mostTold = 20

async function isSame(name: string, [before, after]: readonly [string, string], running: Running): Promise<boolean> {
  const found = compareTrees(before, after)
  for (const one of found.slice(0, mostTold))
    for (const line of differenceLines(one)) running.log(line.startsWith(" ") ? line : `${name}: ${line}`)
  if (found.length > mostTold) running.log(`${name}: … and ${found.length - mostTold} more`)
  const content = found.find(({ what }) => what === "content")
  if (content !== undefined) await explain(content, [before, after], running)
  return found.length === 0
}

/** What diffoscope says of a file, where it is installed. */
async function explain({ path }: TreeDifference, trees: readonly [string, string], running: Running): Promise<void> {
  const program = running.installed("diffoscope")
  if (program === undefined) return
  const limits = ["--max-text-report-size", "20000", "--text", "-"]
  await running.start([program, ...limits, ...trees.map((tree) => join(tree, path))]).status
}
