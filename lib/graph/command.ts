// What a rule wants done, as plain data: it can be keyed, sandboxed, shown and sent to another machine. A command is a few
// steps in order; the first that fails ends it.

/** The only date, in s, that actions see: SOURCE_DATE_EPOCH, and the mtime of their inputs. 2 January 1980: zip knows none before. */
export const epochSeconds = 315_619_200

/**
 * One step. `argv` runs a program; `shell` a text by `sh -eu`; `copy` and `write` are done by the engine itself.
 * @internal
 */
export type Step =
  | { readonly does: "argv"; readonly argv: readonly Word[] }
  | { readonly does: "shell"; readonly script: string; readonly label: string }
  | { readonly does: "copy"; readonly from: string; readonly to: string }
  | { readonly does: "write"; readonly to: string; readonly text: string; readonly executable: boolean }

/** A word of a command line, or several words in a file: see {@link responseFile}. */
export type Word = string | ResponseFile

/** Words that a program reads from a file: see {@link responseFile}. */
export interface ResponseFile {
  /** The words, as they would stand on the command line. */
  readonly words: readonly string[]
}

/**
 * What a rule wants done. It is data: make it with {@link command}, {@link shell}, {@link copy}, {@link write}, {@link inOrder}.
 *
 * Its steps start where the workspace's paths count: `src/main.c` is what it is called in the Buildfile. An action that touches
 * nothing with such a path starts in an empty scratch directory. Their environment holds what they are given, and `PATH` (the
 * action's tools), `SCRATCH` and `TMPDIR` (private directories), `JOBS` (how many processes it may start), `LC_ALL=C`, `TZ=UTC`,
 * `TERM=dumb` and `SOURCE_DATE_EPOCH`; nothing of the person's own.
 */
export interface Command {
  /**
   * Done one after the other; the first that fails ends it.
   * @internal
   */
  readonly steps: readonly Step[]
  /** Where the steps start instead. */
  readonly directory?: string
  /** What the steps find in their environment besides. */
  readonly environment?: Readonly<Record<string, string>>
  /** A makefile that the steps write, of what they read besides the declared inputs (`cc -MD -MF`). */
  readonly depfilePath?: string
}

/** A command to which one can still add. */
export interface OpenCommand extends Command {
  /**
   * Says that the command writes a makefile of all that it has read, as `cc -MD -MF PATH` does. Of what it names, the files of the
   * workspace count as inputs from then on; while the command runs it can read the whole workspace. The makefile is removed.
   *
   * @example
   * ```ts
   * run: ({ source }, { object }) =>
   *   command("cc", "-MD", "-MF", `${object}.d`, "-c", source, "-o", object).depfile(`${object}.d`)
   * ```
   */
  depfile(path: string): Command
}

/**
 * Runs a program with these arguments; no shell looks at them. The program is one of the action's tools, or a path. An exit status
 * other than 0 fails the action.
 */
export const command = (program: string, ...args: readonly Word[]): OpenCommand =>
  open({ does: "argv", argv: [program, ...args] })

/**
 * Words for a program that reads `@FILE` in their place, as clang, gcc, ld and ar do: for lists that may be longer than a command line
 * (2 MB on most machines). The file is written when the command runs, one word a line, quoted as these programs read it; to keys and
 * explanations the words are what they would be on the command line.
 *
 * @example
 * ```ts
 * run: ({ objects }, { archive }) => command("ar", "crsD", archive, responseFile(objects))
 * ```
 */
export const responseFile = (words: readonly string[]): ResponseFile => ({ words })

/** What is in a response file. Format: "@FILE" in gcc's manual; clang's and lld's is the same. */
export const responseText = (words: readonly string[]): string =>
  words.map((word) => `${/^[^\s'"\\]+$/.test(word) ? word : `"${word.replace(/["\\]/g, "\\$&")}"`}\n`).join("")

/** The words of a command line, those in response files among them. */
export const wordsOf = (argv: readonly Word[]): readonly string[] =>
  argv.flatMap((word) => (typeof word === "string" ? word : word.words))

/** Runs a shell text (`sh -eu`): the first command in it that fails fails the action. `label` is what messages call it. */
export const shell = (script: string, label = firstLine(script)): OpenCommand => open({ does: "shell", script, label })

const open = (step: Step): OpenCommand => ({
  steps: [step],
  depfile: (depfilePath) => ({ steps: [step], depfilePath }),
})

/** Makes the output `to` the same as the input `from`, a file or a tree; nothing is read or copied byte by byte. */
export const copy = (from: string, to: string): Command => ({ steps: [{ does: "copy", from, to }] })

/**
 * Writes a text (UTF-8) to an output, or to a file below an output that is a tree.
 *
 * @example
 * ```ts
 * target({ outputs: { version: "out/version.h" }, run: (_, { version }) => write(version, '#define VERSION "1.2"\n') })
 * ```
 */
export const write = (to: string, text: string, { executable = false } = {}): Command => ({
  steps: [{ does: "write", to, text, executable }],
})

/**
 * One command after the other, as one; directory, environment and depfile are those given in `rest`.
 *
 * @example
 * ```ts
 * run: ({ objects }, { archive }) => inOrder([command("ar", "crD", archive, ...objects), command("ranlib", "-D", archive)])
 * ```
 */
export function inOrder(commands: readonly Command[], rest: Omit<Command, "steps"> = {}): Command {
  return { steps: commands.flatMap(({ steps }) => steps), ...rest }
}

const firstLine = (text: string): string => text.trim().split("\n")[0] ?? ""

/** A step as a message would call it. */
export function stepLabel(step: Step): string {
  switch (step.does) {
    case "argv":
      return step.argv.map(wordLabel).join(" ")
    case "shell":
      return step.label
    case "copy":
    case "write":
      return `${step.does} ${step.to}`
    default:
      return step satisfies never
  }
}

function wordLabel(word: Word): string {
  if (typeof word !== "string") return `@(${word.words.length} words)`
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
