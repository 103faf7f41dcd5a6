// What a person chose in the kernel's own configuration programs, as a machine's record keeps it: one list of options, beside those that
// the record names by what they are for. Pure: no program is run here.

import { kernelOptions, type Machine } from "../machine.ts"

/** What the list is called among `kernel.options`. */
export const chosenTopic = "Chosen in menuconfig"

/** Values by name, without CONFIG_. What is not set is not there. */
export type Configuration = ReadonlyMap<string, string>

/** A `.config`, or what savedefconfig writes. */
export const parseConfig = (text: string): Configuration =>
  new Map(
    [...text.matchAll(/^CONFIG_(\w+)=(.*)$/gm)].flatMap(([, name = "", value = ""]) =>
      value === "n" ? [] : [[name, value] as const],
    ),
  )

/** The record with these options chosen, in the place of what was chosen before. */
export function withChosen({ kernel }: Pick<Machine, "kernel">, chosen: readonly string[]): Pick<Machine, "kernel"> {
  const { [chosenTopic]: _, ...options } = kernel.options
  return {
    kernel: { ...kernel, options: chosen.length === 0 ? options : { ...options, [chosenTopic]: chosen.join(" ") } },
  }
}

/** What the record names by what it is for, and the configuration lacks: as words that take it back. */
export function takenBack(record: Pick<Machine, "kernel">, after: Configuration): readonly string[] {
  return [...kernelOptions(withChosen(record, [])).keys()].filter((name) => !after.has(name)).map((name) => `-${name}`)
}

/** Of two configurations, the names whose values differ. */
export const differing = (one: Configuration, other: Configuration): readonly string[] =>
  [...new Set([...one.keys(), ...other.keys()])].filter((name) => one.get(name) !== other.get(name))

/** Options as a record names them. */
export const wordsOf = (names: readonly string[], config: Configuration): readonly string[] =>
  names.map((name) => (config.get(name) === "y" ? name : `${name}=${config.get(name)}`))

const ownEntry = new RegExp(`^ *"${chosenTopic}":\\s*(?:"(?:[^"\\\\]|\\\\.)*"|'[^']*'),\\n`, "m")
const optionsBlock = /^( *)options: \{\n[\s\S]*?^\1\},\n/m

/** The text of a record's file with these words as its list; undefined if it has no block of options to put it into. */
export function editRecord(text: string, words: readonly string[]): string | undefined {
  const without = text.replace(ownEntry, "")
  const [block, indent = ""] = optionsBlock.exec(without) ?? []
  if (block === undefined) return undefined
  if (words.length === 0) return without
  const value = words.join(" ")
  const quoted = value.includes('"') && !/['\\]/.test(value) ? `'${value}'` : JSON.stringify(value)
  const entry = `"${chosenTopic}": ${quoted},`
  // As the formatter has it: a line that is too long goes on in the next.
  const line = `${indent}  ${entry.length + indent.length + 2 > 120 ? entry.replace(": ", `:\n${indent}    `) : entry}\n`
  const closing = `${indent}},\n`
  return without.replace(block, () => `${block.slice(0, -closing.length)}${line}${closing}`)
}
