// The properties themselves, each over projects and edits that fast-check makes and shrinks. A property throws where it does not
// hold; the test command runs each a few times, `npm run torture` as often as one likes.

import { deepStrictEqual as same } from "node:assert"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import fc from "fast-check"
import { type Awaited, awaitedOf, checkAlike, checkEnds, checkOrder, checkOutputs, outputsIn } from "./check.ts"
import { type Edit, edited, type Project, projects, rounds } from "./model.ts"
import { statsBelow, type Told, World } from "./world.ts"

const sandboxes = fc.constantFrom<"bwrap" | "off">("off", "bwrap")

/** Edits a project and the world that follows it. */
export const editedIn = (world: World, project: Project, edits: readonly Edit[]): Project =>
  edits.reduce((before, edit) => {
    const after = edited(before, edit)
    world.edit(after, edit)
    return after
  }, project)

/** Builds and compares everything with the oracle. */
export async function buildAndCheck(
  world: World,
  project: Project,
  { sandbox, slots, known }: { sandbox: "bwrap" | "off"; slots: number; known: Set<string> },
): Promise<Awaited> {
  const awaited = awaitedOf(project, sandbox)
  const before = outputsIn(world)
  const told = await world.build(project, { sandbox, slots })
  checkEnds(awaited, told, known)
  checkOrder(awaited, told, slots)
  checkOutputs(awaited, world, before)
  return awaited
}

/** Checks that a build, after another, runs nothing. */
async function checkIdle(world: World, project: Project, sandbox: "bwrap" | "off"): Promise<Told> {
  const told = await world.build(project, { sandbox })
  same([told.ended("built"), told.ended("restored")], [[], []], "what a second build did")
  return told
}

/** Every path below these with what a write would change; logs, and the directories that a lock comes into, do not count. */
function footprint(world: World): string[] {
  const all = [...statsBelow(world.directory)].filter(([path]) => !/^workspace\/log(\/|$)/.test(path))
  return all.map(([path, { ino, size, mtimeMs, ctimeMs, mode }]) =>
    [path, ino, mode, ...(/^(workspace(\/\.hashmake)?|store\/work)$/.test(path) ? [] : [size, mtimeMs, ctimeMs])].join(
      " ",
    ),
  )
}

/** Longer than any file system's clock is coarse: what was written before is then surely old. */
const settleMs = 60

/** (1) (2) (3) (4) (12) */
export const incremental = fc.asyncProperty(
  projects,
  fc.array(rounds, { minLength: 1, maxLength: 4 }),
  sandboxes,
  fc.integer({ min: 1, max: 3 }),
  async (first, edits, sandbox, slots) => {
    using world = new World()
    const known = new Set<string>()
    world.write(first)
    let project = first
    for (const round of [[], ...edits]) {
      project = editedIn(world, project, round)
      await buildAndCheck(world, project, { sandbox, slots, known })
      await checkIdle(world, project, sandbox)
    }
    await sleep(settleMs)
    await checkIdle(world, project, sandbox)
    const before = footprint(world)
    const { outcome } = await checkIdle(world, project, sandbox)
    // What failed is tried again, and leaves its directory each time.
    if (outcome === "done") same(footprint(world), before, "what a build with nothing to do wrote")
    using clean = new World()
    clean.write(project)
    const awaited = await buildAndCheck(clean, project, { sandbox, slots, known: new Set() })
    checkAlike(awaited, world, clean)
  },
)

export const properties = { incremental } as const
void join
