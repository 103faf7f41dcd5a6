// Standard error, without what `process.stderr` loads: streams and sockets. A build with nothing to do says one line there.

import { errorCode } from "../lib/base/files.ts"
import { fstatSync, writeSync } from "../lib/base/fs.ts"

/** Whether it is a terminal. */
export const isTerminal = (): boolean => fstatSync(2).isCharacterDevice() && process.stderr.isTTY === true

/** Writes a line, and waits where the reader is slow. */
export function say(line: string): void {
  try {
    writeSync(2, `${line}\n`)
  } catch (thrown) {
    if (errorCode(thrown) !== "EAGAIN") throw thrown
    process.stderr.write(`${line}\n`)
  }
}
