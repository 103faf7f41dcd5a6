// Shells that stay, and run one command after the other: asking one costs a tenth of starting a process from here, and a process
// started by a small shell does not copy the engine's page tables.
//
// Each shell reads its script from a fifo, runs what it is sent in its own process group, and answers on a pipe with the status of
// each command. What a command writes goes to a file of the shell's, emptied after each. Of commands that take next to no time one more waits
// in the shell, which begins it when the one before has ended well. When the engine dies the fifo ends, and with it the shell; who was cancelled takes its shell along. The ids of living shells are noted for the next engine, since a
// command that still runs when its engine was killed must not write into a later build.

import { join } from "node:path"
import { readIfThere, removeAll } from "../base/files.ts"
import { mkdirSync, rmSync, writeFileSync } from "../base/fs.ts"
import { startOf } from "../base/proc.ts"
import { type Ended, makeFifos, type RunOptions, Shell, type Times } from "./shell.ts"
import type { Slot } from "./slot.ts"

/** What takes less is short: then asking for the next would be a good part of it. */
const shortMs = 20
/** So many scripts of a kind must have been short one after the other. */
const fewShort = 3

/** As many shells as are used at the same time. */
export class Shells {
  readonly #directory: string
  readonly #root: string
  readonly #environment: Readonly<Record<string, string>>
  readonly #all: Shell[] = []
  /** For how many shells there are fifos. */
  #fifos = 0
  readonly #by = new Map<Slot, Shell>()
  /** Of each kind of script, how many were short one after the other. */
  readonly #short = new Map<string, number>()

  /** `directory` is for the shells' files; commands start in `root`, with this environment. */
  constructor(directory: string, root: string, environment: Readonly<Record<string, string>>) {
    this.#directory = directory
    this.#root = root
    this.#environment = environment
  }

  /**
   * Runs a script made by `textFor`, which is given a scratch directory of its own; it ends with its steps' status, and `$s` is the step that
   * it is in. Undefined if it was not begun: whom it follows has failed.
   */
  async run(textFor: (scratch: string) => string, options: RunOptions): Promise<Ended | undefined> {
    const { slot } = options
    const shell = this.#shellFor(slot)
    if (shell === undefined) return undefined
    this.#by.set(slot, shell)
    try {
      return await shell.run(textFor, { ...options, ...this.#times })
    } finally {
      this.#by.delete(slot)
    }
  }

  #shellFor({ state, leader }: Slot): Shell | undefined {
    if (state === "following") return leader === undefined ? undefined : this.#by.get(leader)
    if (state === "held") return this.#all.find(({ isDead, load }) => !isDead && load === 0) ?? this.#open()
    return undefined
  }

  readonly #times: Times = {
    isShort: (kind) => (this.#short.get(kind) ?? 0) >= fewShort,
    took: (kind, ms) => void this.#short.set(kind, ms < shortMs ? (this.#short.get(kind) ?? 0) + 1 : 0),
  }

  readonly #baseOf = (nth: number): string => join(this.#directory, String(nth))

  /** Makes the fifos of as many more as there are, and at first of two. */
  #makeMore(): void {
    const more = Array.from({ length: Math.max(2, this.#fifos) }, (_, i) => this.#baseOf(this.#fifos + i))
    makeFifos(more)
    this.#fifos += more.length
  }

  #open(): Shell {
    mkdirSync(this.#directory, { recursive: true })
    const nth = this.#all.length
    if (nth === this.#fifos) this.#makeMore()
    const shell = new Shell(this.#baseOf(nth), this.#root, this.#environment)
    this.#all.push(shell)
    const living = this.#all.filter(({ isDead }) => !isDead).flatMap(({ pid }) => pid ?? [])
    writeFileSync(join(this.#directory, "living"), living.map((pid) => `${pid} ${startOf(pid)}\n`).join(""))
    return shell
  }

  async close(): Promise<void> {
    await Promise.all(this.#all.map((shell) => shell.close()))
    if (this.#all.length > 0) removeAll(this.#directory)
  }
}

/** Ends the shells of an engine that was killed, with all that they run. To be called by whoever holds the workspace. */
export function endLeftShells(directory: string): void {
  for (const line of (readIfThere(join(directory, "living")) ?? "").split("\n").filter(Boolean)) {
    const [pid = "", started] = line.split(" ")
    if (startOf(Number(pid)) === started) killLeft(Number(pid))
  }
  rmSync(directory, { recursive: true, force: true })
}

function killLeft(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL")
  } catch {
    // It ended by itself.
  }
}
