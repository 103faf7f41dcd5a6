// The types that a program in TypeScript sees: each line below `@ts-expect-error` must not compile, every other must.

import * as everything from "hashmake"
import {
  type Build,
  type BuildEvent,
  type BuildResult,
  choice,
  command,
  createEngine,
  type Engine,
  type Output,
  several,
  source,
  type Target,
  target,
  type Values,
} from "hashmake"
import { autotools } from "hashmake/linux"
import project from "./Buildfile.ts"

/** Compiles only if both are the very same type. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const holds = <T extends true>(): T | undefined => undefined

const engine: Engine = createEngine({ slots: 2, sandbox: "off" })
const targets = engine.load(project, { MODE: "release" })
holds<Same<keyof typeof targets, "default" | "all" | "version">>()
holds<Same<typeof targets.all.outputs.all, Output>>()
holds<Same<keyof typeof targets.all.outputs, "all">>()

const variables = { MODE: choice(["debug", "release"], ""), PARTS: several(["a", "b"], ["a"], "") }
holds<Same<Values<typeof variables>["MODE"], "debug" | "release">>()
holds<Same<Values<typeof variables>["PARTS"], readonly ("a" | "b")[]>>()

const build: Build = engine.build([targets.all], { keepGoing: true, signal: AbortSignal.timeout(1000) })
holds<Same<Awaited<typeof build.result>, BuildResult>>()
holds<Same<BuildResult["outcome"], "done" | "failed" | "cancelled">>()
const say = (event: BuildEvent): string => (event.type === "state" ? `${event.target.name} ${event.state}` : event.type)
for await (const event of build.events) say(event)

const object: Target<{ readonly object: string }> = target({
  inputs: { from: source("a.c"), headers: [source("a.h")] },
  outputs: { object: "out/a.o" },
  run: ({ from, headers }, { object }) => {
    holds<Same<typeof from, string>>()
    holds<Same<typeof headers, readonly [string]>>()
    return command("cc", "-c", from, "-o", object)
  },
})

// @ts-expect-error: no such mode
engine.load(project, { MODE: "fast" })
// @ts-expect-error: no such variable
engine.load(project, { MODUS: "debug" })
// @ts-expect-error: no such target
targets.everything
// @ts-expect-error: no such output
object.outputs.objekt
// @ts-expect-error: no such input
target({ inputs: { from: source("a") }, outputs: { to: "b" }, run: ({ form }, { to }) => command("cp", form, to) })
// @ts-expect-error: no such output
target({ inputs: { from: source("a") }, outputs: { to: "b" }, run: ({ from }, { too }) => command("cp", from, too) })
// @ts-expect-error: a target has a rule
target({ outputs: { to: "b" } })
// @ts-expect-error: a rule gives a command
target({ outputs: { to: "b" }, run: () => "cp a b" })
// @ts-expect-error: a target is no output
target({ inputs: { object }, outputs: { to: "b" }, run: ({ object }, { to }) => command("cp", object, to) })
// @ts-expect-error: a function says which module holds it
target({ outputs: { to: "b" }, call: async () => {} })
// @ts-expect-error: nothing can be assigned
object.outputs.object = targets.all.outputs.all
// @ts-expect-error: what only the command needs is not in the door
everything.withMachinery
// @ts-expect-error: a recipe has a name
autotools({})
