// The words that are no targets.

import { existsSync, rmSync, statfsSync } from "node:fs"
import { join } from "node:path"
import { BuildError } from "../lib/base/diagnostic.ts"
import { ownOf } from "../lib/base/own.ts"
import { clean as cleanWorkspace, leftBy, removeLogs } from "../lib/exec/clean.ts"
import { missingTools } from "../lib/exec/engine.ts"
import { installCommand } from "../lib/exec/install.ts"
import { withMachinery } from "../lib/exec/open.ts"
import { checkSandbox } from "../lib/exec/sandbox.ts"
import { inputTargets, shellFor } from "../lib/exec/session.ts"
import { logPath } from "../lib/exec/workspace.ts"
import * as errors from "../lib/graph/errors.ts"
import { graphOf, makersOf } from "../lib/graph/graph.ts"
import type { Target } from "../lib/graph/target.ts"
import { storeDirectory } from "../lib/store/directory.ts"
import { helpText, listText } from "./help.ts"
import { type Asked, actionsIn, allTargets, make, targetNamed } from "./make.ts"
import { printFile } from "./write.ts"

/** What a command does with the words that follow it; gives the exit status. */
export type Run = (asked: Asked, words: readonly string[]) => Promise<number>

/** Removes what targets left in the workspace; all that was left where none are named. */
export const clean: Run = async (asked, words) => {
  const names =
    words.length === 0 ? undefined : words.flatMap((word) => ownTargets(asked, word).map(({ name }) => name))
  await removed(asked, names)
  return 0
}

/** Removes what these targets left; with -n it is only told. */
async function removed({ engine, typed: { dryRun }, print }: Asked, names?: readonly string[]): Promise<void> {
  const paths = await withMachinery(engine, async (machinery) => {
    const left = leftBy(machinery, names)
    if (!dryRun) cleanWorkspace(machinery, names)
    return left
  })
  if (dryRun) for (const path of paths) print(`would remove ${path}`)
  print(`${dryRun ? "would remove" : "removed"} ${paths.length} ${paths.length === 1 ? "file" : "files"}`)
}

const commands: Readonly<Record<string, Run>> = {
  help: async ({ buildfile, targets, print }) => {
    print(helpText(buildfile, targets))
    return 0
  },

  list: async ({ targets, print }) => {
    print(listText(targets))
    return 0
  },

  log: async (asked, words) => {
    for (const target of named(asked, words, "log")) {
      const paths = actionsIn(target).map(({ name }) => logPath(asked.root, name))
      const logs = paths.filter((path) => existsSync(path))
      if (logs.length === 0) throw errors.noLogError(target)
      for (const log of logs) await printFile(log)
    }
    return 0
  },

  shell: async (asked, words) => {
    const [target] = named(asked, words, "shell")
    if (target === undefined || target.action?.rule.kind !== "command") throw errors.noShellError(target?.name ?? "")
    const status = await make(asked, inputTargets(target))
    if (status !== 0) return status
    const { isFailedRun, run } = await withMachinery(asked.engine, (machinery) =>
      shellFor(target, machinery, makersOf(allTargets(asked.targets))),
    )
    const what = isFailedRun ? "what the failed run left is here" : "the directory is empty, as at the start"
    process.stderr.write(`${what}; its steps are in /etc/steps\n`)
    return run()
  },

  explain: async (asked, words) => (await import("./explain.ts")).explain(asked, named(asked, words, "explain")),

  query: async (asked, words) => (await import("./query.ts")).query(asked, words),

  graph: async (asked, words) => (await import("./graph.ts")).graph(asked, words),

  completion: async (asked, words) => (await import("./completion.ts")).completion(asked, words),

  "compile-commands": async (asked, words) => (await import("./compile-commands.ts")).compileCommands(asked, words),

  clean,

  verify: async (asked) => (await import("./upkeep.ts")).verify(asked),

  gc: async (asked) => (await import("./upkeep.ts")).gc(asked),

  distclean: async (asked) => {
    await removed(asked)
    if (asked.typed.dryRun) return 0
    removeLogs(asked.root)
    rmSync(join(asked.root, ".hashmake"), { recursive: true, force: true })
    asked.print(`removed the logs and .hashmake; the store stays: ${storeDirectory(process.env)}`)
    return 0
  },

  doctor: async ({ targets, engine, print }, words) => {
    const wanted = words.length > 0 ? words.map((word) => targetNamed(targets, word)) : Object.values(targets)
    const missing = missingTools(graphOf([...new Set(wanted)]), engine)
    const store = storeDirectory(process.env)
    const row = (ok: boolean, what: string, words: string) =>
      print(`${ok ? "ok     " : "missing"}  ${what.padEnd(18)} ${words}`)
    row(true, "node", process.version)
    const sandbox = missing.some(({ name }) => name === "bwrap")
      ? "bubblewrap is not installed"
      : await sandboxTrouble()
    row(sandbox === undefined, "user namespaces", sandbox ?? "the sandbox works")
    row(true, "store", `${store}${existsSync(store) ? `, ${gigabytes(store)} GB free` : ", made when first needed"}`)
    for (const { name, neededBy } of missing)
      row(false, name, `needed by ${neededBy.slice(0, 4).join(", ")}${neededBy.length > 4 ? " …" : ""}`)
    if (missing.length === 0) row(true, "tools", "all that the targets declare")
    else print(`\ninstall with: ${installCommand(missing)}`)
    return missing.length > 0 || sandbox !== undefined ? 1 : 0
  },
}

/** How many words may follow a command; those that are not here take as many as are typed. */
const mostWords: Readonly<Record<string, number>> = {
  completion: 1,
  distclean: 0,
  gc: 0,
  help: 0,
  list: 0,
  shell: 1,
  verify: 0,
}

/** The command that is called so, if there is one. It throws a BuildError for more words than it knows what to do with. */
export function commandNamed(name: string): Run | undefined {
  const run = ownOf(commands, name)
  if (run === undefined) return undefined
  const most = ownOf(mostWords, name) ?? Number.POSITIVE_INFINITY
  return (asked, words) => {
    if (words.length > most) throw errors.noWordsError(name, words, most)
    return run(asked, words)
  }
}

async function sandboxTrouble(): Promise<string | undefined> {
  try {
    await checkSandbox("bwrap")
    return undefined
  } catch (thrown) {
    if (thrown instanceof BuildError) return `${thrown.diagnostic.what}: ${thrown.diagnostic.help}`
    throw thrown
  }
}

const gigabytes = (path: string): string => {
  const { bavail, bsize } = statfsSync(path)
  return ((bavail * bsize) / 1e9).toFixed(1)
}

function named(asked: Asked, words: readonly string[], command: string): readonly Target[] {
  if (words.length === 0) throw errors.noTargetNamedError(command)
  return words.map((word) => targetNamed(asked.targets, word))
}

/** The targets that a name stands for, without what they need: a package, its files below out/, its check. */
function ownTargets({ targets }: Asked, word: string): readonly Target[] {
  const installed = targets[`install-${word}`]?.members.filter(({ action }) => action !== undefined) ?? []
  return [
    targetNamed(targets, word),
    ...installed,
    ...[targets[`check-${word}`]].filter((target) => target !== undefined),
  ]
}
