// (11) In a sandbox an action ends well exactly if it read nothing but what it declares, and wrote all that it declares and
// nothing else. Whatever it tried, the workspace has at most its declared outputs more than before.

import { deepStrictEqual as same } from "node:assert"
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import fc from "fast-check"
import { build } from "../../lib/exec/engine.ts"
import { shell, source, target, tool } from "../../lib/mod.ts"
import { entriesBelow, World } from "./world.ts"

const coreutils = tool({ name: "coreutils", programs: ["cat", "mkdir"] })

const sources = ["a", "d/b", "d/c"]
const outputs = ["out/x", "out/d/y", "made"]
const someSources = fc.uniqueArray(fc.constantFrom(...sources))
const someOutputs = fc.uniqueArray(fc.constantFrom(...outputs))

/** How an action may get at a path of the workspace: only the first two are open to it. */
const roads = ["as declared", "inside", "outside", "the store"] as const

interface Attempt {
  readonly declared: readonly string[]
  readonly read: readonly string[]
  readonly road: (typeof roads)[number]
  readonly promised: readonly string[]
  readonly written: readonly string[]
  /** A source that it writes to. */
  readonly spoilt: string | undefined
}

const attempts: fc.Arbitrary<Attempt> = fc.record({
  declared: someSources,
  read: someSources,
  road: fc.constantFrom(...roads),
  promised: someOutputs,
  written: someOutputs,
  spoilt: fc.option(fc.constantFrom(...sources), { nil: undefined, freq: 4 }),
})

/** What may be done: reads that are declared and taken the right way, and exactly the promised writes. */
function isAllowed({ declared, read, road, promised, written, spoilt }: Attempt): boolean {
  const readsWell =
    read.length === 0 ||
    ((road === "as declared" || road === "inside") && read.every((path) => declared.includes(path)))
  return readsWell && spoilt === undefined && areAlike(promised, written)
}

const areAlike = (one: readonly string[], other: readonly string[]): boolean =>
  one.toSorted().join() === other.toSorted().join()

function scriptFor({ read, road, written, spoilt }: Attempt, world: World): string {
  const before = {
    "as declared": "",
    inside: "/project/",
    outside: `${world.root}/`,
    "the store": `${world.store}/../workspace/`,
  }
  const lines = read.map((path) => `cat ${before[road]}${path} >/dev/null`)
  for (const path of written) lines.push(`mkdir -p ./${join(path, "..")}`, `echo ${path} >${path}`)
  if (spoilt !== undefined) lines.push(`mkdir -p d; echo spoilt >${spoilt}`)
  return lines.join("\n")
}

/** Whether an action got away with it. */
export const undeclared = fc.asyncProperty(attempts, async (attempt) => {
  using world = new World()
  mkdirSync(world.path("d"))
  for (const path of sources) writeFileSync(world.path(path), path)
  const tries = target({
    name: "tries",
    inputs: { from: attempt.declared.map((path) => source(path)) },
    outputs: Object.fromEntries(attempt.promised.map((path, i) => [`o${i}`, path])),
    tools: [coreutils],
    run: () => shell(`cd /project\n${scriptFor(attempt, world)}\n:`),
  })
  const { outcome } = await build([tries], { root: world.root, store: world.store, slots: 1 })
  same(outcome, isAllowed(attempt) ? "done" : "failed")
  const there = [...entriesBelow(world.root)].filter(
    ([path, { form }]) => form !== "directory" && !/^(log|\.hashmake)\//.test(path),
  )
  const texts = there.map(([path, entry]) => [path, entry.form === "file" ? entry.text.trim() : ""])
  const expected = [...sources, ...(outcome === "done" ? attempt.promised : [])].map((path) => [path, path])
  same(texts.toSorted(), expected.toSorted())
})
