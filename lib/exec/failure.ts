// What the operating system refused, as an error that a person can act on.

import { dirname, join } from "node:path"
import { errorCode, followedIfThere, statIfThere } from "../base/files.ts"
import { accessSync, constants, statfsSync } from "../base/fs.ts"
import {
  inTheWayError,
  longPathError,
  misplacedError,
  noSpaceError,
  notUtf8Error,
  openFilesError,
  processesError,
  readOnlyError,
  readOnlyStoreError,
  unreadableError,
} from "../graph/errors.ts"
import type { Machinery } from "./machinery.ts"

/** The BuildError that a thrown system error stands for, or what was thrown. `at` is what was used, where the error names no path. */
export function systemError(
  thrown: unknown,
  { workspace, store }: Pick<Machinery, "workspace" | "store">,
  at = workspace.root,
): unknown {
  const { path = at, dest = path, syscall } = (thrown ?? {}) as NodeJS.ErrnoException & { readonly dest?: string }
  const readOnly = path.startsWith(`${store.root}/`) ? readOnlyStoreError(store.root) : readOnlyError(path)
  switch (errorCode(thrown)) {
    case "ENOSPC":
    case "EDQUOT":
      // Of a copy it is the copy.
      return noSpaceError(dest)
    case "EACCES":
      return isUnreadable(path, syscall) ? unreadableError(path) : readOnly
    case "EROFS":
      return readOnly
    case "ENAMETOOLONG":
      return longPathError(path)
    case "EILSEQ":
      return notUtf8Error(path)
    case "EMFILE":
    case "ENFILE":
      return openFilesError()
    case "EAGAIN":
    case "ENOMEM":
      return syscall?.startsWith("spawn") ? processesError() : thrown
    case "EISDIR":
      return path === at ? thrown : misplacedError(path, true)
    case "EEXIST":
    case "ENOTDIR":
    case "ENOENT":
      if (syscall !== "mkdir") return thrown
      // Node says so of a file system that cannot be written to, too.
      return isWritable(dirname(path)) ? inTheWayError(path) : readOnly
    default:
      return thrown
  }
}

/** Whether what was refused was to read: to write is refused of what can be read, or is not there. */
const isUnreadable = (path: string, syscall = ""): boolean =>
  ["stat", "lstat", "scandir", "readlink"].includes(syscall) ||
  (statIfThere(path) !== undefined && !mayDo(path, constants.R_OK))

/** Whether the nearest directory that is there, at a path or above it, can be written to. */
function isWritable(path: string): boolean {
  return followedIfThere(path) === undefined && path !== "/" ? isWritable(dirname(path)) : mayDo(path, constants.W_OK)
}

function mayDo(path: string, what: number): boolean {
  try {
    accessSync(path, what)
    return true
  } catch {
    return false
  }
}

/** What lies in a workspace where hashmake keeps something of its own. */
const kept = { directories: ["", "bin", "failed", "graph", "pipes", "shells"], files: ["boot", "journal", "lock"] }

/** As `systemError`, of what is kept in the workspace besides. */
export function keptError(thrown: unknown, root: string): unknown {
  const code = errorCode(thrown)
  if (code === undefined) return thrown
  const own = join(root, ".hashmake")
  const { path = own, dest = path, syscall } = thrown as NodeJS.ErrnoException & { readonly dest?: string }
  if (code === "ENOSPC" || code === "EDQUOT") return noSpaceError(dest)
  if (syscall === "mkdir" && path.startsWith(join(root, "log"))) return inTheWayError(path)
  const isDirectory = (at: string) => followedIfThere(at)?.isDirectory() === true
  const file = kept.files.map((name) => join(own, name)).find(isDirectory)
  if (file !== undefined) return misplacedError(file, true)
  const directories = kept.directories.map((name) => join(own, name))
  const no = directories.find((at) => statIfThere(at) !== undefined && !isDirectory(at))
  return no === undefined ? thrown : misplacedError(no, false)
}

const fewBytes = 4 << 20

/** Whether a file system is as good as full. */
export function isFull(path: string): boolean {
  const { bavail, bsize } = statfsSync(path)
  return bavail * bsize < fewBytes
}
