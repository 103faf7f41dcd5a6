// What a terminal shows, from events.

import { expect, test } from "vitest"
import { type BuildEvent, consoleReporter, group } from "../lib/mod.ts"
import { cutTo } from "../lib/report/columns.ts"
import { expectGolden } from "./golden.ts"

const bash = group("armv7/bash", [])
const musl = group("armv7/musl", [])
const state = (target: typeof bash, state: "running" | "built" | "restored" | "failed", tookMs = 0): BuildEvent => ({
  type: "state",
  target,
  state,
  tookMs,
  expectedMs: 30_000,
  reason: "it was never built here",
})

const events: readonly BuildEvent[] = [
  { type: "build-started", targets: 2, slots: 2, expectedMs: 60_000 },
  state(musl, "running"),
  { type: "step", target: musl, step: "configure" },
  state(bash, "running"),
  { type: "progress", target: bash, fraction: 0.5, words: "5.0 MB" },
  state(musl, "built", 12_345),
  state(bash, "failed"),
  {
    type: "build-ended",
    outcome: "failed",
    tookMs: 61_000,
    counts: { built: 1, restored: 0, "up-to-date": 3, failed: 1, skipped: 0, cancelled: 0 },
  },
]

/** What a terminal holds after each event: escape sequences are followed, not compared. */
function screens(isTTY: boolean, columns = 60): string {
  const lines: string[] = [""]
  let row = 0
  const reporter = consoleReporter({
    output: { isTTY, columns, write },
    isColoured: false,
    level: "normal",
    explain: false,
  })
  function write(text: string): void {
    for (const [, up, clear, newline, word] of text.matchAll(/\x1b\[(\d+)A|(\r?\x1b\[J)|(\n)|([^\x1b\n\r]+)/g)) {
      if (up !== undefined) row -= Number(up)
      else if (clear !== undefined) lines.splice(row, lines.length, "")
      else if (newline !== undefined) lines[++row] ??= ""
      else lines[row] += word ?? ""
    }
  }
  const shown = events.map((event) => {
    reporter.on(event)
    return lines.join("\n").trimEnd()
  })
  reporter.close()
  return shown.filter((text, i) => text !== shown[i - 1]).join("\n---\n")
}

test("on a terminal progress lines stay at the bottom, and are gone at the end", () => {
  expectGolden("terminal", screens(true))
})

test("a terminal that does not know how wide it is, as a serial console, is taken for an ordinary one", () => {
  expect(screens(true, 0)).toBe(screens(true, 80))
})

test("elsewhere each action that starts and ends is one line", () => {
  expectGolden("lines", screens(false))
  expect(screens(false)).not.toContain("\x1b")
})

test("what is drawn over and over fits a narrow terminal, letters of two columns included", () => {
  for (const line of screens(true, 12)
    .split("\n")
    .filter((line) => /^(\[| {2})/.test(line)))
    expect(line.length).toBeLessThan(12)
  expect(["musl 1.2", "工具鏈二進位", "a工具鏈", "e\u0301é!", "👩 x"].map((text) => cutTo(5, text))).toEqual([
    "musl ",
    "工具",
    "a工具",
    "e\u0301é!",
    "👩 x",
  ])
})
