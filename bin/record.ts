// --trace and --report: what a build leaves to be looked at afterwards.

import { join } from "node:path"
import { lastLines } from "../lib/exec/action.ts"
import type { Reporter } from "../lib/report/reporter.ts"
import type { Typed } from "./options.ts"
import { opened } from "./write.ts"

const logLines = 20

/** Reporters that write the files asked for; these are opened at once, so that a build is not in vain. */
export async function recorders({
  typed,
  root,
}: {
  readonly typed: Typed
  readonly root: string
}): Promise<readonly Reporter[]> {
  const { trace, report, words } = typed
  const found: Reporter[] = []
  if (trace !== undefined)
    found.push((await import("../lib/report/trace.ts")).traceReporter({ root, write: opened(trace) }))
  if (report !== undefined)
    found.push(
      (await import("../lib/report/page.ts")).pageReporter({
        root,
        title: words.join(" "),
        lastLines: (log) => lastLines(join(root, log), logLines),
        write: opened(report),
      }),
    )
  return found
}
