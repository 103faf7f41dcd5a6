// What shared libraries programs are loaded with, on the build machine: the loader itself is asked.

import { normalize } from "node:path"
import { isAllowed } from "../base/files.ts"
import { closeSync, openSync, readSync, statSync } from "../base/fs.ts"
import { answerOf } from "../base/process.ts"

/** What ldd does, in one process of a shell for all files: the loader is asked with what it would load each. */
const askLoader = `for file; do "$0" --list "$file"; done`

/** The shared libraries that programs, and extension modules below directories, are loaded with; the loader included. */
export function librariesOf(paths: readonly string[]): string[] {
  const directories = paths.filter((path) => statSync(path).isDirectory())
  const files = [...paths.filter((path) => !directories.includes(path)), ...modulesBelow(directories)].filter(
    (path) => isAllowed(path) && isLoaded(path),
  )
  const lines = files.length === 0 ? [] : answerOf("sh", "-c", askLoader, loader(), ...files).split("\n")
  const found = lines.flatMap((line) => /^\s.*?(\/\S+) \(0x/.exec(line)?.[1] ?? [])
  return [...new Set(found.map((library) => normalize(library)))]
}

let loaderPath: string | undefined

/** The program that loads others. */
function loader(): string {
  loaderPath ??= /\/\S+(?= \(0x\w+\)\n$)/.exec(answerOf("ldd", "/bin/sh"))?.[0] ?? ""
  return loaderPath
}

const elfMagic = 0x7f454c46
const [executableType, sharedType] = [2, 3]

/** Whether a file is an ELF program or a shared library, by its head; not an object that is linked, an archive or a text. */
function isLoaded(path: string): boolean {
  const head = Buffer.alloc(18)
  const file = openSync(path, "r")
  try {
    readSync(file, head)
  } finally {
    closeSync(file)
  }
  // The type's two bytes have the machine's own order: one of them is 0.
  const type = head.readUInt8(16) + head.readUInt8(17)
  return head.readUInt32BE(0) === elfMagic && (type === executableType || type === sharedType)
}

/** What interpreters load, which is where libraries are, and not where headers are. */
function modulesBelow(directories: readonly string[]): readonly string[] {
  const likely = directories.filter((directory) => directory.split("/").includes("lib"))
  const words = ["-path", "*/lib-dynload/*.so", "-o", "-path", "*/auto/*.so"]
  return likely.length === 0
    ? []
    : answerOf("find", ...likely, ...words)
        .split("\n")
        .filter(Boolean)
}
