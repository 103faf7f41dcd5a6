// Texts for a person: on standard output, or in a file named from the directory that the command was started in.

import { once } from "node:events"
import { createReadStream, mkdirSync, openSync, writeFileSync } from "node:fs"
import { dirname, resolve } from "node:path"
import * as errors from "../lib/graph/errors.ts"

/** As a shell tells of a program that was ended by SIGPIPE. */
const endedByPipe = 141

/** What prints lines. Who reads them may have read enough (`| head`): that ends the program, and is nothing to complain of. */
export function printer(): (text: string) => void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error
    process.exit(endedByPipe)
  })
  return (text) => void process.stdout.write(`${text}\n`)
}

/** Prints a file, however long, and the end of its last line. */
export async function printFile(path: string): Promise<void> {
  let last = 10
  for await (const piece of createReadStream(path) as AsyncIterable<Buffer>) {
    last = piece.at(-1) ?? last
    if (!process.stdout.write(piece)) await once(process.stdout, "drain")
  }
  if (last !== 10) process.stdout.write("\n")
}

/** Opens a file to be written, empty, and gives what writes and closes it. Throws a BuildError if it cannot be opened. */
export function opened(path: string): (text: string) => void {
  const at = resolve(path)
  const descriptor = refused(path, () => {
    mkdirSync(dirname(at), { recursive: true })
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
