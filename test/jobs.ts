// The rig of the jobserver's tests. Parallelism is counted by the jobs themselves, from the lines that they write when they begin
// and end; a job may wait until so many have begun, never for a time.

import { execFileSync } from "node:child_process"
import {
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { onTestFinished } from "vitest"
import type { Slots } from "../lib/exec/slots.ts"

/** The environment of make and its children: no MAKEFLAGS of whoever runs the tests. */
export const clean = { PATH: process.env.PATH ?? "", LC_ALL: "C" }

/** A directory with a log in which jobs tell when they begin and end. */
export class Jobs {
  readonly directory = mkdtempSync(join(tmpdir(), "hashmake-test-"))
  readonly log = this.path("log")

  constructor() {
    onTestFinished(() => rmSync(this.directory, { recursive: true, force: true }))
    writeFileSync(this.log, "")
  }

  path(name: string): string {
    return join(this.directory, name)
  }

  lines(): readonly string[] {
    return readFileSync(this.log, "utf8").split("\n").slice(0, -1)
  }

  count(line: string): number {
    return this.lines().filter((other) => other === line).length
  }

  /** The most jobs that ran at once. */
  most(): number {
    return mostIn(this.lines())
  }

  /** Waits until a line was written so often. */
  async until(line: string, count: number): Promise<void> {
    while (this.count(line) < count) await sleep(5)
  }

  makefile(jobs: number, need: number, last?: string): void {
    writeFileSync(this.path("Makefile"), makefile(jobs, need, last))
  }
}

/** Of jobs that write lines when they begin and end, the most that ran at once. */
export function mostIn(lines: readonly string[]): number {
  let running = 0
  return lines.reduce((most, line) => {
    running += line === "begin" ? 1 : line === "end" ? -1 : 0
    return Math.max(most, running)
  }, 0)
}

/** A tree of makes: two below the first, `jobs` jobs each, each of which waits until `need` have begun. */
export function makefile(jobs: number, need: number, last = "echo end >> log"): string {
  const names = Array.from({ length: jobs }, (_, i) => `job${i}`)
  return [
    "all: left right",
    "left right: ; +@$(MAKE) --no-print-directory jobs SIDE=$@",
    `jobs: ${names.map((name) => `$(SIDE)${name}`).join(" ")}`,
    `${names.map((name) => `left${name} right${name}`).join(" ")}:`,
    `\t@echo begin >> log; until [ ! -e log ] || [ $$(grep -c begin log) -ge ${need} ]; do sleep 0.01; done; ${last}`,
    "",
  ].join("\n")
}

/** Runs `works` actions, each of which goes on until `need` of them run at once, and says how many did. */
export async function mostAtOnce(slots: Slots, works: number, need: number): Promise<number> {
  let running = 0
  let most = 0
  const work = async () => {
    most = Math.max(most, ++running)
    // Once at least: one that should not run now would start in the same turn as the others.
    do await sleep(5)
    while (most < need)
    running--
  }
  await Promise.all(Array.from({ length: works }, () => slots.run({ priority: 0 }, work)))
  return most
}

/** How many slots are free. Waits for ever if some are missing. */
export const freeSlots = (slots: Slots): Promise<number> => mostAtOnce(slots, slots.count + 1, slots.count)

/** A named pipe with these tokens in it. */
export function tokens(rig: Jobs, bytes: string): { path: string; file: number; left: () => string } {
  const path = rig.path("tokens")
  execFileSync("mkfifo", [path])
  const file = openSync(path, constants.O_RDWR)
  onTestFinished(() => closeSync(file))
  writeSync(file, bytes)
  const left = () => {
    writeSync(file, ".")
    const buffer = Buffer.alloc(100)
    const text = buffer.subarray(0, readSync(file, buffer)).toString().replace(".", "")
    writeSync(file, text)
    return [...text].sort().join("")
  }
  return { path, file, left }
}
