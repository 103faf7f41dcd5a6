// Traces of the build machine in what was built: its paths and names anywhere in a file, and in programs what its compiler and its C
// library leave. Words such as gcc or glibc say nothing by themselves: a compiler knows both, and configure scripts speak of them.

import { readFileSync, writeFileSync } from "node:fs"
import { homedir, hostname, userInfo } from "node:os"
import { join } from "node:path"
import { walk } from "../base/files.ts"
import type { Running } from "../graph/running.ts"
import { file, type Output, type Target, target } from "../graph/target.ts"
import { isArchive, placeIn, sectionOf } from "./elf.ts"

/** A text that nothing may hold, and what it is. */
export interface Mark {
  readonly what: string
  readonly text: string
}

/** Something of the build machine in a file. */
export interface Trace {
  readonly path: string
  readonly what: string
  /** Where the text begins, in bytes from the file's start, and what it is part of. */
  readonly at?: { readonly offset: number; readonly place: readonly string[] }
}

/** Who builds, where, and the directory that the store is, or is in. */
export interface Builder {
  readonly user: string
  readonly home: string
  readonly host: string
  readonly store: string
}

function thisOne(): Builder {
  const home = homedir()
  const { HASHMAKE_STORE, XDG_CACHE_HOME } = process.env
  const store = HASHMAKE_STORE || XDG_CACHE_HOME || join(home, ".cache")
  return { user: userInfo().username, home, host: hostname(), store }
}

/** What names the build machine: paths of the user's, and names that are no ordinary words. */
export function marksOf(workspace: string, { user, home, host, store }: Builder = thisOne()): readonly Mark[] {
  const isWord = !/\d|-/.test(host) || host.length < leastLetters
  // In a sandbox everybody may be root.
  const signatures = [...new Set([user, "root"])].map((one) => ({ what: "the host's name", text: `${one}@${host}` }))
  return [
    { what: "the workspace's path", text: workspace },
    { what: "the store's path", text: `${store}/` },
    // Every system has a root, and a word may stand anywhere.
    ...(home === "/root" ? [] : [{ what: "the home directory", text: home }]),
    ...(user === "root" ? [] : [{ what: "the user's name", text: `${user}@` }]),
    ...(host === "localhost" ? [] : signatures),
    ...(isWord ? [] : [{ what: "the host's name", text: host }]),
  ]
}

/** Of fewer letters any name is found in a program by chance. */
const leastLetters = 5

/** The traces in a tree, in the order of paths; of each mark the first in a file. */
export function tracesIn(root: string, marks: readonly Mark[]): readonly Trace[] {
  const found: Trace[] = []
  for (const { path, stat } of walk(root)) {
    if (!stat.isFile()) continue
    const bytes = readFileSync(join(root, path))
    for (const { what, text } of marks) {
      const offset = bytes.indexOf(text)
      if (offset !== -1) found.push({ path, what, at: { offset, place: placeIn(bytes, offset) } })
    }
    for (const what of foreignIn(bytes)) found.push({ path, what })
  }
  return found
}

/** What compilers sign with that are not ours: GNU's own, and a clang that somebody else has changed. */
const foreignCompiler = /\b(GCC: \([^)]*\) \d[^\0]*|Debian clang[^\0]*|Ubuntu clang[^\0]*)/

/** How the messages of glibc's own begin: every program has some that it is linked into. */
const ofGlibc = "Fatal glibc error: "

/** What a program or an object has of another compiler, or of a library that is loaded at run time. */
function foreignIn(bytes: Buffer): readonly string[] {
  const signed = isArchive(bytes) ? bytes : sectionOf(bytes, ".comment")
  const compiler = foreignCompiler.exec(signed?.toString("latin1") ?? "")?.[1]
  const [interpreter] = sectionOf(bytes, ".interp")?.toString().split("\0") ?? []
  return [
    ...(compiler === undefined ? [] : [`compiled by ${compiler}`]),
    ...(interpreter === undefined ? [] : [`loaded by ${interpreter}`]),
    ...(sectionOf(bytes, ".rodata")?.includes(ofGlibc) ? ["linked with glibc"] : []),
  ]
}

/** A trace as a line of a log. */
export const traceLine = ({ path, what, at }: Trace): string =>
  `${path}: ${what}${at === undefined ? "" : `, ${[...at.place, `offset ${at.offset}`].join(", ")}`}`

/** A target that fails if there is a trace in any of these trees. `marks`: of this machine. */
export const checkTraces = (name: string, trees: readonly Output[], marks: readonly Mark[]): Target =>
  target({
    name,
    about: "look in every file for paths and names of the build machine, its compiler and its libraries",
    inputs: { trees },
    outputs: { report: file() },
    module: import.meta.url,
    parameters: JSON.stringify(marks),
    call: async ({ trees }, { report }, running) => {
      const count = trees.reduce((sum, tree, i) => sum + tracesTold(tree, i / trees.length, marks, running), 0)
      if (count > 0)
        throw logged(new Error(`found ${count === 1 ? "a trace" : `${count} traces`} of the build machine`))
      writeFileSync(report, `no trace in ${trees.length} trees\n`)
    },
  })

/** Without a stack: the end of the log is for what was found. */
const logged = (error: Error): Error => Object.assign(error, { stack: error.message })

function tracesTold(tree: string, fraction: number, marks: readonly Mark[], running: Running): number {
  running.signal.throwIfAborted()
  running.progress(fraction, "looks for traces")
  const found = tracesIn(tree, marks)
  for (const trace of found) running.log(traceLine(trace))
  return found.length
}
