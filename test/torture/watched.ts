// (10): what is built while one watches is what a build from cold gives.

import { deepStrictEqual as same } from "node:assert"
import { once } from "node:events"
import fc from "fast-check"
import { awaitedOf, checkOutputs, outputsIn, outputsOf } from "./check.ts"
import { type Project, projects, rounds } from "./model.ts"
import { noneLeft, type Started, startCommand } from "./process.ts"
import { editedIn, sandboxes } from "./turn.ts"
import { World } from "./world.ts"

type Sandbox = "bwrap" | "off"

/** Edits while the command watches; after each, who waits is told how it ended, and by then everything is there. */
export const watched = fc.asyncProperty(
  projects,
  fc.array(rounds, { minLength: 1, maxLength: 4 }),
  sandboxes,
  async (first, edits, sandbox) => {
    using world = new World()
    world.write(first)
    let project = first
    let watching = await startWatching(world, project, sandbox)
    try {
      for (const round of edits) {
        const before = [outputsIn(world), world.spoilt]
        world.spoilt.clear()
        const { variable, environment } = project
        for (const edit of round) {
          project = editedIn(world, project, [edit])
          // It may be built before the next edit.
          before.push(outputsOf(awaitedOf(project, sandbox)))
        }
        // These belong to the process that watches.
        if (project.variable !== variable || project.environment !== environment) {
          await stop(watching)
          watching = await startWatching(world, project, sandbox)
        }
        const awaited = awaitedOf(project, sandbox)
        const waiting = startCommand(world, project, { sandbox }, ["--wait"])
        const { status } = await waiting.exit
        const isFailing = awaited.steps.some((step) => awaited.expected.get(step)?.ends === "failed")
        same([status !== 0, waiting.told().events], [isFailing, []], `${watching.errors()}\n${waiting.errors()}`)
        checkOutputs(awaited, world, ...before)
      }
    } finally {
      await stop(watching)
    }
    await noneLeft(world.directory)
  },
)

/** Watches, and has built once. */
async function startWatching(world: World, project: Project, sandbox: Sandbox): Promise<Started> {
  const watching = startCommand(world, project, { sandbox }, ["--watch"])
  while (!watching.errors().includes("watching")) await once(watching.process.stderr as NodeJS.EventEmitter, "data")
  return watching
}

async function stop({ process, exit }: Started): Promise<void> {
  process.kill("SIGINT")
  await exit
}
