// Golden files: test/golden/NAME.txt holds what a person is to see. UPDATE_GOLDEN=1 writes them anew.

import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { expect } from "vitest"

/** Compares a text with its golden file, after taking out what differs from run to run. */
export function expectGolden(
  name: string,
  text: string,
  replaced: readonly (readonly [string | RegExp, string])[] = [],
): void {
  const path = join(import.meta.dirname, "golden", `${name}.txt`)
  const scrubbed = replaced.reduce((text, [from, to]) => text.replaceAll(from, to), text)
  const shown = `${scrubbed.replace(/\d+(\.\d+)? (s|min)\b/g, "N s").trimEnd()}\n`
  if (process.env.UPDATE_GOLDEN === "1") writeFileSync(path, shown)
  expect(existsSync(path) ? readFileSync(path, "utf8") : "").toBe(shown)
}
