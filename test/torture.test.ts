// The correctness bar as properties, each tried a few times; a failure prints its seed and the shrunk counterexample, and
// `npm run torture` tries them for as long as one likes.

import { spawnSync } from "node:child_process"
import { existsSync } from "node:fs"
import { join } from "node:path"
import fc from "fast-check"
import { expect, test } from "vitest"
import { target, write } from "../lib/mod.ts"
import { Rig } from "./rig.ts"
import { properties } from "./torture/properties.ts"

const sentences: Readonly<Record<keyof typeof properties, string>> = {
  incremental:
    "after any edits what is built is what a clean build gives, and nothing runs or is written that need not be",
  command: "so it is by the command, with a Buildfile, its globs, variables, environment and rule modules",
  killed: "a build that was killed at any change it makes, even half-way through a write, leaves the next one right",
  cancelled: "a build that is cancelled at any event leaves no process and no partial output",
  interrupted: "Ctrl-C at any event ends the command with 130, its children and nothing else",
  together: "two engines at once, in one workspace or with one store, both give what is right, and the store is sound",
  undeclared: "an action in a sandbox ends well exactly if it reads and writes what it declares",
  watched:
    "after edits while one watches, whoever waits is told the truth, and what is there is what a clean build gives",
  damaged: "whatever is removed from the store, cut off or written to never gets into an output",
}

for (const [name, { property, runs }] of Object.entries(properties)) {
  test(sentences[name as keyof typeof properties], () =>
    fc.assert(property as fc.IAsyncProperty<unknown>, { numRuns: runs, interruptAfterTimeLimit: 200_000 }),
  )
}

test("without the sandbox's tool nothing is tried, and it is said what is missing", () => {
  const program = join(import.meta.dirname, "torture/torture.ts")
  const { status, stdout, stderr } = spawnSync(process.execPath, [program], { env: { PATH: "" }, encoding: "utf8" })
  expect([status, stdout]).toEqual([2, ""])
  expect(stderr).toContain("error: a tool is missing: `bwrap`\nhelp: ")
})

// The engine takes away what layers left, but no other output of a rule that is gone: see torture/gaps.ts.
test.fails("what a rule made goes when it writes elsewhere, and is in nobody's way", async () => {
  const rig = new Rig()
  const made = (at: string) => target({ name: "made", outputs: { to: at }, run: (_, { to }) => write(to, at) })
  await rig.build([made("out/a")])
  expect((await rig.build([made("out/a/b")])).outcome).toBe("done")
  await rig.build([made("out/c")])
  expect([existsSync(rig.path("out/a")), rig.read("out/c")]).toEqual([false, "out/c"])
})
