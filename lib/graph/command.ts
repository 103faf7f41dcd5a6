// What a rule wants done, as plain data: it can be keyed, sandboxed, shown and sent to another machine. A command is a few
// steps in order; the first that fails ends it.

/** The only date, in s, that actions see: SOURCE_DATE_EPOCH, and the mtime of their inputs. 2 January 1980: zip knows none before. */
export const epochSeconds = 315_619_200

/** One step. `argv` runs a program; `shell` a text by `sh -eu`; `copy` and `write` are done by the engine itself. */
export type Step =
  | { readonly does: "argv"; readonly argv: readonly string[] }
  | { readonly does: "shell"; readonly script: string; readonly label: string }
  | { readonly does: "copy"; readonly from: string; readonly to: string }
  | { readonly does: "write"; readonly to: string; readonly text: string; readonly executable: boolean }

/** Steps, the directory that they start in (default: the scratch directory) and the environment that they add. */
export interface Command {
  readonly steps: readonly Step[]
  readonly directory?: string
  readonly environment?: Readonly<Record<string, string>>
  /** A makefile that the steps write, of what they read besides the declared inputs (`cc -MD -MF`). */
  readonly depfilePath?: string
}

/** A command to which one can still add. */
export interface OpenCommand extends Command {
  /**
   * Says that the command writes a makefile of all that it has read, as `cc -MD -MF PATH` does. Of what it names, the files of the
   * workspace count as inputs from then on; while the command runs it can read the whole workspace.
   */
  depfile(path: string): Command
}

/** Runs a program with these arguments; no shell looks at them. */
export const command = (program: string, ...args: readonly string[]): OpenCommand =>
  open({ does: "argv", argv: [program, ...args] })

/** Runs a shell text (`sh -eu`). `label` is what messages call it. */
export const shell = (script: string, label = firstLine(script)): OpenCommand => open({ does: "shell", script, label })

const open = (step: Step): OpenCommand => ({
  steps: [step],
  depfile: (depfilePath) => ({ steps: [step], depfilePath }),
})

/** Makes the output `to` the same as the input `from`, a file or a tree; nothing is read or copied byte by byte. */
export const copy = (from: string, to: string): Command => ({ steps: [{ does: "copy", from, to }] })

/** Writes a text to an output, or to a file below an output that is a tree. */
export const write = (to: string, text: string, { executable = false } = {}): Command => ({
  steps: [{ does: "write", to, text, executable }],
})

/** One command after the other; directory and environment are those given here. */
export function inOrder(commands: readonly Command[], rest: Omit<Command, "steps"> = {}): Command {
  return { steps: commands.flatMap(({ steps }) => steps), ...rest }
}

const firstLine = (text: string): string => text.trim().split("\n")[0] ?? ""

/** A step as a message would call it. */
export function stepLabel(step: Step): string {
  switch (step.does) {
    case "argv":
      return step.argv
        .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
        .join(" ")
    case "shell":
      return step.label
    case "copy":
    case "write":
      return `${step.does} ${step.to}`
    default:
      return step satisfies never
  }
}
