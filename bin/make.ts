// Making targets: missing tools first, then the build with its reporters, then sessions.

import { join } from "node:path"
import { renderDiagnostic } from "../lib/base/diagnostic.ts"
import { ownOf } from "../lib/base/own.ts"
import {
  type BuildOptions,
  build,
  type EngineOptions,
  missingTools,
  type Recalled,
  rebuild,
} from "../lib/exec/engine.ts"
import { withMachinery } from "../lib/exec/open.ts"
import { sessionFor } from "../lib/exec/session.ts"
import type { BuildResult } from "../lib/exec/states.ts"
import type { Buildfile, Targets } from "../lib/graph/buildfile.ts"
import * as errors from "../lib/graph/errors.ts"
import { graphOf } from "../lib/graph/graph.ts"
import type { Target } from "../lib/graph/target.ts"
import { consoleReporter } from "../lib/report/console.ts"
import { jsonReporter, reporters } from "../lib/report/json.ts"
import { logReporter } from "../lib/report/log-file.ts"
import type { Reporter } from "../lib/report/reporter.ts"
import { paint, painted } from "../lib/report/words.ts"
import { ensureTools } from "./ensure-tools.ts"
import { commandWords } from "./help.ts"
import type { Typed } from "./options.ts"
import { screen, stderr } from "./stderr.ts"
import { stdout } from "./write.ts"

/** How long (in ms) what was interrupted may take to end before something is said of it. */
const unsaidMs = 1000

/** What every command is given. */
export interface Asked {
  readonly typed: Typed
  readonly root: string
  readonly buildfile: Buildfile
  readonly targets: Targets
  readonly engine: EngineOptions
  readonly print: (text: string) => void
}

/** The target that a person calls so. Throws a BuildError, with the nearest name, if there is none. */
export function targetNamed(targets: Targets, name: string): Target {
  const found =
    ownOf(targets, name) ??
    Object.values(targets).find((target) => target.name === name) ??
    allTargets(targets).find((target) => target.name === name)
  if (found === undefined)
    throw errors.unknownTargetError(name, [
      ...Object.keys(targets),
      ...commandWords.map(([words]) => words.replace(/ .*/, "")),
    ])
  return found
}

/** All that the Buildfile declares. */
export const allTargets = (targets: Targets): readonly Target[] => graphOf([...new Set(Object.values(targets))]).targets

/** Builds targets and reports; sessions are started once everything is built. */
export async function make(
  asked: Asked,
  wanted: readonly Target[],
  besides: Pick<BuildOptions, "remember" | "whole"> = {},
): Promise<number> {
  const { typed, engine } = asked
  await ensureTools(missingTools(graphOf(wanted), engine), typed)
  const status = await reported(asked, (options) => build(wanted, engine, { ...options, ...besides }))
  return status !== 0 || typed.dryRun ? (status ?? 0) : startSessions(asked, wanted)
}

/** The engine that was asked for. */
export const engineFor = ({ jobs: slots, sandbox, makeflags }: Typed, root: string): EngineOptions => ({
  root,
  slots,
  sandbox,
  makeflags,
})

/** Brings a remembered build up to date; undefined where that needs the Buildfile. */
export const remake = (typed: Typed, root: string, recalled: Recalled): Promise<number | undefined> => {
  const engine = engineFor(typed, root)
  return reported({ typed, root }, (options) => rebuild(recalled, engine, options))
}

/** Runs a build that can be interrupted, and reports it; gives the exit status. */
async function reported(
  asked: Pick<Asked, "typed" | "root">,
  build: (options: BuildOptions) => Promise<BuildResult | undefined>,
): Promise<number | undefined> {
  const { typed } = asked
  const reporter = await reporterFor(asked)
  const interrupt = new AbortController()
  let saying: NodeJS.Timeout | undefined
  const stop = () => {
    if (interrupt.signal.aborted) process.exit(130)
    interrupt.abort()
    saying = setTimeout(() => reporter.on({ type: "notice", diagnostic: errors.endingNotice() }), unsaidMs)
  }
  process.on("SIGINT", stop).on("SIGTERM", stop)
  try {
    const { keepGoing, dryRun, level } = typed
    const verbose = level === "verbose"
    const result = await build({ keepGoing, dryRun, verbose, signal: interrupt.signal, emit: reporter.on })
    reporter.close()
    if (result === undefined) return undefined
    return statusOf(result, typed)
  } catch (thrown) {
    if (interrupt.signal.aborted) return 130
    throw thrown
  } finally {
    clearTimeout(saying)
    reporter.close()
    // A second Ctrl-C may still be on its way: it ends what is left at once.
    if (!interrupt.signal.aborted) process.off("SIGINT", stop).off("SIGTERM", stop)
  }
}

/** Says what failed; gives the exit status of a build that went so. */
export function statusOf({ outcome, failures }: BuildResult, { isColoured }: Pick<Typed, "isColoured">): number {
  for (const { diagnostic } of failures)
    stderr().write(`\n${painted(renderDiagnostic(diagnostic), paint(isColoured))}\n`)
  if (outcome === "cancelled") return 130
  if (outcome === "failed") return failures.some(({ isError }) => isError) ? 2 : 1
  return 0
}

/** A target that has an action; of a group, those of its members. */
export const actionsIn = (target: Target): readonly Target[] =>
  target.action === undefined ? [...new Set(target.members.flatMap(actionsIn))] : [target]

/** The sessions that a target stands for. Of a group, those that are its members: one starts when the one before has ended. */
export const sessionsIn = (target: Target): readonly Target[] =>
  actionsIn(target).filter(({ action }) => action?.rule.kind === "session")

async function startSessions({ engine, typed }: Asked, wanted: readonly Target[]): Promise<number> {
  for (const target of wanted.flatMap(sessionsIn)) {
    const run = await withMachinery(engine, (machinery) => sessionFor(target, machinery, typed.rest))
    const status = await run()
    if (status !== 0) return status
  }
  return 0
}

async function reporterFor(asked: Pick<Asked, "typed" | "root">): Promise<Reporter> {
  const { typed, root } = asked
  const log = logReporter(join(root, "log", "build.ndjson"), typed.logLevel)
  const { json, isColoured, level, explain, trace, report } = typed
  const person = consoleReporter({ output: screen(), isColoured, level, explain })
  const isRecorded = trace !== undefined || report !== undefined
  const recorded = isRecorded ? await (await import("./record.ts")).recorders(asked) : []
  return reporters([log, json ? jsonReporter((text) => stdout().write(text)) : person, ...recorded])
}
