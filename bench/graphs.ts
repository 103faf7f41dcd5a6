// The graphs that are built: files, rules and actions, told once and written down for every tool. They are generated anew each
// time they are looked at, so that a million actions need no memory. hashmake's Buildfiles are in buildfiles.ts.

import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
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
  /** The same as a Buildfile. `library` is the path of lib/mod.ts. */
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
  const argv = compileArgv(["-Iinclude"])
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

const compileArgv =
  (flags: readonly string[]): Rule["argv"] =>
  ([source = ""], object) => ["cc", ...flags, "-MD", "-MF", `${object}.d`, "-c", source, "-o", object]

/** The flags that Lua's own makefile has for a plain POSIX system. */
const luaFlags = ["-std=gnu99", "-O2", "-Wall", "-Wextra", "-DLUA_COMPAT_5_3", "-DLUA_USE_POSIX"]

/** Lua, from its unpacked source: objects, a library, two programs. */
export function lua(directory: string): Graph {
  const names = readdirSync(join(directory, "src"))
    .filter((name) => /\.[ch]$/.test(name))
    .sort()
  const mains = ["lua", "luac"]
  const stems = names.flatMap((name) => (name.endsWith(".c") ? [name.slice(0, -2)] : []))
  const object = (stem: string) => `out/${stem}.o`
  const library = stems.filter((stem) => !mains.includes(stem)).map(object)
  return {
    name: "lua",
    rules: {
      compile: { argv: compileArgv(luaFlags), hasDepfile: true },
      archive: { argv: (objects, library) => ["ar", "rcsD", library, ...objects] },
      link: { argv: (files, program) => ["cc", "-o", program, ...files, "-lm"] },
    },
    sources: () => names.map((name) => [`src/${name}`, readFileSync(join(directory, "src", name), "utf8")] as const),
    actions: () => [
      ...stems.map((stem) => ({ rule: "compile", inputs: [`src/${stem}.c`], output: object(stem) })),
      { rule: "archive", inputs: library, output: "out/liblua.a" },
      ...mains.map((stem) => ({ rule: "link", inputs: [object(stem), "out/liblua.a"], output: `out/${stem}` })),
    ],
    edited: "src/lvm.c",
    buildfile: (library) => buildfiles.lua(library, luaFlags),
    isOfPackages: false,
  }
}
