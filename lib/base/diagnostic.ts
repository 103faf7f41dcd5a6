// A message for a person, in one shape: what is wrong, where, the facts, the one thing to do. The wordings themselves are
// in graph/errors.ts; how they are coloured is report's business.

/** What one message says. Names in `what` stand between backticks. */
export interface Diagnostic {
  /** One line: what is wrong. */
  readonly what: string
  /** `file:line`, or a file. */
  readonly where?: string | undefined
  /** Printed as an aligned table; a value of several lines is indented below its label. */
  readonly facts?: readonly (readonly [label: string, value: string])[]
  /** The one thing to do. */
  readonly help?: string | undefined
}

/** Something wrong with what the user gave: a Buildfile, recipe, option, file or machine. Printed without a stack. */
export class BuildError extends Error {
  /** All of it; `message` is only its first line. */
  readonly diagnostic: Diagnostic
  /** For what a function of a Buildfile refuses: a rule (`call`), or `before` of a session. */
  constructor(diagnostic: Diagnostic) {
    super(diagnostic.what)
    this.name = "BuildError"
    this.diagnostic = diagnostic
  }
}

/** Something wrong with what a function of the Buildfile's language was given: it is where that was called. */
export class CallError extends BuildError {}

/**
 * The message as plain lines, without a final newline: `error: …`, `  --> where`, the facts as a table, `help: …`.
 * `severity` is its first word.
 */
export function renderDiagnostic({ what, where, facts = [], help }: Diagnostic, severity = "error"): string {
  const lines = [`${severity}: ${what}`]
  if (where !== undefined) lines.push(`  --> ${where}`)
  const width = Math.max(10, ...facts.map(([label]) => label.length))
  for (const [label, value] of facts) {
    const [first = "", ...more] = value.split("\n")
    lines.push(`  ${label.padEnd(width)} ${first}`.trimEnd(), ...more.map((line) => `    ${line}`.trimEnd()))
  }
  if (help !== undefined) lines.push(`help: ${help}`)
  return lines.join("\n")
}

/** The engine's own modules: what goes wrong in them was written by who called them. */
const ownModules = [".", "../graph", "../exec", "../load"].map((room) => new URL(`${room}/`, import.meta.url).pathname)

/** What was thrown, in words: anything may be. */
export function reasonOf(thrown: unknown): string {
  const { message, name } = (thrown ?? {}) as Partial<Error>
  if (typeof message === "string") return message === "" ? String(name) : message
  // Imported by name it would be loaded, and with it streams, by a build with nothing to do.
  return typeof thrown === "string" ? thrown : process.getBuiltinModule("node:util").inspect(thrown)
}

/** A path as a stack has it: of a module it is a URL. */
const plainPath = (path: string): string => (path.startsWith("file://") ? decodeURIComponent(path.slice(7)) : path)

const placeBelow = (root: string, place: string): string =>
  place.startsWith(`${root}/`) ? place.slice(root.length + 1) : place

/** `file:line:column` of the first line of a stack that lies below a directory, but not in the engine or an npm package; from there on. */
export function placeIn(root: string, stack = ""): string | undefined {
  for (const line of stack.split("\n")) {
    const path = plainPath(/((?:file:\/\/)?\/[^()]*:\d+:\d+)/.exec(line)?.[1] ?? "")
    if (!path.startsWith(`${root}/`) || path.includes("/node_modules/")) continue
    if (!ownModules.some((directory) => path.startsWith(directory))) return placeBelow(root, path)
  }
  return undefined
}

/** Where a module does not parse or link, and the line of code there: Node begins such a stack with `file:line`, and the code above a caret. */
function unreadIn(stack = ""): { readonly place: string; readonly code: string | undefined } | undefined {
  const [, at] = /^((?:file:\/\/)?\/.*:\d+)\n/.exec(stack) ?? []
  if (at === undefined) return undefined
  const [, code, before] = /\n(.*)\n(\s*)\^+\n/.exec(stack) ?? []
  return { place: plainPath(at) + (before === undefined ? "" : `:${before.length + 1}`), code: code?.trim() }
}

/**
 * What was thrown where people's own code runs, as an error with its place: a path below `root`, if it lies there. `broken` makes one of a
 * reason, and of the code there, where that is told. A BuildError that is not about a call has no place of its own.
 */
export function placedError(
  thrown: unknown,
  root: string | undefined,
  broken: (reason: string, code?: string) => BuildError,
): BuildError {
  const isTold = thrown instanceof BuildError
  const { stack } = (thrown ?? {}) as Partial<Error>
  const unread = unreadIn(stack)
  const { diagnostic } = isTold ? thrown : broken(reasonOf(thrown), unread?.code)
  if (root === undefined || (isTold && !(thrown instanceof CallError))) return new BuildError(diagnostic)
  const found = unread === undefined ? placeIn(root, stack) : placeBelow(root, unread.place)
  return new BuildError({ ...diagnostic, where: diagnostic.where ?? found })
}

/** The candidate nearest to `name` by edit distance, if one is near enough to be a slip of the fingers. */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  const limit = Math.max(1, Math.floor(name.length / 3))
  let best: string | undefined
  let least = limit + 1
  for (const candidate of candidates) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase())
    if (distance < least) [best, least] = [candidate, distance]
  }
  return best
}

/** Damerau's optimal string alignment: insert, delete, replace, or swap two neighbours. */
function editDistance(a: string, b: string): number {
  let before: number[] = []
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      let cost = Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1)
      if (a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, (before[j - 2] ?? 0) + 1)
      next.push(cost)
    }
    ;[before, row] = [row, next]
  }
  return row[b.length] ?? 0
}
