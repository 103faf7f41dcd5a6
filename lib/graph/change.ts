// What changed between two manifests, fact by fact: the lines that differ, brought together by what they speak of. Pure.

import { eachInput, outputsOf } from "./graph.ts"
import type { Difference } from "./manifest.ts"
import type { Target } from "./target.ts"

/** One thing that is not as it was. `before` and `now` are what only the earlier, or only the later manifest says of it. */
export interface Change {
  readonly what:
    | "input"
    | "left out"
    | "command"
    | "directory"
    | "variable"
    | "tool"
    | "code"
    | "parameters"
    | "output"
    | "sandbox"
  /** Which input (its path, or the name of its rule's parameter), variable or tool. */
  readonly name?: string
  /** Of an input: its digest, after `exec` or `tree` if it is one, or `not there`; of a command: words of argv, lines of a shell text. */
  readonly before: readonly string[]
  readonly now: readonly string[]
  /** Of an input that another target gives: where it lies in the workspace, if it does, and who gives it. */
  readonly path?: string
  readonly from?: string
}

interface Found extends Pick<Change, "what" | "name"> {
  readonly before: string[]
  readonly now: string[]
}

/** The changes that the differences of a target's manifests come to, in the order of the manifest. */
export function changesOf(differences: readonly Difference[], target: Target): readonly Change[] {
  const found = new Map<string, Found>()
  for (const { side, line, under } of differences) {
    const { what, name, text } = factOf(line, under)
    const id = `${what} ${name ?? ""}`
    const change = found.get(id) ?? { what, ...(name === undefined ? {} : { name }), before: [], now: [] }
    found.set(id, change)
    change[side].push(text)
  }
  const places = placesOf(target)
  return [...found.values()].map((change) =>
    change.what === "input" && change.now.length > 0 ? { ...change, ...places.get(change.name ?? "") } : change,
  )
}

/** Where the inputs come from that other targets give, by their names in the manifest: one of several layers has a number. */
function placesOf({ action }: Target): ReadonlyMap<string, Pick<Change, "path" | "from">> {
  return new Map(
    eachInput(action?.inputs ?? {}).flatMap(({ name, input }) => {
      const outputs = outputsOf(input)
      return outputs.map(
        ({ at, target }, i) =>
          [
            outputs.length > 1 ? `${name} ${i}` : name,
            { ...(at === undefined ? {} : { path: at }), from: target.name },
          ] as const,
      )
    }),
  )
}

interface Fact extends Pick<Change, "what" | "name"> {
  readonly text: string
}

/** A quoted text, as the manifest quotes: JSON. */
const quoted = /"(?:[^"\\]|\\.)*"/g

/** `file "name" DIGEST`, `tree "name" DIGEST`, `absent "name"`. */
function contentOf(words: readonly string[]): string {
  const [form = "", digest = ""] = [words[0], words.at(-1)]
  if (form === "absent") return "not there"
  return form === "file" ? digest : `${form} ${digest}`
}

/** A word or a line, or the head of a response file's words. */
const textOf = (line: string): string => (line === "  @" ? "@" : (JSON.parse(line) as string))

function factOf(line: string, under = ""): Fact {
  if (line.startsWith("  ")) return { what: under === "parameters" ? "parameters" : "command", text: textOf(line) }
  const [kind = "", ...words] = line.split(" ")
  const rest = words.join(" ")
  const texts = [...line.matchAll(quoted)].map(([text]) => JSON.parse(text) as string)
  switch (kind) {
    case "input":
    case "discovered":
      return { what: "input", name: texts[0] ?? "", text: contentOf(words) }
    case "without":
      return { what: "left out", name: texts[0] ?? "", text: texts[1] ?? "" }
    case "tool":
      return { what: "tool", name: words[0] ?? "", text: words.slice(1).join(" ") }
    case "environment":
      return { what: "variable", name: words[0] ?? "", text: texts[0] ?? "" }
    case "output":
      return { what: "output", text: `${words[0]} ${texts[0] ?? ""}` }
    case "directory":
      return { what: "directory", text: texts[0] ?? "" }
    case "module":
      return { what: "code", text: rest }
    case "sandbox":
    case "parameters":
      return { what: kind, text: rest }
    default:
      return { what: "command", text: line }
  }
}
