// Missing tools: installs them if told to or if a person says so, and otherwise says with which command that is done.

import { canInstall, install, installCommand } from "../lib/exec/install.ts"
import type { MissingTool } from "../lib/graph/errors.ts"
import * as errors from "../lib/graph/errors.ts"
import type { Typed } from "./options.ts"

/** Returns once nothing is missing. Throws a BuildError otherwise. */
export async function ensureTools(missing: readonly MissingTool[], { yes, dryRun }: Typed): Promise<void> {
  if (missing.length === 0) return
  const command = installCommand(missing)
  const error = errors.missingToolsError(missing, command)
  if (dryRun || !canInstall()) throw error
  const isTerminal = process.stdin.isTTY === true && process.stderr.isTTY === true
  if (!yes && !isTerminal) throw error
  for (const { name, neededBy } of missing)
    process.stderr.write(
      `missing: ${name}, needed by ${neededBy[0]}${neededBy.length > 1 ? ` and ${neededBy.length - 1} more` : ""}\n`,
    )
  if (!yes && !(await agrees(command))) throw error
  await install(missing)
}

async function agrees(command: string): Promise<boolean> {
  const { createInterface } = await import("node:readline/promises")
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  const answer = await terminal.question(`install with \`${command}\`? [Y/n] `)
  terminal.close()
  return /^(y|yes|)$/i.test(answer.trim())
}
