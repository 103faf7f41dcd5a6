// A graph as the files of ninja, GNU make, tup and Bazel: lists of actions, as generators (CMake, Meson, automake) write them.

import { closeSync, mkdirSync, openSync, writeSync } from "node:fs"
import { dirname, join } from "node:path"
import type { Graph } from "./graphs.ts"

const pieceChars = 1 << 20

/** Writes a file line by line. */
export function writeLines(path: string, lines: Iterable<string>): void {
  mkdirSync(dirname(path), { recursive: true })
  const file = openSync(path, "w")
  let piece = ""
  for (const line of lines) {
    piece += `${line}\n`
    if (piece.length < pieceChars) continue
    writeSync(file, piece)
    piece = ""
  }
  writeSync(file, piece)
  closeSync(file)
}

/** build.ninja. */
export function* ninja({ rules, actions }: Graph): Generator<string> {
  for (const [name, { argv, hasDepfile = false }] of Object.entries(rules)) {
    yield `rule ${name}\n  command = ${argv(["$in"], "$out").join(" ")}`
    if (hasDepfile) yield "  depfile = $out.d\n  deps = gcc"
  }
  for (const { rule, inputs, output } of actions()) yield `build ${output}: ${rule} ${inputs.join(" ")}`
}

/** Makefile. */
export function* make({ rules, actions }: Graph): Generator<string> {
  yield "all:\n.PHONY: all"
  for (const { rule, inputs, output } of actions()) {
    const { argv, hasDepfile = false } = rules[rule] ?? unknownRule(rule)
    yield `all: ${output}\n${output}: ${inputs.join(" ")}\n\t${argv(inputs, output).join(" ")}`
    if (hasDepfile) yield `-include ${output}.d`
  }
}

/** Tupfile. */
export function* tup({ rules, actions }: Graph): Generator<string> {
  for (const { rule, inputs, output } of actions()) {
    const { argv, hasDepfile = false } = rules[rule] ?? unknownRule(rule)
    yield `: ${inputs.join(" ")} |> ${argv(inputs, output).join(" ")} |> ${output}${hasDepfile ? ` ${output}.d` : ""}`
  }
}

/** BUILD. */
export function* bazel({ rules, actions }: Graph): Generator<string> {
  const quoted = (names: readonly string[]) => names.map((name) => JSON.stringify(name)).join(", ")
  const outputs: string[] = []
  for (const { rule, inputs, output } of actions()) {
    const { argv } = rules[rule] ?? unknownRule(rule)
    const command = JSON.stringify(argv(["$(SRCS)"], "$@").join(" "))
    yield `genrule(name = "a${outputs.push(output)}", srcs = [${quoted(inputs)}], outs = [${quoted([output])}], cmd = ${command})`
  }
  yield `filegroup(name = "everything", srcs = [${outputs.map((_, i) => `":a${i + 1}"`).join(", ")}])`
}

function unknownRule(name: string): never {
  throw new Error(`the graph has no rule ${name}`)
}

/** Writes the sources of a graph, and makes the directories of its outputs: not every tool does. */
export function writeSources(graph: Graph, directory: string): void {
  const made = new Set<string>()
  const makeDirectory = (path: string) => {
    if (made.size < made.add(dirname(path)).size) mkdirSync(join(directory, dirname(path)), { recursive: true })
  }
  for (const [path, text] of graph.sources()) {
    makeDirectory(path)
    writeLines(join(directory, path), [text.trimEnd()])
  }
  for (const { output } of graph.actions()) makeDirectory(output)
}
