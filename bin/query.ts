// `query`: questions about the graph, one answer a line; with --json one object a line.

import { errors, type Graph, graphOf, queries, type SourceFile, type Target, type Thing } from "../lib/mod.ts"
import type { Asked } from "./make.ts"

type Queries = Awaited<ReturnType<typeof queries>>

/** An answer for a person, and for a program. */
interface Answer {
  readonly text: string
  readonly record: object
}

/** What a question is given: the whole graph, and the words that were typed. */
interface Asking {
  readonly graph: Graph
  readonly q: Queries
  readonly words: readonly string[]
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
    answer: ({ graph, q, words, targets }) => things(q, words.length === 0 ? graph.targets : targets()),
  },
  deps: {
    usage: "NAME …",
    about: "the targets that they need",
    least: 1,
    answer: ({ graph, q, targets }) => things(q, q.depsOf(graph, targets())),
  },
  rdeps: {
    usage: "NAME …",
    about: "the targets that need them",
    least: 1,
    answer: (asking) => things(asking.q, asking.q.rdepsOf(asking.graph, asking.things())),
  },
  path: {
    usage: "FROM TO",
    about: "a shortest way by which the first needs the second",
    least: 2,
    most: 2,
    answer: (asking) => things(asking.q, shortestWay(asking)),
  },
  inputs: {
    usage: "NAME …",
    about: "what their actions read",
    least: 1,
    answer: ({ q, targets }) =>
      targets().flatMap((target) =>
        q.inputRecords(target).map((record) => ({
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
  sources: {
    usage: "NAME …",
    about: "the workspace's files that they, and all that they need, are made from",
    least: 1,
    answer: ({ graph, q, targets }) => things(q, q.sourcesOf([...targets(), ...q.depsOf(graph, targets())])),
  },
}

/** The words that ask a question. */
export const questionWords: readonly string[] = Object.keys(questions)

/** Prints the answers; what can be asked, if nothing is. Throws a BuildError for a question or a name that there is not. */
export async function query({ targets, typed, print }: Asked, typedWords: readonly string[]): Promise<number> {
  const [word, ...words] = typedWords
  if (word === undefined || typed.isHelp) {
    print(usageText())
    return 0
  }
  const question = Object.hasOwn(questions, word) ? questions[word] : undefined
  if (question === undefined) throw errors.unknownQuestionError(word, questionWords)
  const { usage, least, most = Number.POSITIVE_INFINITY } = question
  if (words.length < least || words.length > most) throw errors.questionError(word, usage)
  for (const { text, record } of question.answer(askingFor(targets, words, await queries())))
    print(typed.json ? JSON.stringify(record) : text)
  return 0
}

function askingFor(returned: Asked["targets"], words: readonly string[], q: Queries): Asking {
  const graph = graphOf([...new Set(Object.values(returned))])
  const things = (some = words) => [...new Set(some.flatMap((word) => q.thingsNamed(graph, returned, word)))]
  const targets = (some = words) => {
    for (const word of some)
      if (things([word]).every(({ kind }) => kind === "source")) throw errors.notATargetError(word)
    return things(some).filter((thing) => thing.kind === "target")
  }
  return { graph, q, words, things, targets }
}

function shortestWay({ q, words: [from = "", to = ""], targets, things }: Asking): readonly Thing[] {
  const starts = targets([from])
  const ends = things([to])
  const ways = starts.flatMap((start) => ends.flatMap((end) => [q.pathBetween(start, end) ?? []]))
  const [shortest] = ways.filter(({ length }) => length > 0).sort((a, b) => a.length - b.length)
  if (shortest !== undefined) return shortest
  const isOtherWay = starts.some((start) =>
    ends.some((end) => end.kind === "target" && q.pathBetween(end, start) !== undefined),
  )
  throw errors.noPathError(from, to, isOtherWay)
}

const things = ({ targetRecord, thingName }: Queries, found: readonly (Target | SourceFile)[]): readonly Answer[] =>
  found.map((thing) => ({
    text: thingName(thing),
    record: thing.kind === "target" ? targetRecord(thing) : { source: thing.path },
  }))

function usageText(): string {
  const rows = Object.entries(questions).map(([word, { usage, about }]) => [`${word} ${usage}`, about] as const)
  const width = Math.max(...rows.map(([words]) => words.length))
  return [
    "usage: ./build query [--json] QUESTION NAME …",
    `questions:\n${rows.map(([words, about]) => `  ${words.padEnd(width)}  ${about}`).join("\n")}`,
    "names: a target, the path of an output, or (for rdeps, and as TO) a file that is read. `*` and `?` stand for\nanything within a name, `**` also across `/`; such a pattern stands between quotes. `NAME:output` lies in the\nstore only. --json: one object a line.",
  ].join("\n\n")
}
