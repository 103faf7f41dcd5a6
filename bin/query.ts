// `query`: questions about the graph, one answer a line; with --json one object a line.

import { isAbsolute, join } from "node:path"
import { commandName } from "../lib/base/command-name.ts"
import { ownOf } from "../lib/base/own.ts"
import * as errors from "../lib/graph/errors.ts"
import { type Graph, graphOf } from "../lib/graph/graph.ts"
import type { Discovered, Thing } from "../lib/graph/query.ts"
import type { Target } from "../lib/graph/target.ts"
import { readJournal } from "../lib/store/journal.ts"
import { costsOf, costsText } from "./costs.ts"
import type { Asked } from "./make.ts"

type Queries = typeof import("../lib/graph/query.ts")

/** An answer for a person, and for a program. */
interface Answer {
  readonly text: string
  readonly record: object
}

/** What a question is given: the whole graph, and the words that were typed. */
interface Asking {
  readonly graph: Graph
  readonly root: string
  readonly q: Queries
  readonly words: readonly string[]
  readonly discovered: Discovered
  /** What a word stands for; `targets` are those of several words. Throw a BuildError if there is nothing. */
  things(words?: readonly string[]): readonly Thing[]
  targets(words?: readonly string[]): readonly Target[]
}

interface Question {
  readonly usage: string
  readonly about: string
  /** How many words it needs, and takes. */
  readonly least: number
  readonly most?: number
  answer(asking: Asking): readonly Answer[]
}

const questions: Readonly<Record<string, Question>> = {
  targets: {
    usage: "[NAME …]",
    about: "the targets of these names, or all",
    least: 0,
    answer: (asking) => things(asking, asking.words.length === 0 ? asking.graph.targets : asking.targets()),
  },
  deps: {
    usage: "NAME …",
    about: "the targets that they need",
    least: 1,
    answer: (asking) => things(asking, asking.q.depsOf(asking.graph, asking.targets())),
  },
  rdeps: {
    usage: "NAME …",
    about: "the targets that need them",
    least: 1,
    answer: (asking) => things(asking, asking.q.rdepsOf(asking.graph, asking.things(), asking.discovered)),
  },
  path: {
    usage: "FROM TO",
    about: "a shortest way by which the first needs the second",
    least: 2,
    most: 2,
    answer: (asking) => things(asking, shortestWay(asking)),
  },
  inputs: {
    usage: "NAME …",
    about: "what their actions read",
    least: 1,
    answer: ({ q, targets, discovered }) =>
      targets().flatMap((target) =>
        q.inputRecords(target, discovered).map((record) => ({
          text: record.path ?? `${record.from}:${record.output}`,
          record: { target: target.name, ...record },
        })),
      ),
  },
  outputs: {
    usage: "NAME …",
    about: "what their actions write",
    least: 1,
    answer: ({ q, targets }) =>
      targets().flatMap((target) =>
        q.outputRecords(target).map((record) => ({
          text: record.path ?? `${target.name}:${record.output}`,
          record: { target: target.name, ...record },
        })),
      ),
  },
  costs: {
    usage: "NAME …",
    about:
      "what they, and all that they need, took, and how large what they made is: time, processor, memory, size, digests",
    least: 1,
    answer: ({ q, graph, root, targets }) => {
      const named = targets()
      const all = new Set([...q.depsOf(graph, named), ...named])
      const inOrder = graph.targets.filter((target) => all.has(target))
      return costsOf(inOrder, root).map((record) => ({ text: costsText(record), record }))
    },
  },
  sources: {
    usage: "NAME …",
    about: "the workspace's files that they, and all that they need, are made from",
    least: 1,
    answer: (asking) => {
      const named = asking.targets()
      const all = [...named, ...asking.q.depsOf(asking.graph, named)]
      return things(asking, asking.q.sourcesOf(all, asking.discovered))
    },
  },
}

/** The words that ask a question. */
export const questionWords: readonly string[] = Object.keys(questions)

/** Prints the answers; what can be asked, if nothing is. Throws a BuildError for a question or a name that there is not. */
export async function query({ targets, typed, root, print }: Asked, typedWords: readonly string[]): Promise<number> {
  const [word, ...words] = typedWords
  if (word === undefined || typed.isHelp) {
    print(usageText())
    return 0
  }
  const question = ownOf(questions, word)
  if (question === undefined) throw errors.unknownQuestionError(word, questionWords)
  const { usage, least, most = Number.POSITIVE_INFINITY } = question
  if (words.length < least || words.length > most) throw errors.questionError(word, usage)
  for (const { text, record } of question.answer(
    askingFor({ targets, root }, words, await import("../lib/graph/query.ts")),
  ))
    print(typed.json ? JSON.stringify(record) : text)
  return 0
}

function askingFor(
  { targets: returned, root }: Pick<Asked, "targets" | "root">,
  words: readonly string[],
  q: Queries,
): Asking {
  const graph = graphOf([...new Set(Object.values(returned))])
  const discovered = discoveredIn(root, graph)
  const things = (some = words) => [
    ...new Set(some.flatMap((word) => q.thingsNamed(graph, returned, word, discovered))),
  ]
  const targets = (some = words) => {
    for (const word of some)
      if (things([word]).every(({ kind }) => kind === "source")) throw errors.notATargetError(word)
    return things(some).filter((thing) => thing.kind === "target")
  }
  return { graph, root, q, words, discovered, things, targets }
}

/** What the last builds here have found actions to read, without what other targets write. */
function discoveredIn(root: string, { targets }: Graph): Discovered {
  const journal = readJournal(join(root, ".hashmake", "journal"))
  const written = new Set(targets.flatMap(({ outputs }) => Object.values(outputs).flatMap(({ at }) => at ?? [])))
  return ({ name }) =>
    (journal?.built(name)?.discovered ?? []).filter((path) => !isAbsolute(path) && !written.has(path))
}

function shortestWay({ q, words: [from = "", to = ""], targets, things, discovered }: Asking): readonly Thing[] {
  const starts = targets([from])
  const ends = things([to])
  const ways = starts.flatMap((start) => ends.flatMap((end) => [q.pathBetween(start, end, discovered) ?? []]))
  const [shortest] = ways.filter(({ length }) => length > 0).sort((a, b) => a.length - b.length)
  if (shortest !== undefined) return shortest
  const isOtherWay = starts.some((start) =>
    ends.some((end) => end.kind === "target" && q.pathBetween(end, start) !== undefined),
  )
  throw errors.noPathError(from, to, isOtherWay)
}

const things = ({ q, discovered }: Asking, found: readonly Thing[]): readonly Answer[] =>
  found.map((thing) => ({
    text: q.thingName(thing),
    record: thing.kind === "target" ? q.targetRecord(thing, discovered) : { source: thing.path },
  }))

function usageText(): string {
  const rows = Object.entries(questions).map(([word, { usage, about }]) => [`${word} ${usage}`, about] as const)
  const width = Math.max(...rows.map(([words]) => words.length))
  return [
    `usage: ${commandName} query [--json] QUESTION NAME …`,
    `questions:\n${rows.map(([words, about]) => `  ${words.padEnd(width)}  ${about}`).join("\n")}`,
    "names: a target, the path of an output, or (for rdeps, and as TO) a file that is read. `*` and `?` stand for\nanything within a name, `**` also across `/`; such a pattern stands between quotes. `NAME:output` lies in the\nstore only. Files that were found to be read (by depfiles, say) count where the last builds here have found them.\n--json: one object a line.",
  ].join("\n\n")
}
