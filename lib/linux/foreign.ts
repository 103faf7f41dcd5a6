// A package of Debian's for another architecture than the build machine's, of which only data is used. Asked for through the system's
// own archives and keys, with an index of its own: what is installed on the system, and for what, stays as it is. Needs no root.

import { copyFileSync, mkdirSync, readdirSync, renameSync } from "node:fs"
import { join } from "node:path"
import { digestFile } from "../base/digest.ts"
import { statIfThere, writeWhole } from "../base/files.ts"
import { downloadError, wrongDigestError } from "../graph/errors.ts"
import type { Running } from "../graph/running.ts"
import { downloadTarget } from "./fetch.ts"

/** A package, and the SHA-256 of its file. */
export interface ForeignPackage {
  readonly name: string
  readonly architecture: string
  readonly digest: string
}

/** The target that downloads it. */
export const foreignPackage = (of: ForeignPackage) =>
  downloadTarget({
    name: of.name,
    about: `Debian's package ${of.name} for ${of.architecture}`,
    module: import.meta.url,
    parameters: JSON.stringify(of),
    expectedMs: 15_000,
    bring: (path, running) => download(of, path, running),
  })

/** Puts it at `output`, from the store or from the archive. Throws a BuildError if it is not what it should be. */
async function download({ name, architecture, digest }: ForeignPackage, output: string, running: Running) {
  const stored = running.stored(digest)
  if (stored !== undefined) return copyFileSync(stored, output)
  const configuration = configure(architecture, running)
  running.progress(undefined, `the index of Debian for ${architecture}`)
  await apt(["update"], configuration, name, running)
  running.progress(undefined, name)
  await apt(["download", name], configuration, name, running)
  const found = readdirSync(running.scratch).find((path) => path.startsWith(`${name}_`)) ?? ""
  const path = join(running.scratch, found)
  const actual = digestFile(path, statIfThere(path)?.size ?? 0)
  if (actual !== digest)
    throw wrongDigestError(name, { from: `Debian: ${found}`, expected: digest, actual, kept: aside(path, running) })
  copyFileSync(path, output)
}

function aside(path: string, { keep }: Running): string {
  const to = join(keep, "foreign.wrong")
  renameSync(path, to)
  return to
}

/** Writes apt's configuration, and gives its path. The archives are those of the system. */
function configure(architecture: string, { scratch }: Running): string {
  for (const below of ["state/lists/partial", "cache/archives/partial"])
    mkdirSync(join(scratch, below), { recursive: true })
  const path = join(scratch, "apt.conf")
  const lines = [
    `APT::Architecture "${architecture}";`,
    `APT::Architectures { "${architecture}"; };`,
    `APT::Sandbox::User "root";`,
    `Acquire::Languages "none";`,
    `Dir::State "${join(scratch, "state")}";`,
    `Dir::State::status "/dev/null";`,
    `Dir::Cache "${join(scratch, "cache")}";`,
  ]
  writeWhole(path, `${lines.join("\n")}\n`)
  return path
}

/** Runs apt-get. Throws a BuildError with its last words. */
async function apt(words: readonly string[], configuration: string, name: string, running: Running): Promise<void> {
  const environment = { APT_CONFIG: configuration }
  const { output, status, end } = running.start(["apt-get", "-q", ...words], { environment, capture: true })
  end()
  let said = ""
  for await (const piece of output) said += piece
  const ended = await status
  if (ended !== 0)
    throw downloadError(name, [["Debian", `apt-get ${words[0]} exited with ${ended}: ${lastLine(said)}`]])
}

const lastLine = (text: string): string => text.trim().split("\n").at(-1) ?? ""
