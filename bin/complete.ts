// `complete`, which shells call (see completion.ts): the words that could stand at the end of a command line, one a line, each
// followed by a tab and what it is. `:files` alone stands for the names of files. Says nothing of what is wrong: this is no time for it.

import { ownOf } from "../lib/base/own.ts"
import type { Buildfile, Targets } from "../lib/graph/buildfile.ts"
import { graphOf } from "../lib/graph/graph.ts"
import type { Variable } from "../lib/graph/variable.ts"
import { evaluateTyped, importBuildfile } from "../lib/load/load.ts"
import { findWorkspace } from "../lib/load/workspace.ts"
import { shells } from "./completion.ts"
import { commandWords } from "./help.ts"
import { flagsOf, options, optionValues } from "./options.ts"
import { questionWords } from "./query.ts"
import { printer } from "./write.ts"

/** A word, and what it is. */
type Candidate = readonly [word: string, about: string]

/** What the words are looked for in; what the Buildfile holds is evaluated when it is first asked for. */
interface Known {
  variables(): Promise<Buildfile["variables"]>
  targets(): Promise<Targets>
}

/** Prints what could take the place of the last word. */
export async function complete(words: readonly string[]): Promise<number> {
  const print = printer()
  const current = words.at(-1) ?? ""
  const found = await candidates(words.slice(0, -1), current, knownOf(words)).catch(() => [])
  if (found === ":files") print(found)
  else for (const line of lines(found, current)) print(line)
  return 0
}

function knownOf(words: readonly string[]): Known {
  const root = () => findWorkspace(process.cwd())
  let imported: Promise<Buildfile> | undefined
  const buildfile = () => (imported ??= importBuildfile(root()))
  const typed = words.slice(0, -1).flatMap((word) => assignmentOf(word) ?? [])
  const { JOBS: _, ...variables } = Object.fromEntries(typed.map(({ name, value }) => [name, value]))
  return {
    variables: async () => (await buildfile()).variables,
    targets: async () => {
      const found = await buildfile()
      try {
        return evaluateTyped(found, variables, root()).targets
      } catch {
        return evaluateTyped(found, {}, root()).targets
      }
    },
  }
}

const assignmentOf = (word: string) => {
  const [, name, value] = /^([A-Za-z_]\w*)=["']?(.*)$/s.exec(word) ?? []
  return name === undefined || value === undefined ? undefined : [{ name, value }]
}

async function candidates(
  before: readonly string[],
  current: string,
  known: Known,
): Promise<readonly Candidate[] | ":files"> {
  const follows = ownOf(optionValues, before.at(-1) ?? "")
  if (follows !== undefined) return optionWords(follows)
  const [assigned, option = ""] = /^(--[\w-]+)=/.exec(current) ?? []
  if (assigned !== undefined) return optionWords(ownOf(optionValues, option) ?? [], assigned)
  if (current.startsWith("-"))
    return options.flatMap(([flags, about]) => flagsOf(flags).map((flag) => [flag, about] as const))
  const [assignment] = assignmentOf(current) ?? []
  if (assignment !== undefined) {
    const variable = ownOf(await known.variables(), assignment.name)
    return variable === undefined ? [] : valueWords(assignment.name, assignment.value, variable)
  }
  return plainWords(before, current, known)
}

/** What may follow an option, after what is typed already: `--color=`. */
function optionWords(values: readonly string[] | "file" | "number", typed = ""): readonly Candidate[] | ":files" {
  if (values === "file") return ":files"
  return values === "number" ? [] : values.map((value) => [`${typed}${value}`, ""])
}

/** The values of a variable; of one that takes several, after those that are there. */
function valueWords(name: string, typed: string, { values = [], parse }: Variable): readonly Candidate[] {
  const last = typed.search(/[^\s,]*$/)
  const before = typed.slice(0, last)
  if (before !== "") {
    try {
      parse(name, before)
    } catch {
      return []
    }
  }
  const taken = before.split(/[\s,]+/)
  return values.filter((value) => !taken.includes(value)).map((value) => [`${name}=${before}${value}`, ""])
}

async function plainWords(before: readonly string[], current: string, known: Known): Promise<readonly Candidate[]> {
  const words = before.filter(
    (word, i) =>
      !word.startsWith("-") &&
      assignmentOf(word) === undefined &&
      ownOf(optionValues, before[i - 1] ?? "") === undefined,
  )
  const [first, second] = words
  if (first === "completion") return shells.map((shell) => [shell, ""])
  if (first === "query" && second === undefined) return questionWords.map((word) => [word, ""])
  const variables = Object.entries(await known.variables()).map(([name, { about }]) => [`${name}=`, about] as const)
  const targets = await targetWords(await known.targets(), current, first === "query")
  return first === undefined ? [...targets, ...commands(), ...variables] : [...targets, ...variables]
}

const commands = (): readonly Candidate[] => commandWords.map(([words, about]) => [words.replace(/ .*/, ""), about])

/** What is returned; where none of that begins so, all targets, and for questions what they read and write, too. */
async function targetWords(targets: Targets, current: string, isQuestion: boolean): Promise<readonly Candidate[]> {
  const returned = Object.entries(targets).map(([name, { about }]) => [name, about] as const)
  if (returned.some(([name]) => name.startsWith(current))) return returned
  const graph = graphOf([...new Set(Object.values(targets))])
  const inner = graph.targets.map(({ name, about }) => [name, about] as const)
  if (!isQuestion) return inner
  const { outputRecords, sourcesOf } = await import("../lib/graph/query.ts")
  const paths = [...graph.targets.flatMap(outputRecords), ...sourcesOf(graph.targets)].flatMap(({ path }) => path ?? [])
  return [...inner, ...paths.map((path) => [path, ""] as const)]
}

/** From here on only what stands before the next `/` is shown. */
const mostWords = 200

function lines(found: readonly Candidate[], current: string): readonly string[] {
  const plain = current.replace(/=["']/, "=")
  const fitting = new Map(found.filter(([word]) => word.startsWith(plain) && !/[\t\n]/.test(word)))
  if (fitting.size <= mostWords) return [...fitting].map(([word, about]) => `${word}\t${about}`)
  const ends = [...fitting.keys()].map((word) => word.indexOf("/", plain.length) + 1)
  return [...new Set([...fitting.keys()].map((word, i) => (ends[i] ? `${word.slice(0, ends[i])}\t` : `${word}\t`)))]
}
