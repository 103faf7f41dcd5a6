// Standard error, without what `process.stderr` loads: streams and sockets. A build with nothing to do says one line there.

import { errorCode } from "../lib/base/files.ts"
import { fstatSync, writeSync } from "../lib/base/fs.ts"
import type { Screen } from "../lib/report/console.ts"

/** Whether it is a terminal, and one that knows colours and can move its cursor. */
export const isTerminal = (): boolean =>
  process.env.TERM !== "dumb" && fstatSync(2).isCharacterDevice() && process.stderr.isTTY === true

/** As a shell tells of a program that was ended by SIGPIPE. */
export const endedByPipe = 141

let isHeard = false

/** The stream, for all else. What cannot be written there can be told nowhere; a reader who is gone ends the program. */
export function stderr(): NodeJS.WriteStream {
  if (!isHeard) process.stderr.on("error", (error) => errorCode(error) === "EPIPE" && process.exit(endedByPipe))
  isHeard = true
  return process.stderr
}

/** What a build is shown on. */
export const screen = (): Screen => (isTerminal() ? stderr() : { write: (text) => stderr().write(text) })

/** Writes a line, and waits where the reader is slow. */
export function say(line: string): void {
  try {
    writeSync(2, `${line}\n`)
  } catch (thrown) {
    if (errorCode(thrown) === "EAGAIN") stderr().write(`${line}\n`)
  }
}
