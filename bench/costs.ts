// What targets took that are built in this checkout, from `query costs`.

import { spawnSync } from "node:child_process"
import { join } from "node:path"
import type { Costs } from "../bin/costs.ts"

const root = join(import.meta.dirname, "..")

/** The costs of what these words of the command line ask for. Throws an Error with what it says if it fails. */
export function costsOf(...asked: readonly string[]): readonly Costs[] {
  const words = [join(root, "bin/build.ts"), "query", "costs", ...asked, "--json"]
  const { stdout, stderr, status } = spawnSync(process.execPath, words, {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 1 << 28,
  })
  if (status !== 0) throw new Error(stderr)
  return stdout
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line))
}
