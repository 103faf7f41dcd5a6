// What was typed, by cac: options, words, and NAME=value.

import { availableParallelism } from "node:os"
import { cac } from "cac"
import * as errors from "../lib/graph/errors.ts"
import { type LogLevel, logLevels } from "../lib/report/log-file.ts"

/** A command line, checked. */
export interface Typed {
  readonly words: readonly string[]
  readonly variables: Readonly<Record<string, string>>
  readonly isHelp: boolean
  readonly jobs: number
  readonly keepGoing: boolean
  readonly dryRun: boolean
  readonly explain: boolean
  readonly yes: boolean
  readonly json: boolean
  readonly level: "quiet" | "normal" | "verbose"
  readonly logLevel: LogLevel
  readonly isColoured: boolean
  readonly sandbox: "bwrap" | "off"
}

/** The options, as help shows them. */
export const options: readonly (readonly [flags: string, about: string])[] = [
  ["-j, --jobs <n>", "how many actions run at once, and what each may start (also JOBS=n; default: the processors)"],
  ["-k, --keep-going", "go on with what does not depend on a failure"],
  ["-n, --dry-run", "run nothing: show what would run, and why"],
  ["--explain", "say why each action runs"],
  ["-y, --yes", "install missing tools with the system's package manager without asking"],
  ["-v, --verbose", "show what actions write"],
  ["-q, --quiet", "show nothing but errors"],
  ["--json", "write events, one JSON object a line"],
  ["--log-level <level>", `what log/build.ndjson holds: ${logLevels.join(", ")} (default: info)`],
  ["--color <when>", "always, never or auto (default)"],
  [
    "--sandbox <how>",
    "bwrap (default) or off: undeclared reads are not noticed then, and nothing is shared with sandboxed results",
  ],
  ["-h, --help", "show this"],
]

/** Parses the words after the command's name. Throws a BuildError for an option that there is not, or its value. */
export function parse(argv: readonly string[]): Typed {
  const cli = cac("build")
  for (const [flags, about] of options) cli.option(flags, about)
  // As make takes it: -j4.
  const spread = argv.flatMap((word) => (/^-j\d+$/.test(word) ? ["-j", word.slice(2)] : [word]))
  const { args, options: given } = cli.parse(["node", "build", ...spread], { run: false })
  const known = options.flatMap(([flags]) => [...flags.matchAll(/-{1,2}([a-z-]+)/g)].map(([, name]) => name ?? ""))
  const camel = known.map((name) => name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase()))
  for (const name of Object.keys(given)) {
    if (name !== "--" && !camel.includes(name)) throw errors.unknownOptionError(dashed(name), known.map(dashed))
  }
  const assigned = args
    .filter((word) => /^[A-Za-z_]\w*=/.test(word))
    .map((word) => word.split(/=(.*)/s).slice(0, 2) as [string, string])
  const { JOBS, ...variables } = Object.fromEntries(assigned)
  return {
    words: args.filter((word) => !/^[A-Za-z_]\w*=/.test(word)),
    variables,
    isHelp: given.help === true,
    jobs: jobs(given.jobs ?? JOBS),
    keepGoing: given.keepGoing === true,
    dryRun: given.dryRun === true,
    explain: given.explain === true,
    yes: given.yes === true,
    json: given.json === true,
    level: given.quiet === true ? "quiet" : given.verbose === true ? "verbose" : "normal",
    logLevel: oneOf("--log-level", given.logLevel ?? "info", logLevels),
    isColoured: coloured(oneOf("--color", given.color ?? "auto", ["auto", "always", "never"])),
    sandbox: oneOf("--sandbox", given.sandbox ?? "bwrap", ["bwrap", "off"]),
  }
}

const dashed = (name: string): string =>
  name.length === 1 ? `-${name}` : `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`

function oneOf<T extends string>(option: string, typed: unknown, values: readonly T[]): T {
  const found = values.find((value) => value === typed)
  if (found === undefined) throw errors.optionValueError(option, String(typed), values.join(", "))
  return found
}

function jobs(typed: unknown): number {
  if (typed === undefined) return availableParallelism()
  const count = Number(typed)
  if (!Number.isInteger(count) || count < 1)
    throw errors.optionValueError("--jobs", String(typed), "a whole number from 1")
  return count
}

const coloured = (when: "auto" | "always" | "never"): boolean =>
  when === "always" || (when === "auto" && process.stderr.isTTY === true && !process.env.NO_COLOR)
