// What the operating system refused, as an error that a person can act on.

import { statfsSync } from "node:fs"
import { errorCode } from "../base/files.ts"
import { inTheWayError, noSpaceError, readOnlyError } from "../graph/errors.ts"
import type { Machinery } from "./machinery.ts"

/** The BuildError that a thrown system error stands for, or what was thrown. */
export function systemError(thrown: unknown, { workspace }: Pick<Machinery, "workspace">): unknown {
  const { path = workspace.root, syscall } = (thrown ?? {}) as NodeJS.ErrnoException
  if (syscall === "mkdir" && ["EEXIST", "ENOTDIR", "ENOENT"].includes(errorCode(thrown) ?? ""))
    return inTheWayError(path)
  switch (errorCode(thrown)) {
    case "ENOSPC":
    case "EDQUOT":
      return noSpaceError(path)
    case "EROFS":
    case "EACCES":
      return readOnlyError(path)
    default:
      return thrown
  }
}

const fewBytes = 4 << 20

/** Whether a file system is as good as full. */
export function isFull(path: string): boolean {
  const { bavail, bsize } = statfsSync(path)
  return bavail * bsize < fewBytes
}
