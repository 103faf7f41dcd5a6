// What was typed, by cac: options, words, and NAME=value.

import { cac } from "cac"
import { parseMakeflags } from "../lib/exec/makeflags.ts"
import * as errors from "../lib/graph/errors.ts"
import { type LogLevel, logLevels } from "../lib/report/log-level.ts"
import { isTerminal } from "./stderr.ts"

const forms = ["svg", "dot", "json"] as const
const whens = ["auto", "always", "never"] as const
const sandboxes = ["bwrap", "off"] as const

/** A command line, checked. */
export interface Typed {
  readonly words: readonly string[]
  /** What was typed after `--`: for a session's program. */
  readonly rest: readonly string[]
  readonly variables: Readonly<Record<string, string>>
  readonly isHelp: boolean
  readonly isVersion: boolean
  /** Undefined: as many as there are. */
  readonly jobs: number | undefined
  /** MAKEFLAGS, if a make has started this. */
  readonly makeflags: string | undefined
  readonly keepGoing: boolean
  readonly dryRun: boolean
  readonly explain: boolean
  readonly yes: boolean
  readonly watch: boolean
  readonly wait: boolean
  readonly json: boolean
  readonly level: "quiet" | "normal" | "verbose"
  readonly logLevel: LogLevel
  readonly isColoured: boolean
  readonly sandbox: (typeof sandboxes)[number]
  readonly format: (typeof forms)[number] | undefined
  /** Paths as typed: what `graph` and `compile-commands` write, a trace, a page. */
  readonly output: string | undefined
  readonly trace: string | undefined
  /** As typed: `gc` understands them. */
  readonly maxSize: string | undefined
  readonly olderThan: string | undefined
  readonly repair: boolean
  readonly report: string | undefined
  /** Options that were typed and are for some commands only, with those. */
  readonly owned: readonly (readonly [option: string, of: readonly string[]])[]
}

/** The options, as help shows them; `of`: the commands that they are for, where others have no use for them. */
export const options: readonly (readonly [flags: string, about: string, of?: readonly string[]])[] = [
  [
    "-j, --jobs <n>",
    "how many actions run at once, and what each may start (also JOBS=n; default, and without n: what make's jobserver has, or the processors)",
  ],
  ["-k, --keep-going", "go on with what does not depend on a failure"],
  ["-n, --dry-run", "run nothing: show what would run, and why"],
  ["--explain", "say why each action runs"],
  ["-y, --yes", "install missing tools with the system's package manager without asking"],
  ["-w, --watch", "build again whenever something changes, until Ctrl-C"],
  ["--wait", "let the --watch of the same targets build, and wait until it is done; build here if there is none"],
  ["-v, --verbose", "show what actions write"],
  ["-q, --quiet", "show nothing but errors"],
  ["--json", "write events, one JSON object a line"],
  ["--log-level <level>", `what log/build.ndjson holds: ${logLevels.join(", ")} (default: info)`],
  ["--color <when>", "always, never or auto (default): on a terminal, unless NO_COLOR is set or TERM is dumb"],
  [
    "--sandbox <how>",
    "bwrap (default) or off: undeclared reads are not noticed then, and nothing is shared with sandboxed results",
  ],
  ["--trace <file>", "write what ran when, for Perfetto (ui.perfetto.dev) or chrome://tracing"],
  ["--report <file>", "write a page of how the build went: what ran when, and why, and what it said"],
  ["--format <form>", "what `graph` gives: svg (default), dot or json", ["graph"]],
  ["-o, --output <file>", "where `graph` and `compile-commands` write to", ["graph", "compile-commands"]],
  ["--max-size <size>", "what `gc` leaves the store: 20GB, 512MiB (default: HASHMAKE_STORE_SIZE, or 20GB)", ["gc"]],
  ["--older-than <time>", "`gc` also removes what was of no use for so long: 12h, 30d, 8w", ["gc"]],
  ["--repair", "`verify` removes what is damaged, so that the next build makes it anew", ["verify"]],
  ["-h, --help", "show this"],
  ["--version", "show the version, and that of Node"],
]

/** The words by which an option is typed. */
export const flagsOf = (flags: string): readonly string[] =>
  [...flags.matchAll(/(?<!\S)--?[a-z-]+/g)].map(([flag]) => flag)

/** What may follow an option, where that can be said. */
export const optionValues: Readonly<Record<string, readonly string[] | "file" | "number">> = {
  "-j": "number",
  "--jobs": "number",
  "--log-level": logLevels,
  "--color": whens,
  "--sandbox": sandboxes,
  "--format": forms,
  "--trace": "file",
  "--report": "file",
  "-o": "file",
  "--output": "file",
}

/**
 * Parses the words after the command's name; `makeflags` is what a make has told its children. Throws a BuildError for an option that
 * there is not, or its value.
 */
export function parse(argv: readonly string[], makeflags?: string): Typed {
  const cli = cac("build")
  for (const [flags, about] of options) cli.option(flags, about)
  const [own, rest] = parted(argv)
  checkOptions(own)
  const { args, options: every } = cli.parse(["node", "build", ...own, ...rest], { run: false })
  const given = lastOf(every)
  const assigned = args
    .filter((word) => /^[A-Za-z_]\w*=/.test(word))
    .map((word) => word.split(/=(.*)/s).slice(0, 2) as [string, string])
  const { JOBS, ...variables } = Object.fromEntries(assigned)
  const { letters } = parseMakeflags(makeflags ?? "")
  return {
    words: args.filter((word) => !/^[A-Za-z_]\w*=/.test(word)),
    rest: every["--"] ?? [],
    variables,
    isHelp: given.help === true,
    isVersion: given.version === true,
    jobs: jobs(given.jobs ?? JOBS),
    makeflags,
    keepGoing: given.keepGoing === true || letters.includes("k"),
    dryRun: given.dryRun === true || letters.includes("n"),
    explain: given.explain === true,
    yes: given.yes === true,
    watch: given.watch === true,
    wait: given.wait === true,
    json: given.json === true,
    level: given.quiet === true ? "quiet" : given.verbose === true ? "verbose" : "normal",
    logLevel: oneOf("--log-level", given.logLevel ?? "info", logLevels),
    isColoured: coloured(oneOf("--color", given.color ?? "auto", whens)),
    sandbox: oneOf("--sandbox", given.sandbox ?? "bwrap", sandboxes),
    format: given.format === undefined ? undefined : oneOf("--format", given.format, forms),
    output: file("--output", given.output),
    trace: file("--trace", given.trace),
    maxSize: given.maxSize === undefined ? undefined : textOf(given.maxSize),
    olderThan: given.olderThan === undefined ? undefined : textOf(given.olderThan),
    repair: given.repair === true,
    report: file("--report", given.report),
    owned: own.flatMap((word) => {
      const typed = optionIn(word)
      const of = typed && options.find(([flags]) => flagsOf(flags).includes(typed))?.[2]
      return of ? [[typed, of] as const] : []
    }),
  }
}

/**
 * The words up to `--`, with short options apart as make has them (`-kj4` is `-k -j 4`, and `-j` without a number as if it were not there),
 * and the words from there on.
 */
function parted(argv: readonly string[]): readonly [own: readonly string[], rest: readonly string[]] {
  const end = argv.includes("--") ? argv.indexOf("--") : argv.length
  const own = argv.slice(0, end).flatMap((word, i, words) => {
    const [, letters = "", option, value] = /^-([^-=jo]*)(?:([jo])=?(.*))?$/s.exec(word) ?? []
    if (letters === "" && option === undefined) return [word]
    const flags = [...letters].map((letter) => `-${letter}`)
    const isBare = option === undefined || (option === "j" && value === "" && !/^\d/.test(words[i + 1] ?? ""))
    return isBare ? flags : [...flags, `-${option}`, ...(value ? [value] : [])]
  })
  return [own, argv.slice(end)]
}

/** The same words without those that ask for watching: for who builds once. */
export function unwatched(argv: readonly string[]): readonly string[] {
  const [own, rest] = parted(argv)
  return [...own.filter((word) => word !== "-w" && word !== "--watch"), ...rest]
}

/** Of an option that was typed several times the last value: a script may give one, and who calls it another. */
const lastOf = (given: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(given).map(([name, typed]) => [name, Array.isArray(typed) ? typed.at(-1) : typed]))

/** What was typed for an option; nothing, if it had no value. */
const textOf = (typed: unknown): string => (typed === true ? "" : String(typed))

/** The option that a word is, without its value; undefined for what is none. */
const optionIn = (word: string): string | undefined => /^-[^=]+/.exec(word)?.[0]

/** Throws a BuildError for an option that there is not, or that has no values and was given one. */
function checkOptions(words: readonly string[]): void {
  const known = options.flatMap(([flags]) => flagsOf(flags))
  const flags = options.flatMap(([flags]) => (flags.includes("<") ? [] : flags.split(", ")))
  for (const word of words) {
    const option = optionIn(word)
    if (option === undefined) continue
    if (!known.includes(option)) throw errors.unknownOptionError(option, known)
    if (option !== word && flags.includes(option)) throw errors.optionFlagError(option, word)
  }
}

function oneOf<T extends string>(option: string, typed: unknown, values: readonly T[]): T {
  const found = values.find((value) => value === typed)
  if (found === undefined) throw errors.optionValueError(option, textOf(typed), values.join(", "))
  return found
}

function file(option: string, typed: unknown): string | undefined {
  if (typed === undefined || typeof typed === "number") return typed === undefined ? undefined : String(typed)
  if (typeof typed !== "string" || typed === "") throw errors.optionFileError(option)
  return typed
}

function jobs(typed: unknown): number | undefined {
  if (typed === undefined || typed === true) return undefined
  const count = Number(typed)
  if (!Number.isInteger(count) || count < 1)
    throw errors.optionValueError("--jobs", String(typed), "a whole number from 1")
  return count
}

const coloured = (when: "auto" | "always" | "never"): boolean =>
  when === "always" || (when === "auto" && !process.env.NO_COLOR && isTerminal())
