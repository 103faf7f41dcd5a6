// One action, from its inputs to its outputs: makes its directories, starts its command or calls its function, and takes over
// what it wrote. Nothing here decides whether it should run.

import { join, relative, resolve } from "node:path"
import { BuildError } from "../base/diagnostic.ts"
import { endOf, removeMeanwhile } from "../base/files.ts"
import { appendFileSync, writeFileSync } from "../base/fs.ts"
import type { Command } from "../graph/command.ts"
import { goesOnNotice, noOutputFailure, strangeFileFailure } from "../graph/errors.ts"
import type { Content } from "../store/content.ts"
import { checkRoom } from "./able.ts"
import { isInPlace } from "./ask.ts"
import { runBoxed } from "./boxed.ts"
import { builtinOutputs, isBuiltin } from "./builtin.ts"
import { callFunction } from "./call.ts"
import { takeDepfile } from "./discovered.ts"
import { clearOutputs, runInPlace } from "./in-place.ts"
import { usesWorkspace } from "./layout.ts"
import { logHead, type Order } from "./order.ts"
import { insteadOf, makeOutputs, takeOutputs } from "./outputs.ts"
import { claimDirectory, spendDirectory } from "./resume.ts"
import { makeDirectories } from "./sandbox.ts"
import type { Shells } from "./shells.ts"
import { surroundingsOf } from "./surroundings.ts"

/** How a run ended, and the directory that it leaves (none for what the engine does itself). */
export type Ran =
  | {
      readonly outputs: Readonly<Record<string, Content>>
      readonly directory: string | undefined
      /** What it read without declaring it. */
      readonly discovered: readonly string[]
      /** Whether the outputs lie in the workspace already. */
      readonly isPlaced: boolean
    }
  | { readonly step: string; readonly how: string; readonly directory: string | undefined }

/** Runs the action. `again`: it was not begun. Throws a BuildError where what it wrote is not what it declared. */
export async function runAction(order: Order, shells: Shells): Promise<Ran | "again"> {
  const { command, target, held } = order
  if (command !== undefined && isBuiltin(command))
    return { outputs: builtinOutputs(order), directory: undefined, discovered: [], isPlaced: false }
  if (command !== undefined && isInPlace(target, order)) return inPlace(order, command, shells)
  writeFileSync(order.log, logHead(order), { flag: order.attempt.number === 1 ? "w" : "a" })
  if (held === undefined) {
    checkRoom(order)
    return runOnce(order, shells)
  }
  if (!claimDirectory(held.path, order.account)) checkRoom(order)
  else {
    appendFileSync(order.log, "# goes on where an earlier run ended\n")
    order.emit({ type: "notice", diagnostic: goesOnNotice(target) })
  }
  const ran = await runIn(order, held.path, shells)
  return ran !== "again" && "outputs" in ran ? { ...ran, directory: spendDirectory(order, held.path) } : ran
}

/** In a directory of its own, which nobody asks for if nothing comes of the run but an error. */
async function runOnce(order: Order, shells: Shells): Promise<Ran | "again"> {
  const directory = order.store.makeWork()
  let ran: Ran | "again" = "again"
  try {
    ran = await runIn(order, directory, shells)
    return ran
  } finally {
    if (ran === "again") await removeMeanwhile(directory).catch(() => {})
  }
}

async function runIn(order: Order, directory: string, shells: Shells): Promise<Ran | "again"> {
  const { command, target } = order
  const surroundings = surroundingsOf(order, command)
  makeDirectories(directory)
  makeOutputs(target, directory)
  const needed = new Set<string>()
  const failed =
    command === undefined
      ? await callFunction(order, directory, (path) => needed.add(path))
      : await runBoxed(order, command, { directory, shells, surroundings })
  if (failed === "again") return failed
  if (failed !== undefined) return { ...failed, directory }
  const discovered =
    command?.depfilePath === undefined ? [...needed].sort() : depfileIn(order, command.depfilePath, directory)
  return { outputs: await takeOutputs(order, directory, surroundings), directory, discovered, isPlaced: false }
}

async function inPlace(order: Order, command: Command, shells: Shells): Promise<Ran | "again"> {
  const { target, workspaceRoot: root, store } = order
  const failed = await runInPlace(order, command, shells)
  if (failed === "again") return failed
  if (failed !== undefined) return { ...failed, directory: undefined }
  const path = command.depfilePath
  const places = { start: root, workspace: root, isOpen: true }
  const discovered = path === undefined ? [] : takeDepfile(target, { path: resolve(root, path), ...places })
  const outputs: Record<string, Content> = {}
  for (const output of Object.values(target.outputs)) {
    const at = join(root, output.at ?? "")
    const instead = insteadOf(output, at)
    if (instead !== undefined) {
      clearOutputs(order)
      const missing = [output.at ?? ""]
      throw new BuildError(noOutputFailure(target, { missing, instead }, [], relative(root, order.log)))
    }
    outputs[output.name] = await store.copyOf(at, (bad) => strangeFileFailure(target, bad))
  }
  return { outputs, directory: undefined, discovered, isPlaced: true }
}

/** What a sandboxed command says that it read; it saw the workspace at /project. */
function depfileIn({ target }: Order, path: string, directory: string): readonly string[] {
  const start = usesWorkspace(target) ? "/project" : "/build"
  const seen = resolve(start, path)
  return takeDepfile(target, { path: join(directory, seen), start, workspace: "/project", isOpen: false })
}

const mostLogBytes = 1 << 16

/** The last lines of a log, for a message. */
export function lastLines(log: string, count: number): readonly string[] {
  const lines = (endOf(log, mostLogBytes) ?? "").trimEnd().split("\n")
  return lines.filter((line) => !line.startsWith("# ")).slice(-count)
}
