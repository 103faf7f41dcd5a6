// Compares one build with what the oracle says: who ran, in which order, how many at once, and every byte below `out/`.

import { deepStrictEqual as same } from "node:assert"
import { isDeepStrictEqual } from "node:util"
import type { Project } from "./model.ts"
import { type Entry, type Expected, expectedOf } from "./oracle.ts"
import { closureOf, isWithin, layerDirectory, needsOf, type Step, stepsOf, wantedOf } from "./plan.ts"
import { entriesBelow, entryIfThere, type Told, type World } from "./world.ts"

/** What a project must give, for the part that is asked for. */
export interface Awaited {
  readonly steps: readonly Step[]
  readonly expected: ReadonlyMap<Step, Expected>
}

/** What building a project must give. */
export function awaitedOf(project: Project, sandbox: "bwrap" | "off"): Awaited {
  const all = stepsOf(project)
  const closure = closureOf(wantedOf(project, all))
  return { steps: all.filter((step) => closure.has(step)), expected: expectedOf(project, all, sandbox) }
}

/** Identities that ran before and are kept; and those of which a killed or cancelled build may have kept the result. */
export class Known {
  readonly sure = new Set<string>()
  readonly maybe = new Set<string>()
}

/** Checks how every target ended, and what ran; that is then known. */
export function checkEnds({ steps, expected }: Awaited, told: Told, known: Known): void {
  const named = (ends: string) => steps.filter((step) => expected.get(step)?.ends === ends).map(({ name }) => name)
  same(told.ended("failed").toSorted(), named("failed").toSorted(), `who failed\n${told.said.join("\n")}`)
  // Of what is up to date for certain nothing is told, though what must only be there before it may have failed.
  const spokenOf = new Set(told.events.flatMap((event) => (event.type === "state" ? [event.target.name] : [])))
  const skipped = named("skipped").filter((name) => spokenOf.has(name))
  same(told.ended("skipped").toSorted(), skipped.toSorted(), "who was skipped")
  same(told.outcome, named("failed").length > 0 ? "failed" : "done", `the outcome\n${told.said.join("\n")}`)
  const ran = told.ended("built")
  same(ran.length, new Set(ran).size, "what ran more than once")
  const fresh = new Map<string, string[]>()
  for (const step of steps) {
    const { ends, ...rest } = expected.get(step) as Expected
    if (ends !== "done" || !("identity" in rest) || known.sure.has(rest.identity)) continue
    fresh.set(rest.identity, [...(fresh.get(rest.identity) ?? []), step.name])
  }
  // Of several that are the same in all but name, one has to run.
  const never = [...fresh].filter(([identity]) => !known.maybe.has(identity)).map(([, names]) => names)
  const must = never.map((names) => names.find((name) => ran.includes(name)) ?? names[0])
  const may = new Set([...fresh.values()].flat())
  same(
    ran.filter((name) => !may.has(name)),
    [],
    "what ran needlessly",
  )
  same(
    must.filter((name) => !ran.includes(name as string)),
    [],
    "what did not run",
  )
  for (const identity of fresh.keys()) known.sure.add(identity)
}

/** Checks that needs came first, that no more ran at once than there are slots, and that every slot was given back. */
export function checkOrder({ steps }: Awaited, { events }: Told, slots: number): void {
  const byName = new Map(steps.map((step) => [step.name, step]))
  // Of what is up to date for certain, since nothing that it reads was touched, nothing is told.
  const told = new Set(events.flatMap((event) => (event.type === "state" ? [event.target.name] : [])))
  const done = new Set<string>()
  const running = new Set<string>()
  for (const event of events) {
    if (event.type === "released") running.delete(event.target.name)
    if (event.type !== "state") continue
    const { name } = event.target
    if (event.state === "running") {
      for (const need of needsOf(byName.get(name) as Step))
        same(done.has(need.name) || !told.has(need.name), true, `${need.name} before ${name}`)
      // What the engine does itself takes no slot.
      if (event.isEngines !== true) running.add(name)
      same(running.size <= slots, true, `${running.size} at once`)
    } else if (event.state === "ready") running.delete(name)
    else if (event.state !== "wanted") {
      done.add(name)
      running.delete(name)
    }
  }
  same([...running], [], "what never ended")
}

type Entries = ReadonlyMap<string, Entry>

/** What lies below `out/`. */
export const outputsIn = (world: World): Entries => entriesBelow(world.path("out"))

/** What a build leaves below `out/` of what it is to make: each path with its step. */
function* madeBy({ steps, expected }: Awaited): Generator<readonly [path: string, entry: Entry, step: Step]> {
  for (const step of steps) {
    const value = expected.get(step)
    if (value?.ends !== "done" || step.at === undefined) continue
    const entries = value.value.form === "tree" ? value.value.entries : new Map([["", value.value]])
    for (const [path, entry] of entries) yield [path === "" ? topOf(step.at) : `${topOf(step.at)}/${path}`, entry, step]
  }
}

const topOf = (at: string): string => at.slice("out/".length)

/** What a build makes below `out/`. */
export const outputsOf = (awaited: Awaited): Entries =>
  new Map(Array.from(madeBy(awaited), ([path, entry]) => [path, entry]))

/** Checks the workspace: each output that was made is there, whole, and whatever else there is was there in one of these. */
export function checkOutputs(awaited: Awaited, world: World, ...before: readonly Entries[]): void {
  const { steps, expected } = awaited
  const after = outputsIn(world)
  const owned = new Set<string>()
  for (const [at, entry, step] of madeBy(awaited)) {
    owned.add(at)
    same(after.get(at), entry, `${step.name} at ${at}`)
  }
  for (const step of steps) {
    if (expected.get(step)?.ends !== "done" || step.at === undefined) continue
    if (step.form === "tree") checkNothingElse(after, topOf(step.at), owned)
    // Into a layer's directory others may write, too; and without its journal the engine cannot tell theirs from its own.
    if (step.form === "layer" && !world.hasForgotten)
      checkNothingElse(withoutStrays(after), `${topOf(step.at)}/${step.name}`, owned)
  }
  for (const [path, entry] of after) {
    if (owned.has(path) || entry.form === "directory") continue
    const wasThere = before.some((entries) => isDeepStrictEqual(entries.get(path), entry))
    same(wasThere ? entry : before[0]?.get(path), entry, `${path}, which nobody was to make`)
  }
}

const withoutStrays = (entries: Entries): Entries =>
  new Map([...entries].filter(([, entry]) => entry.form === "file" && entry.text !== "stray"))

function checkNothingElse(after: Entries, top: string, owned: ReadonlySet<string>): void {
  const strays = [...after.keys()].filter((path) => isWithin(path, top) && path !== top && !owned.has(path))
  same(strays, [], `what is in ${top} besides`)
}

/** Notes that a build that did not end may have run any of these. */
export function mayBeKnown({ steps, expected }: Awaited, known: Known): void {
  for (const step of steps) {
    const how = expected.get(step)
    if (how?.ends === "done") known.maybe.add(how.identity)
  }
}

/** Checks that whatever lies below `out/` is whole: as it was before, or as it is to be. */
export function checkWhole({ steps, expected }: Awaited, world: World, before: Entries): void {
  const after = outputsIn(world)
  const made = new Map<string, Entry>()
  for (const step of steps) {
    const how = expected.get(step)
    if (how?.ends !== "done" || step.at === undefined) continue
    const top = step.at.slice("out/".length)
    if (how.value.form === "file") made.set(top, how.value)
    else for (const [path, entry] of how.value.entries) made.set(`${top}/${path}`, entry)
  }
  for (const [path, entry] of after) {
    if (entry.form === "directory" || isDeepStrictEqual(entry, made.get(path))) continue
    same(entry, before.get(path), `${path}, left by a build that did not end`)
  }
}

/** Checks that what was built in one world is there in the other. */
export function checkAlike({ steps, expected }: Awaited, one: World, other: World): void {
  for (const step of steps) {
    if (step.at === undefined || expected.get(step)?.ends !== "done") continue
    const at = step.form === "layer" ? `${layerDirectory}/${step.name}` : step.at
    same(entryIfThere(one.path(at)), entryIfThere(other.path(at)), at)
    if (step.form !== "layer") same(entriesBelow(one.path(at)), entriesBelow(other.path(at)), at)
  }
}
