// `graph`: a picture of targets and what they need.

import { graphOf } from "../lib/graph/graph.ts"
import { type Asked, targetNamed } from "./make.ts"
import { opened } from "./write.ts"

/** Writes the picture to the file of --output, or prints it. Without targets: of all. */
export async function graph({ targets, typed, print }: Asked, words: readonly string[]): Promise<number> {
  const wanted = words.length === 0 ? Object.values(targets) : words.map((word) => targetNamed(targets, word))
  const { pictureOf } = await import("../lib/report/picture.ts")
  const text = await pictureOf(graphOf([...new Set(wanted)]), typed.format ?? formOf(typed.output, typed.json))
  if (typed.output === undefined) print(text.trimEnd())
  else opened(typed.output)(text)
  return 0
}

/** What a file's name tells of its form. */
function formOf(path = "", json: boolean): "svg" | "dot" | "json" {
  if (/\.(dot|gv)$/.test(path)) return "dot"
  return json || path.endsWith(".json") ? "json" : "svg"
}
