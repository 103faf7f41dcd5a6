// Shells that stay, and run one command after the other: asking one costs a tenth of starting a process from here, and a process
// started by a small shell does not copy the engine's page tables.
//
// Each shell reads its script from a fifo, runs what it is sent in its own process group, and answers on a pipe with the status of
// each command. What a command writes goes to a file of the shell's, emptied after each. When the engine dies the fifo ends, and
// with it the shell; who was cancelled takes its shell along. The ids of living shells are noted for the next engine, since a
// command that still runs when its engine was killed must not write into a later build.

import { execFileSync } from "node:child_process"
import {
  closeSync,
  constants,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs"
import { join } from "node:path"
import { readIfThere, removeAll, unlinkIfThere } from "../base/files.ts"
import { type Child, endGroup, start, startOf } from "../base/process.ts"

/** How a script ended: its status (none if it was ended), the number of the step that it was in, and what it wrote. */
export interface Ended {
  readonly status: number | undefined
  readonly step: number
  readonly output: string
}

/** What runs a script besides its text. */
export interface RunOptions {
  /** Ends it with all that it started. */
  readonly signal: AbortSignal
  /** Told what it writes, while it does. */
  readonly onOutput?: ((text: string) => void) | undefined
}

/** How often what a script writes is looked at, in ms, where somebody wants to be told. */
const lookMs = 100

/** What is read of a shell's output at a time. */
const piece = Buffer.alloc(1 << 16)

class Shell {
  readonly scratch: string
  readonly #child: Child
  readonly #fifo: number
  readonly #log: number
  #answer: ((line: string) => void) | undefined
  #ending: Promise<void> | undefined
  #heard = ""
  isDead = false

  constructor(base: string, root: string, environment: Readonly<Record<string, string>>) {
    this.scratch = `${base}.scratch`
    mkdirSync(this.scratch, { recursive: true })
    const path = `${base}.fifo`
    unlinkIfThere(path)
    execFileSync("mkfifo", [path])
    // Open for both, so that neither side waits for the other to open it.
    this.#fifo = openSync(path, constants.O_RDWR | constants.O_NONBLOCK)
    this.#log = openSync(`${base}.log`, "a+")
    ftruncateSync(this.#log)
    const env = { ...environment, TMPDIR: this.scratch, SCRATCH: this.scratch }
    this.#child = start(["/bin/sh", path], { cwd: root, env, stdio: ["ignore", this.#log, this.#log, "pipe"] })
    const die = () => {
      this.isDead = true
      this.#answer?.("")
    }
    this.#child.exit.then(die, die)
    this.#child.process.stdio[3]?.on("data", (piece: Buffer) => this.#hear(String(piece)))
  }

  get pid(): number | undefined {
    return this.#child.process.pid
  }

  #hear(text: string): void {
    this.#heard += text
    const end = this.#heard.indexOf("\n")
    if (end === -1) return
    const line = this.#heard.slice(0, end)
    this.#heard = this.#heard.slice(end + 1)
    const answer = this.#answer
    this.#answer = undefined
    answer?.(line)
  }

  async run(text: string, { signal, onOutput }: RunOptions): Promise<Ended> {
    const answered = new Promise<string>((resolve) => {
      this.#answer = resolve
    })
    const stop = () => this.#end()
    if (signal.aborted) throw new Error("cancelled")
    signal.addEventListener("abort", stop, { once: true })
    let told = 0
    const tell = (output: string) => {
      if (output.length > told) onOutput?.(output.slice(told))
      told = output.length
    }
    const looking = onOutput === undefined ? undefined : setInterval(() => tell(this.#readOutput()), lookMs)
    try {
      await this.#send(Buffer.from(`${text}\n`))
      const [status, step = 0] = (await answered).split(" ").filter(Boolean).map(Number)
      await this.#ending
      const output = this.#readOutput()
      if (output !== "") ftruncateSync(this.#log)
      tell(output)
      return { status, step, output }
    } finally {
      clearInterval(looking)
      signal.removeEventListener("abort", stop)
    }
  }

  /** What does not fit into the fifo at once follows as the shell reads. */
  async #send(bytes: Buffer): Promise<void> {
    for (let at = 0; at < bytes.length && !this.isDead; ) {
      try {
        at += writeSync(this.#fifo, bytes, at)
      } catch (thrown) {
        if ((thrown as NodeJS.ErrnoException).code !== "EAGAIN") throw thrown
        await new Promise((resolve) => setTimeout(resolve, 1))
      }
    }
  }

  #readOutput(): string {
    const pieces: Buffer[] = []
    for (let at = 0; ; ) {
      const n = readSync(this.#log, piece, 0, piece.length, at)
      if (n === 0) break
      pieces.push(Buffer.from(piece.subarray(0, n)))
      at += n
    }
    return String(Buffer.concat(pieces))
  }

  #end(): void {
    this.isDead = true
    this.#ending = endGroup(this.#child.process)
  }

  async close(): Promise<void> {
    closeSync(this.#fifo)
    await this.#child.exit.catch(() => {})
    closeSync(this.#log)
  }
}

/** As many shells as are used at the same time. */
export class Shells {
  readonly #directory: string
  readonly #root: string
  readonly #environment: Readonly<Record<string, string>>
  readonly #idle: Shell[] = []
  readonly #all: Shell[] = []

  /** `directory` is for the shells' files; commands start in `root`, with this environment. */
  constructor(directory: string, root: string, environment: Readonly<Record<string, string>>) {
    this.#directory = directory
    this.#root = root
    this.#environment = environment
  }

  /** Runs a script made by `textFor`, which is given a scratch directory of its own. */
  async run(textFor: (scratch: string) => string, options: RunOptions): Promise<Ended> {
    const shell = this.#idle.pop() ?? this.#open()
    try {
      return await shell.run(textFor(shell.scratch), options)
    } finally {
      if (!shell.isDead) this.#idle.push(shell)
    }
  }

  #open(): Shell {
    mkdirSync(this.#directory, { recursive: true })
    const shell = new Shell(join(this.#directory, String(this.#all.length)), this.#root, this.#environment)
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
