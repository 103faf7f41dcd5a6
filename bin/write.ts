// Texts for a person: on standard output, or in a file named from the directory that the command was started in.

import { once } from "node:events"
import { createReadStream, openSync, writeFileSync } from "node:fs"
import { dirname, resolve } from "node:path"
import { makeDirectory } from "../lib/base/files.ts"
import * as errors from "../lib/graph/errors.ts"
import { endedByPipe } from "./stderr.ts"
import { sayThrown } from "./thrown.ts"

let isHeard = false

/** Standard output. Who reads it may have read enough (`| head`): that ends the program, and is nothing to complain of. */
export function stdout(): NodeJS.WriteStream {
  const end = (error: NodeJS.ErrnoException) =>
    process.exit(
      error.code === "EPIPE" ? endedByPipe : sayThrown(errors.cannotWriteError("standard output", error.message)),
    )
  if (!isHeard) process.stdout.on("error", end)
  isHeard = true
  return process.stdout
}

/** What prints lines. */
export const printer = (): ((text: string) => void) => {
  const output = stdout()
  return (text) => void output.write(`${text}\n`)
}

/** Prints a file, however long, and the end of its last line. */
export async function printFile(path: string): Promise<void> {
  let last = 10
  for await (const piece of createReadStream(path) as AsyncIterable<Buffer>) {
    last = piece.at(-1) ?? last
    if (!stdout().write(piece)) await once(stdout(), "drain")
  }
  if (last !== 10) stdout().write("\n")
}

/** Opens a file to be written, empty, and gives what writes and closes it. Throws a BuildError if it cannot be opened. */
export function opened(path: string): (text: string) => void {
  const at = resolve(path)
  const descriptor = refused(path, () => {
    makeDirectory(dirname(at))
    return openSync(at, "w")
  })
  return (text) => refused(path, () => writeFileSync(descriptor, text))
}

function refused<T>(path: string, work: () => T): T {
  try {
    return work()
  } catch (thrown) {
    throw errors.cannotWriteError(path, (thrown as Error).message)
  }
}
