// What `outdated` starts: asks, and prints what has a newer version; with --json, one object for each source.

import { readFileSync } from "node:fs"
import { join } from "node:path"
import { PassThrough } from "node:stream"
import { start } from "../lib/base/process.ts"
import * as errors from "../lib/graph/errors.ts"
import type { Asking } from "../lib/linux/debian.ts"
import { learn, type Outdated, type Sourced } from "../lib/linux/look/outdated.ts"
import { tableLines } from "../lib/linux/look/table.ts"
import { storeDirectory } from "../lib/store/directory.ts"
import { isTerminal } from "./stderr.ts"
import { sayThrown } from "./thrown.ts"

/** Asks for as long as nobody types Ctrl-C; says on a terminal whom. */
function asking(signal: AbortSignal): Asking {
  const isShown = isTerminal()
  return {
    signal,
    keep: join(storeDirectory(process.env), "keep"),
    progress: (_, words) => void (isShown && process.stderr.write(`\r\x1b[Kasking ${words}`)),
    start(argv, { directory, environment = {}, capture = false } = {}) {
      const env = { PATH: "/usr/bin:/usr/sbin:/bin:/sbin", LC_ALL: "C", ...environment }
      const stdio = capture ? "pipe" : "ignore"
      const { process: child, exit } = start(argv, { cwd: directory, env, signal, stdio: ["pipe", stdio, stdio] })
      const output = new PassThrough({ encoding: "utf8" })
      for (const stream of [child.stdout, child.stderr]) stream?.on("data", (piece: Buffer) => output.write(piece))
      return {
        output,
        write: (text) => void child.stdin?.write(text),
        end: () => void child.stdin?.end(),
        kill: () => void child.kill("SIGKILL"),
        status: exit.then(({ status }) => status).finally(() => output.end()),
      }
    },
  }
}

const columns = ["package", "ours", "newer", "Debian", "upstream"].map((title) => ({ title }))

/** Of more that gave no answer the others are counted. */
const mostNamed = 4

/** What a person is told. */
function outdatedText({ sources, unreachable }: Outdated): string {
  const said = (version: string | undefined) => (version === "unknown" ? "?" : (version ?? "-"))
  const outdated = sources.filter(({ newer }) => newer !== undefined)
  const rows = outdated.map(({ names, version, newer, debian, upstream }) => [
    ...[names.join(", "), version, newer ?? "", said(debian), said(upstream)],
  ])
  const unknown = unreachable.slice(0, mostNamed).map(([who, why]) => `${who} (${why})`)
  const more = unreachable.length > mostNamed ? ` and ${unreachable.length - mostNamed} more` : ""
  return [
    ...(rows.length === 0 ? [] : [...tableLines(columns, rows), ""]),
    `${outdated.length} of ${sources.length} sources have a newer version`,
    ...(unknown.length === 0 ? [] : [`?: no answer from ${unknown.join(", ")}${more}`]),
  ].join("\n")
}

async function outdated([path = "", ...words]: readonly string[]): Promise<void> {
  const [word] = words.filter((word) => word !== "--json")
  if (word !== undefined) throw errors.unknownOptionError(word, ["--json"])
  const interrupt = new AbortController()
  process.once("SIGINT", () => interrupt.abort())
  const sources: readonly Sourced[] = JSON.parse(readFileSync(path, "utf8"))
  const learnt = await learn(sources, asking(interrupt.signal))
  if (process.stderr.isTTY) process.stderr.write("\r\x1b[K")
  if (learnt.sources.every(({ debian, upstream }) => [debian, upstream].every((one) => one === "unknown" || !one)))
    throw errors.nothingReachableError(learnt.unreachable)
  const lines = words.includes("--json")
    ? learnt.sources.map((source) => JSON.stringify(source))
    : [outdatedText(learnt)]
  process.stdout.write(`${lines.join("\n")}\n`)
}

try {
  await outdated(process.argv.slice(2))
} catch (thrown) {
  process.exitCode = (thrown as Error).name === "AbortError" ? 130 : sayThrown(thrown)
}
