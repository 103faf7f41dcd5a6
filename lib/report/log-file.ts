// The workspace's log of builds, by pino: log/build.ndjson. The file is opened when the first action runs, so that a build with
// nothing to do neither writes it nor loads pino.

import { accessSync, constants } from "node:fs"
import { createRequire } from "node:module"
import type { Logger } from "pino"
import { errorCode, followedIfThere, makeParent } from "../base/files.ts"
import { misplacedError, readOnlyError } from "../graph/errors.ts"
import { type BuildEvent, eventRecord } from "../graph/event.ts"
import type { LogLevel } from "./log-level.ts"
import type { Reporter } from "./reporter.ts"

/** Logs events to the file at `path`, those of `level` and above. Throws a BuildError if something there cannot be written to. */
export function logReporter(path: string, level: LogLevel): Reporter {
  checkLog(path)
  const early: BuildEvent[] = []
  let logger: Logger | undefined
  let opening: NodeJS.Immediate | undefined
  const log = (event: BuildEvent) => logger?.[levelOf(event)](eventRecord(event))
  const open = () => {
    opening = undefined
    logger = openLog(path, level)
    if (logger === undefined) return
    for (const before of early.splice(0)) log(before)
  }
  return {
    on: (event) => {
      if (logger !== undefined) return log(event)
      early.push(event)
      // Once the action has been started: it does not wait for pino.
      if (event.type === "state" && event.state === "running" && level !== "silent") opening ??= setImmediate(open)
    },
    close() {
      clearImmediate(opening)
      if (opening !== undefined) open()
      logger?.flush()
    },
  }
}

/** It is opened when nobody can be told any more. */
function checkLog(path: string): void {
  if (followedIfThere(path)?.isDirectory()) throw misplacedError(path, true)
  try {
    accessSync(path, constants.W_OK)
  } catch (thrown) {
    if (errorCode(thrown) === "EACCES") throw readOnlyError(path)
  }
}

/** Undefined where the system does not let it be opened. A build goes on without its log: what it cannot write itself it says. */
function openLog(path: string, level: LogLevel): Logger | undefined {
  const pino = createRequire(import.meta.url)("pino") as typeof import("pino").default
  try {
    makeParent(path)
    const destination = pino.destination({ dest: path, sync: true, append: true })
    return pino(
      { level },
      destination.on("error", () => {}),
    )
  } catch (thrown) {
    if (errorCode(thrown) === undefined) throw thrown
    return undefined
  }
}

function levelOf(event: BuildEvent): "error" | "warn" | "info" | "debug" | "trace" {
  if (event.type === "failure") return "error"
  if (["notice", "waiting", "retry"].includes(event.type)) return "warn"
  if (event.type === "build-started" || event.type === "build-ended") return "info"
  if (event.type === "state") return ["wanted", "ready", "up-to-date"].includes(event.state) ? "trace" : "info"
  return "debug"
}
