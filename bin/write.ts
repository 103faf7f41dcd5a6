// Texts that a person wants in a file: where, is said from the directory that the command was started in.

import { mkdirSync, openSync, writeFileSync } from "node:fs"
import { dirname, resolve } from "node:path"
import { errors } from "../lib/mod.ts"

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
