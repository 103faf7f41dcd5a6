// The graphs that are built: files, rules and actions, told once and written down for every tool. They are generated anew each
// time they are looked at, so that a million actions need no memory. Real programs are in
// projects.ts, hashmake's Buildfiles in buildfiles.ts.

import * as buildfiles from "./buildfiles.ts"

/** How outputs of a kind are made. The command is told once more with what a tool calls its inputs and its output. */
export interface Rule {
  readonly argv: (inputs: readonly string[], output: string) => readonly string[]
  /** Whether the command also writes `OUTPUT.d`, which says what else it has read. */
  readonly hasDepfile?: boolean
}

/** One action. */
export interface Action {
  readonly rule: string
  readonly inputs: readonly string[]
  readonly output: string
}

export interface Graph {
  readonly name: string
  readonly rules: Readonly<Record<string, Rule>>
  /** The source files, by path. */
  sources(): Iterable<readonly [path: string, text: string]>
  actions(): Iterable<Action>
  /** The source file that is edited, where one is. */
  readonly edited: string
  /** The same as a Buildfile. `library` is the path of hashmake's own module. */
  buildfile(library: string): string
  /** Whether each action is alone in its directory, with its inputs: runners of the JavaScript world know packages only. */
  readonly isOfPackages: boolean
}

const perDirectory = 100

function* numbered<T>(count: number, make: (index: number) => T): Generator<T> {
  for (let i = 0; i < count; i++) yield make(i)
}

/** `12/34` for 1,234: a hundred files a directory. */
const place = (index: number): string =>
  `${String(Math.floor(index / perDirectory)).padStart(4, "0")}/${String(index % perDirectory).padStart(2, "0")}`

/** Actions with one input and one output each: `program FROM TO`. With `isBuiltin`, hashmake copies by its own rule. */
export function copies(count: number, { program = "cp", isBuiltin = false } = {}): Graph {
  return {
    name: `${isBuiltin ? "builtin" : program}-${count}`,
    rules: { copy: { argv: ([from = ""], to) => [program, from, to] } },
    sources: () => numbered(count, (i) => [`src/${place(i)}.txt`, `this is file ${i}\n`]),
    actions: () =>
      numbered(count, (i) => ({ rule: "copy", inputs: [`src/${place(i)}.txt`], output: `out/${place(i)}.txt` })),
    edited: `src/${place(count >> 1)}.txt`,
    buildfile: (library) => (isBuiltin ? buildfiles.builtinCopies(library) : buildfiles.copies(library, program)),
    isOfPackages: false,
  }
}

/** Packages, each a directory with `files` inputs that one action merges. */
export function packages(count: number, files: number): Graph {
  const directory = (i: number) => `p/p${String(i).padStart(5, "0")}`
  const indices = Array.from({ length: files }, (_, k) => k)
  return {
    name: `packages-${count}`,
    rules: { merge: { argv: (inputs, output) => ["sort", "-m", "-o", output, ...inputs] } },
    *sources() {
      for (let i = 0; i < count; i++)
        for (const k of indices) yield [`${directory(i)}/in${k}.txt`, `line ${k} of package ${i}\n`]
    },
    actions: () =>
      numbered(count, (i) => ({
        rule: "merge",
        inputs: indices.map((k) => `${directory(i)}/in${k}.txt`),
        output: `${directory(i)}/out.txt`,
      })),
    edited: `${directory(count >> 1)}/in3.txt`,
    buildfile: buildfiles.packages,
    isOfPackages: true,
  }
}

const sharedHeader = "include/shared.h"

/** C files, of which one in ten reads a header; the compiler says which, in depfiles. */
export function compiles(count: number): Graph {
  const text = (i: number) =>
    i % 10 === 0 ? `#include "shared.h"\nint f${i}(void) { return shared; }\n` : `int f${i};\n`
  const argv = compileArgv("cc", ["-Iinclude"])
  return {
    name: `compiles-${count}`,
    rules: { compile: { argv, hasDepfile: true } },
    *sources() {
      yield [sharedHeader, "#define shared 0\n"]
      yield* numbered(count, (i) => [`src/${place(i)}.c`, text(i)] as const)
    },
    actions: () =>
      numbered(count, (i) => ({ rule: "compile", inputs: [`src/${place(i)}.c`], output: `out/${place(i)}.o` })),
    edited: sharedHeader,
    buildfile: buildfiles.compiles,
    isOfPackages: false,
  }
}

/** A compiler's command that also writes a depfile. */
export const compileArgv =
  (compiler: string, flags: readonly string[]): Rule["argv"] =>
  ([source = ""], object) => [compiler, ...flags, "-MD", "-MF", `${object}.d`, "-c", source, "-o", object]
