// One turn of a property: edits, a build, and everything that must hold after it.

import { deepStrictEqual as same } from "node:assert"
import { setTimeout as sleep } from "node:timers/promises"
import fc from "fast-check"
import { type Awaited, awaitedOf, checkEnds, checkOrder, checkOutputs, type Known, outputsIn } from "./check.ts"
import { type Edit, edited, type Project } from "./model.ts"
import { type How, statsBelow, type Told, type World } from "./world.ts"

/** Whether commands run in a sandbox, and how many at once. */
export const sandboxes = fc.constantFrom<"bwrap" | "off">("off", "bwrap")
export const slotCounts = fc.integer({ min: 1, max: 3 })

/** Builds a project in a world, in this process or in another. */
type Builder = (world: World, project: Project, how: How) => Promise<Told>
export const embedded: Builder = (world, project, how) => world.build(project, how)

/** How one run of a property builds, and what was run in it before. */
export interface Setting {
  readonly sandbox: "bwrap" | "off"
  readonly slots: number
  readonly known: Known
  readonly builder?: Builder
}

/** Edits a project and the world that follows it. */
export const editedIn = (world: World, project: Project, edits: readonly Edit[]): Project =>
  edits.reduce((before, edit) => {
    const after = edited(before, edit)
    world.edit(after, edit)
    return after
  }, project)

/** Builds and compares everything with the oracle. */
export async function buildAndCheck(world: World, project: Project, setting: Setting): Promise<Awaited> {
  const { sandbox, slots, known, builder = embedded } = setting
  const awaited = awaitedOf(project, sandbox)
  const before = outputsIn(world)
  const told = await builder(world, project, { sandbox, slots })
  checkEnds(awaited, told, known)
  checkOrder(awaited, told, slots)
  checkOutputs(awaited, world, before)
  return awaited
}

/** Checks that a build, after another, runs nothing. */
export async function checkIdle(
  world: World,
  project: Project,
  { sandbox, slots, builder = embedded }: Setting,
): Promise<Told> {
  const told = await builder(world, project, { sandbox, slots })
  same([told.ended("built"), told.ended("restored")], [[], []], "what a second build did")
  return told
}

/** Every path below these with what a write would change; logs, and the directories that a lock comes into, do not count. */
function footprint(world: World): string[] {
  const all = [...statsBelow(world.directory)].filter(([path]) => !/^workspace\/log(\/|$)/.test(path))
  return all.map(([path, { ino, size, mtimeMs, ctimeMs, mode }]) => {
    const times = /^(workspace(\/\.hashmake)?|store\/work)$/.test(path) ? [] : [size, mtimeMs, ctimeMs]
    return [path, ino, mode, ...times].join(" ")
  })
}

/** Longer than any file system's clock is coarse: what was written before is then surely old. */
const settleMs = 60

/** Checks that a build with nothing to do writes nothing but its log. */
export async function checkWritesNothing(world: World, project: Project, setting: Setting): Promise<void> {
  await sleep(settleMs)
  await checkIdle(world, project, setting)
  const before = footprint(world)
  const { outcome } = await checkIdle(world, project, setting)
  // What failed is tried again, and leaves its directory each time.
  if (outcome === "done") same(footprint(world), before, "what a build with nothing to do wrote")
}
