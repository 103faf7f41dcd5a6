// An action's identity as a readable text in a fixed order; the key is its digest and depends on nothing else. The text is
// kept beside the result, and the reason for a rebuild is the difference of two texts, so that the reason shown can never
// differ from the reason decided. Strings are quoted as JSON: no two identities give the same text.

import { type Digest, digestOf } from "../base/digest.ts"
import type { Command, Step, Word } from "./command.ts"

/** The digest of a manifest. */
export type Key = Digest & { readonly __key: true }

/** One content that an action reads, by the name it has there. */
export interface ManifestInput {
  readonly name: string
  /** `file`, `exec` (an executable file) or `tree`, or `layers` of several trees. */
  readonly form: string
  readonly digests: readonly Digest[]
  readonly without?: readonly string[]
}

/** Everything that an action's result may depend on. */
export interface Identity {
  /** `bwrap`, or `off`: what ran without a sandbox shares nothing with what ran in one. `engine`: functions and builtins. */
  readonly sandbox: "bwrap" | "off" | "engine"
  readonly rule: { readonly command: Command } | { readonly module: Digest; readonly parameters: string }
  readonly environment: Readonly<Record<string, string>>
  readonly tools: readonly { readonly name: string; readonly identity: string }[]
  readonly inputs: readonly ManifestInput[]
  readonly outputs: readonly { readonly name: string; readonly form: string }[]
}

const quote = (text: string): string => JSON.stringify(text)

/** The manifest's text. One fact a line, so that the difference of two can be read. */
export function manifestOf(identity: Identity): string {
  const lines = ["hashmake action 1", `sandbox ${identity.sandbox}`]
  if ("command" in identity.rule) lines.push(...commandLines(identity.rule.command))
  else lines.push(`module ${identity.rule.module}`, ...textLines("parameters", identity.rule.parameters))
  for (const [name, value] of sorted(identity.environment)) lines.push(`environment ${name} ${quote(value)}`)
  for (const { name, identity: what } of identity.tools) lines.push(`tool ${name} ${what}`)
  for (const { name, form, digests, without = [] } of identity.inputs) {
    digests.forEach((digest, i) => {
      lines.push(`input ${form} ${quote(digests.length > 1 ? `${name} ${i}` : name)} ${digest}`)
    })
    for (const pattern of without) lines.push(`without ${quote(name)} ${quote(pattern)}`)
  }
  for (const { name, form } of identity.outputs) lines.push(`output ${form} ${quote(name)}`)
  return `${lines.join("\n")}\n`
}

/** A file that an action has read without declaring it; without a content it was not there. */
export interface DiscoveredInput {
  readonly path: string
  readonly content: { readonly form: string; readonly digest: Digest } | undefined
}

/** The manifest with what was discovered: by it, the same declared inputs are told apart. */
export function withDiscovered(manifest: string, discovered: readonly DiscoveredInput[]): string {
  const lines = discovered.map(({ path, content }) =>
    content === undefined
      ? `discovered absent ${quote(path)}\n`
      : `discovered ${content.form} ${quote(path)} ${content.digest}\n`,
  )
  return manifest + lines.join("")
}

/** The manifest of what was declared, as it was before `withDiscovered`. */
export const withoutDiscovered = (manifest: string): string => manifest.replace(/^discovered .*\n/gm, "")

export const keyOf = (manifest: string): Key => digestOf(manifest) as Key

const sorted = (record: Readonly<Record<string, string>>) => Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1))

function commandLines({ steps, directory, environment = {}, depfilePath }: Command): string[] {
  const lines = steps.flatMap(stepLines)
  if (directory !== undefined) lines.push(`directory ${quote(directory)}`)
  if (depfilePath !== undefined) lines.push(`depfile ${quote(depfilePath)}`)
  for (const [name, value] of sorted(environment)) lines.push(`environment ${name} ${quote(value)}`)
  return lines
}

function stepLines(step: Step): string[] {
  switch (step.does) {
    case "argv":
      return ["step argv", ...step.argv.flatMap(wordLines)]
    case "shell":
      return textLines("step shell", step.script)
    case "copy":
      return [`step copy ${quote(step.from)} ${quote(step.to)}`]
    case "write":
      return textLines(`step write ${quote(step.to)}${step.executable ? " executable" : ""}`, step.text)
    default:
      return step satisfies never
  }
}

/** The words in a response file stand below `@`. */
const wordLines = (word: Word): readonly string[] =>
  typeof word === "string" ? [`  ${quote(word)}`] : ["  @", ...word.words.map((one) => `    ${quote(one)}`)]

const textLines = (head: string, text: string): string[] => [
  head,
  ...text.split("\n").map((line) => `  ${quote(line)}`),
]

/** One line that only the earlier, or only the later manifest has. */
export interface Difference {
  /** Which of the two has it. */
  readonly side: "before" | "now"
  /** `input file "src/main.c" 2c26…`, `step argv`, …; see doc/caching.md. */
  readonly line: string
  /** Of a line that is indented: the one that it belongs to. */
  readonly under?: string
}

/** Comparing in order takes as many steps and places as the product of both lengths; beyond this lines are only counted. */
const mostCompared = 4_000_000

/** What differs, in order; lines that both have are left out. */
export function manifestDifference(before: string, now: string): readonly Difference[] {
  const [a, b] = [linesOf(before, "before"), linesOf(now, "now")]
  let start = 0
  while (start < a.length && a[start]?.line === b[start]?.line) start++
  let same = 0
  while (same < Math.min(a.length, b.length) - start && a.at(-1 - same)?.line === b.at(-1 - same)?.line) same++
  const [middleA, middleB] = [a.slice(start, a.length - same), b.slice(start, b.length - same)]
  return middleA.length * middleB.length > mostCompared
    ? [...missingIn(middleB, middleA), ...missingIn(middleA, middleB)]
    : inOrder(middleA, middleB)
}

/** Each line as the difference that it would be. */
function linesOf(text: string, side: Difference["side"]): readonly Difference[] {
  let under: string | undefined
  return text.split("\n").map((line) => {
    if (!line.startsWith(" ")) under = line
    return under === undefined || line === under ? { side, line } : { side, line, under }
  })
}

/** Lines of `b` that `a` has not, or has less often. */
function missingIn(a: readonly Difference[], b: readonly Difference[]): readonly Difference[] {
  const counts = new Map<string, number>()
  for (const { line } of a) counts.set(line, (counts.get(line) ?? 0) + 1)
  return b.filter(({ line }) => {
    const left = counts.get(line) ?? 0
    counts.set(line, left - 1)
    return left <= 0
  })
}

/** What is left of both without their longest common subsequence. */
function inOrder(a: readonly Difference[], b: readonly Difference[]): readonly Difference[] {
  const common = commonLengths(a, b)
  const found: Difference[] = []
  let i = 0
  let j = 0
  while (i < a.length || j < b.length) {
    const [old, fresh] = [a[i], b[j]]
    const isBefore = j >= b.length || (i < a.length && (common[i + 1]?.[j] ?? 0) >= (common[i]?.[j + 1] ?? 0))
    if (old !== undefined && old.line === fresh?.line) {
      i++
      j++
    } else if (isBefore && old !== undefined) {
      found.push(old)
      i++
    } else if (fresh !== undefined) {
      found.push(fresh)
      j++
    }
  }
  return found
}

/** [i][j]: how many lines a[i..] and b[j..] have in common, in order. */
function commonLengths(a: readonly Difference[], b: readonly Difference[]): number[][] {
  const lengths = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0))
  for (let i = a.length - 1; i >= 0; i--) {
    const row = lengths[i] ?? []
    const below = lengths[i + 1] ?? []
    for (let j = b.length - 1; j >= 0; j--) {
      row[j] = a[i]?.line === b[j]?.line ? (below[j + 1] ?? 0) + 1 : Math.max(below[j] ?? 0, row[j + 1] ?? 0)
    }
  }
  return lengths
}
