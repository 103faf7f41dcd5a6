// What an editor needs to know of how files are compiled: clangd's compilation database, from the commands of targets. Paths are
// those of the workspace; what lies in the store only has none there and is left as the command has it. Pure.
// Format: https://clang.llvm.org/docs/JSONCompilationDatabase.html

import { type Command, wordsOf } from "./command.ts"
import { eachInput } from "./graph.ts"
import type { Target } from "./target.ts"

/** One entry of a compilation database. */
export interface CompileCommand {
  /** Absolute; the other paths are relative to it. */
  readonly directory: string
  readonly file: string
  readonly output?: string
  readonly arguments: readonly string[]
}

const isSource = (path: string): boolean => /\.(c|cc|cp|cpp|cxx|c\+\+|C|m|mm|M|cu|i|ii|S|sx)$/.test(path)

/**
 * The compile steps (argv with `-c` and an input that is a C, C++ or Objective-C source) of targets, in their order.
 * `root`: the workspace's directory. `commandOf`: the command of a target's rule, for workspace paths.
 */
export const compileCommandsOf = (
  targets: readonly Target[],
  root: string,
  commandOf: (target: Target) => Command,
): readonly CompileCommand[] =>
  targets
    .filter(({ action }) => action?.rule.kind === "command")
    .flatMap((target) =>
      commandOf(target).steps.flatMap((step) =>
        step.does === "argv" ? entries(target, wordsOf(step.argv), root) : [],
      ),
    )

function entries(target: Target, argv: readonly string[], root: string): readonly CompileCommand[] {
  if (!argv.includes("-c")) return []
  const read = new Set(eachInput(target.action?.inputs ?? {}).flatMap(({ input }) => pathOf(input) ?? []))
  const output = argv.indexOf("-o") < 0 ? undefined : argv[argv.indexOf("-o") + 1]
  const files = argv.filter((word, i) => read.has(word) && isSource(word) && argv[i - 1] !== "-include")
  return files.map((file) => ({
    directory: root,
    file,
    ...(output === undefined ? {} : { output }),
    arguments: [programOf(target, argv[0] ?? ""), ...argv.slice(1)],
  }))
}

const pathOf = (input: ReturnType<typeof eachInput>[number]["input"]): string | undefined => {
  if (input.kind === "source") return input.path
  return input.kind === "output" ? input.at : undefined
}

/** What the build machine calls a program that an action calls by another name. */
const programOf = ({ action }: Target, program: string): string =>
  action?.tools.flatMap(({ programs }) => programs[program]?.[0] ?? [])[0] ?? program
