// The properties themselves, each over projects and edits that fast-check makes and shrinks. A property throws where it does not
// hold; the test command runs each a few times, `npm run torture` as often as one likes. The numbers are those of the bar:
// (1) incremental = clean, (2) the minimal set, (3) nothing twice, (4) order and slots, (5) kill -9, (6) Ctrl-C, (7) two engines,
// (9) damaged store, (10) watched = cold, (11) undeclared reads and writes, (12) keep-going.

import { deepStrictEqual as same } from "node:assert"
import fc from "fast-check"
import { awaitedOf, checkAlike, checkOutputs, checkWhole, Known, mayBeKnown, outputsIn } from "./check.ts"
import { damage, damages, storeIsSound } from "./damage.ts"
import { projects, rounds } from "./model.ts"
import { noneLeft, processesOf, runCommand, startCommand, startEngine } from "./process.ts"
import { buildAndCheck, checkIdle, checkWritesNothing, editedIn, embedded, sandboxes, slotCounts } from "./turn.ts"
import { undeclared } from "./undeclared.ts"
import { watched } from "./watched.ts"
import { World } from "./world.ts"

/** (1) (2) (3) (4) (12), through the library. */
const incremental = fc.asyncProperty(
  projects,
  fc.array(rounds, { minLength: 1, maxLength: 4 }),
  sandboxes,
  slotCounts,
  async (first, edits, sandbox, slots) => {
    using world = new World()
    const setting = { sandbox, slots, known: new Known() }
    world.write(first)
    let project = first
    for (const round of [[], ...edits]) {
      project = editedIn(world, project, round)
      await buildAndCheck(world, project, setting)
      await checkIdle(world, project, setting)
    }
    await checkWritesNothing(world, project, setting)
    using clean = new World()
    clean.write(project)
    checkAlike(await buildAndCheck(clean, project, { ...setting, known: new Known() }), world, clean)
  },
)

/** (1) (2) (3) (4) (12), through the command and a Buildfile. */
const command = fc.asyncProperty(
  projects,
  fc.array(rounds, { minLength: 1, maxLength: 3 }),
  sandboxes,
  slotCounts,
  async (first, edits, sandbox, slots) => {
    using world = new World()
    const setting = { sandbox, slots, known: new Known(), builder: runCommand }
    world.write(first)
    let project = first
    for (const round of [[], ...edits]) {
      project = editedIn(world, project, round)
      await buildAndCheck(world, project, setting)
    }
    await checkWritesNothing(world, project, setting)
  },
)

/** (5): a build is killed at any change that it makes, in the middle of a write, too; then comes an edit, or none. */
const killed = fc.asyncProperty(
  projects,
  fc.array(fc.tuple(rounds, fc.nat({ max: 250 }), fc.boolean(), fc.boolean()), { minLength: 1, maxLength: 2 }),
  sandboxes,
  async (first, deaths, sandbox) => {
    using world = new World()
    const setting = { sandbox, slots: 2, known: new Known() }
    world.write(first)
    let project = first
    for (const [round, dieAt, isTorn, isEditedAfter] of deaths) {
      if (!isEditedAfter) project = editedIn(world, project, round)
      mayBeKnown(awaitedOf(project, sandbox), setting.known)
      await startEngine(world, project, { sandbox, dieAt, isTorn }).exit
      if (isEditedAfter) project = editedIn(world, project, round)
      await buildAndCheck(world, project, setting)
      await checkIdle(world, project, setting)
    }
    await noneLeft(world.directory)
  },
)

/** (6): a build is cancelled at any event. */
const cancelled = fc.asyncProperty(
  projects,
  rounds,
  fc.nat({ max: 60 }),
  sandboxes,
  slotCounts,
  async (first, round, atEvent, sandbox, slots) => {
    using world = new World()
    const setting = { sandbox, slots, known: new Known() }
    world.write(first)
    const before = outputsIn(world)
    const awaited = awaitedOf(first, sandbox)
    mayBeKnown(awaited, setting.known)
    const stop = new AbortController()
    let events = 0
    const emit = () => void (events++ === atEvent && stop.abort())
    const { outcome } = await world.build(first, { sandbox, slots, signal: stop.signal, emit })
    same(outcome === "cancelled" || !stop.signal.aborted || events <= atEvent + 2, true, `it ended as ${outcome}`)
    same(processesOf(world.directory), [], "who is still there")
    checkWhole(awaited, world, before)
    const project = editedIn(world, first, round)
    await buildAndCheck(world, project, setting)
    await checkIdle(world, project, setting)
  },
)

/** (6): Ctrl-C reaches the command when it has told so many events. */
const interrupted = fc.asyncProperty(projects, fc.nat({ max: 40 }), sandboxes, async (project, atEvent, sandbox) => {
  using world = new World()
  const setting = { sandbox, slots: 2, known: new Known(), builder: runCommand }
  world.write(project)
  const before = outputsIn(world)
  const awaited = awaitedOf(project, sandbox)
  mayBeKnown(awaited, setting.known)
  const started = startCommand(world, project, setting)
  let isSent = false
  started.process.stdout?.on("data", () => {
    if (!isSent && started.told().events.length > atEvent) isSent = started.process.kill("SIGINT")
  })
  const { status, signal } = await started.exit
  const last = started.told().events.at(-1)
  const isWhole = last?.type === "build-ended" && last.outcome !== "cancelled"
  // A build that was done before is told as it ended; a process that no longer minds it is ended by the signal.
  const may = [130, ...(isWhole ? (last.outcome === "done" ? [0] : [1, 2]) : [])]
  same(may.includes(signal === "SIGINT" ? 130 : (status ?? -1)), true, `${status} ${signal} ${started.errors()}`)
  same(processesOf(world.directory), [], "who is still there")
  checkWhole(awaited, world, before)
  await buildAndCheck(world, project, setting)
})

/** (7): two engines in one workspace, and two workspaces with one store. */
const together = fc.asyncProperty(
  projects,
  rounds,
  fc.boolean(),
  sandboxes,
  async (first, round, isShared, sandbox) => {
    using world = new World()
    using other = new World(world.store)
    const project = editedIn(world, first, [])
    world.write(project)
    const second = isShared ? editedIn(other, project, round) : project
    const place = isShared ? other : world
    if (isShared) other.write(second)
    const setting = { sandbox, slots: 2, known: new Known() }
    const awaited = awaitedOf(project, sandbox)
    mayBeKnown(awaited, setting.known)
    mayBeKnown(awaitedOf(second, sandbox), setting.known)
    const before = outputsIn(world)
    const started = startEngine(world, project, { sandbox })
    await buildAndCheck(place, second, setting)
    const { status } = await started.exit
    same([status, started.errors()], [0, ""], "how the other engine ended")
    checkOutputs(awaited, world, before)
    await checkIdle(world, project, setting)
    storeIsSound(world.store)
  },
)

/** (9): blobs, listings, results and checkouts that are gone, cut off or changed never get into an output. */
const damaged = fc.asyncProperty(
  projects,
  fc.array(fc.tuple(damages, rounds), { minLength: 1, maxLength: 3 }),
  sandboxes,
  fc.boolean(),
  async (first, edits, sandbox, isByCommand) => {
    using world = new World()
    world.write(first)
    let project = first
    // The command looks at a part of the graph only, where it can.
    const builder = isByCommand ? runCommand : embedded
    await builder(world, project, { sandbox, slots: 2 })
    for (const [done, round] of edits) {
      for (const one of done) damage(world.store, one)
      project = editedIn(world, project, round)
      const awaited = awaitedOf(project, sandbox)
      const before = outputsIn(world)
      const told = await builder(world, project, { sandbox, slots: 2 })
      const failing = awaited.steps.some((step) => awaited.expected.get(step)?.ends === "failed")
      same(told.outcome, failing ? "failed" : "done", told.said.join("\n"))
      checkOutputs(awaited, world, before)
      await checkIdle(world, project, { sandbox, slots: 2, known: new Known(), builder })
    }
  },
)

/** Every property by its name, and how often the test command tries it. */
export const properties = {
  incremental: { property: incremental, runs: 20 },
  command: { property: command, runs: 4 },
  killed: { property: killed, runs: 6 },
  cancelled: { property: cancelled, runs: 10 },
  interrupted: { property: interrupted, runs: 4 },
  together: { property: together, runs: 6 },
  damaged: { property: damaged, runs: 10 },
  undeclared: { property: undeclared, runs: 15 },
  watched: { property: watched, runs: 4 },
} as const
