// Packages of one system that should be, bit for bit, those of another: the proof of the bootstrap. What differs is told in the log,
// with what diffoscope says of it where that is installed.

import { writeFileSync } from "node:fs"
import { join } from "node:path"
import type { Running } from "../graph/running.ts"
import { file, type Layers, type Output, type Target, target } from "../graph/target.ts"
import { compareTrees, differenceLines, type TreeDifference } from "./compare.ts"
import type { Packages } from "./package.ts"
import type { Recipe } from "./recipe.ts"

/** A package of two systems. */
export interface Pair {
  readonly name: string
  readonly before: Output | Layers
  readonly after: Output | Layers
}

/** What is compared. */
export interface Compared {
  readonly name: string
  readonly about: string
  readonly pairs: readonly Pair[]
  /** Sections of ELF files that do not count. */
  readonly except?: readonly string[]
}

/** A target that fails unless all packages are the same in both systems. */
export const samePackages = ({ name, about, pairs, except = [] }: Compared): Target => {
  const names = pairs.map(({ name }) => name)
  return target({
    name,
    about,
    inputs: { before: pairs.map(({ before }) => before), after: pairs.map(({ after }) => after) },
    outputs: { report: file() },
    module: import.meta.url,
    parameters: JSON.stringify({ names, except }),
    call: async ({ before, after }, { report }, running) => {
      const differing: string[] = []
      for (const [i, name] of names.entries()) {
        running.signal.throwIfAborted()
        running.progress(i / names.length, name)
        const found = compareTrees(before[i] ?? "", after[i] ?? "", except)
        if (found.length === 0) continue
        differing.push(name)
        await tell(name, found, [before[i] ?? "", after[i] ?? ""], running)
      }
      if (differing.length > 0) throw failureOf(differing, names.length)
      writeFileSync(report, `${names.length} packages are the same: ${names.join(" ")}\n`)
    },
  })
}

/** What a compiler and a linker write their names and versions into. */
const signatures = [".comment"]

/** A target that fails unless the programs of these packages are the same by both compilers, apart from what these sign with. */
export const sameByBoth = (first: Packages, second: Packages, recipes: readonly Recipe[]): Target =>
  samePackages({
    name: `${first.machine.triple}/check-toolchain`,
    about: `compare the base system for ${first.machine.triple} by TOOLCHAIN's clang with that by the build machine's`,
    pairs: recipes.map((recipe) => ({
      name: recipe.name,
      before: first.ownFiles(recipe),
      after: second.ownFiles(recipe),
    })),
    except: signatures,
  })

/** Without a stack: the end of the log is for what differs. */
function failureOf(differing: readonly string[], of: number): Error {
  const error = new Error(`found ${differing.length} of ${of} packages that differ: ${differing.join(" ")}`)
  error.stack = error.message
  return error
}

/** So many differences of a package are told; the rest is counted. */
const mostTold = 20

async function tell(
  name: string,
  found: readonly TreeDifference[],
  trees: readonly [string, string],
  running: Running,
): Promise<void> {
  for (const one of found.slice(0, mostTold))
    for (const line of differenceLines(one)) running.log(line.startsWith(" ") ? line : `${name}: ${line}`)
  if (found.length > mostTold) running.log(`${name}: … and ${found.length - mostTold} more`)
  const content = found.find(({ what }) => what === "content")
  if (content !== undefined) await explain(content, trees, running)
}

/** What diffoscope says of a file, where it is installed. */
async function explain({ path }: TreeDifference, trees: readonly [string, string], running: Running): Promise<void> {
  const program = running.installed("diffoscope")
  if (program === undefined) return
  const limits = ["--max-text-report-size", "20000", "--text", "-"]
  await running.start([program, ...limits, ...trees.map((tree) => join(tree, path))]).status
}
