// One shell that stays: it reads scripts from a fifo, and answers on a pipe with the status of each. Behind a script that runs one more may
// wait; each of the two has a lane of its own, for what it writes and for its scratch files.

import { execFileSync } from "node:child_process"
import { join } from "node:path"
import { ifThere, removeAll, unlinkIfThere } from "../base/files.ts"
import {
  closeSync,
  constants,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  writeSync,
} from "../base/fs.ts"
import { type Child, endGroup, start } from "../base/process.ts"
import { fixedUmask } from "./sandbox.ts"
import type { Slot } from "./slot.ts"

/** How a script ended: its status (none if it was ended), the number of the step that it was in, and what it wrote. */
export interface Ended {
  readonly status: number | undefined
  readonly step: number
  readonly output: Uint8Array
}

/** What runs a script besides its text. */
export interface RunOptions {
  /** What the script does, in a word: of scripts that do the same it is known how long they take. */
  readonly kind: string
  /** What it runs in; a script of one that follows waits in the shell of whom it follows. */
  readonly slot: Slot
  /** Ends it with all that it started. */
  readonly signal: AbortSignal
  /** Told what it writes, while it does. */
  readonly onOutput?: ((text: string) => void) | undefined
  /** Called when it begins, with the shell's id; `isShort`: it will be done before one could be asked for another. */
  readonly onBegin: (isShort: boolean, pid: number | undefined) => void
  /** Called when it has ended well, before anything else begins. */
  readonly onDone: () => void
}

/** How long scripts of a kind take. */
export interface Times {
  isShort(kind: string): boolean
  took(kind: string, ms: number): void
}

/** How often what a script writes is looked at, in ms, where somebody wants to be told. */
const lookMs = 100

/** What is read of a shell's output at a time. */
const piece = Buffer.alloc(1 << 16)

/** What one script has to itself while another waits behind it. */
interface Lane {
  /** An empty directory. */
  readonly scratch: string
  /** What it writes. */
  readonly log: number
  /** The shell's descriptor of that. */
  readonly descriptor: number
  /** Resolves when what the last script left there has been looked at. */
  isFree: Promise<void>
}

/** A script that was sent. */
interface Sent {
  readonly answered: (line: string) => void
  readonly begin: () => void
  readonly done: () => void
}

/** What a shell answers of a script that it did not begin. */
const skipped = "skipped"
/** The fourth is for the jobserver of who has one. */
const logDescriptors = [1, 5] as const

const fifoOf = (base: string): string => `${base}.fifo`

/** Makes what shells with these paths are told by: of several at once, as that takes a process. */
export function makeFifos(bases: readonly string[]): void {
  for (const base of bases) unlinkIfThere(fifoOf(base))
  execFileSync("mkfifo", bases.map(fifoOf))
}

export class Shell {
  readonly #child: Child
  readonly #fifo: number
  readonly #lanes: readonly Lane[]
  readonly #sent: Sent[] = []
  #count = 0
  #sending: Promise<void>
  #ending: Promise<void> | undefined
  #heard = ""
  isDead = false

  /** Its files are at `base` and an ending; its fifo is there. */
  constructor(base: string, root: string, environment: Readonly<Record<string, string>>) {
    const path = fifoOf(base)
    // Open for both, so that neither side waits for the other to open it.
    this.#fifo = openSync(path, constants.O_RDWR | constants.O_NONBLOCK)
    this.#lanes = logDescriptors.map((descriptor, i) => {
      const scratch = `${base}.scratch${i}`
      mkdirSync(scratch, { recursive: true })
      const log = openSync(`${base}.log${i}`, "a+")
      ftruncateSync(log)
      return { scratch, log, descriptor, isFree: Promise.resolve() }
    })
    const [first = 0, second = 0] = this.#lanes.map(({ log }) => log)
    this.#child = start(["/bin/sh", path], {
      cwd: root,
      env: environment,
      stdio: ["ignore", first, first, "pipe", "ignore", second],
    })
    const die = () => {
      this.isDead = true
      // The first was running.
      for (const [i, { answered }] of this.#sent.splice(0).entries()) answered(i === 0 ? "" : skipped)
    }
    this.#child.exit.then(die, die)
    this.#child.process.stdio[3]?.on("data", (text: Buffer) => this.#hear(String(text)))
    this.#sending = this.#write(Buffer.from(`${fixedUmask}\n`))
  }

  get pid(): number | undefined {
    return this.#child.process.pid
  }

  /** How many scripts it has. */
  get load(): number {
    return this.#sent.length
  }

  #hear(text: string): void {
    this.#heard += text
    for (let end = this.#heard.indexOf("\n"); end !== -1; end = this.#heard.indexOf("\n")) {
      const line = this.#heard.slice(0, end)
      this.#heard = this.#heard.slice(end + 1)
      const sent = this.#sent.shift()
      sent?.answered(line)
      if (!line.startsWith("0 ")) continue
      sent?.done()
      this.#sent[0]?.begin()
    }
  }

  /** Undefined if the script was not begun, since the one before it failed. */
  async run(textFor: (scratch: string) => string, options: RunOptions & Times): Promise<Ended | undefined> {
    const { signal, onOutput } = options
    if (signal.aborted) throw new Error("cancelled")
    const lane = this.#lanes[this.#count++ % this.#lanes.length] as Lane
    const { promise: answered, resolve } = Promise.withResolvers<string>()
    const { promise: isFree, resolve: free } = Promise.withResolvers<void>()
    const isBehind = this.#sent.length > 0
    const sent = this.#sentFor(options, resolve)
    this.#sent.push(sent)
    const before = lane.isFree
    lane.isFree = isFree
    await before
    const text = this.#orForget(sent, free, () => this.#textOf(textFor(lane.scratch), lane, isBehind))
    const stop = () => this.#end()
    signal.addEventListener("abort", stop, { once: true })
    // It may have been while the lane was waited for.
    if (signal.aborted) stop()
    const output: Buffer[] = []
    let read = 0
    const decoder = onOutput === undefined ? undefined : new TextDecoder()
    const look = () => {
      for (const piece of this.#outputOf(lane, read)) {
        output.push(piece)
        read += piece.length
        if (decoder !== undefined) onOutput?.(decoder.decode(piece, { stream: true }))
      }
    }
    const looking = onOutput === undefined ? undefined : setInterval(look, lookMs)
    try {
      if (!isBehind) sent.begin()
      await this.#send(text)
      const line = await answered
      if (line === skipped) return undefined
      const [status, step = 0] = line.split(" ").filter(Boolean).map(Number)
      await this.#ending
      look()
      if (read > 0) ftruncateSync(lane.log)
      empty(lane.scratch)
      return { status, step, output: Buffer.concat(output) }
    } finally {
      clearInterval(looking)
      signal.removeEventListener("abort", stop)
      free()
    }
  }

  /** What `make` gives; what is not to be sent after all, since that failed, is forgotten. */
  #orForget<T>(sent: Sent, free: () => void, make: () => T): T {
    try {
      return make()
    } catch (thrown) {
      this.#sent.splice(this.#sent.indexOf(sent), 1)
      free()
      throw thrown
    }
  }

  #sentFor({ kind, onBegin, onDone, isShort, took }: RunOptions & Times, answered: (line: string) => void): Sent {
    let began: number | undefined
    return {
      answered: (line) => {
        if (began !== undefined) took(kind, performance.now() - began)
        answered(line)
      },
      begin: () => {
        began = performance.now()
        onBegin(isShort(kind), this.pid)
      },
      done: onDone,
    }
  }

  /** Behind another, a script begins only if that ended well. */
  #textOf(script: string, { descriptor }: Lane, isBehind: boolean): Buffer {
    const own = `{ ${script}; p=$?; } >&${descriptor} 2>&${descriptor}; echo $p $s >&3`
    return Buffer.from(`${isBehind ? `if [ "$p" = 0 ]; then ${own}; else echo ${skipped} >&3; fi` : own}\n`)
  }

  /** One script after the other, as the next may come before the fifo took all of the one before. */
  #send(bytes: Buffer): Promise<void> {
    const sent = this.#sending.then(() => this.#write(bytes))
    this.#sending = sent.catch(() => {})
    return sent
  }

  /** What does not fit into the fifo at once follows as the shell reads. */
  async #write(bytes: Buffer): Promise<void> {
    for (let at = 0; at < bytes.length && !this.isDead; ) {
      try {
        at += writeSync(this.#fifo, bytes, at)
      } catch (thrown) {
        if ((thrown as NodeJS.ErrnoException).code !== "EAGAIN") throw thrown
        await new Promise((resolve) => setTimeout(resolve, 1))
      }
    }
  }

  *#outputOf({ log }: Lane, from: number): Iterable<Buffer> {
    for (let at = from; ; ) {
      const n = readSync(log, piece, 0, piece.length, at)
      if (n === 0) return
      yield Buffer.from(piece.subarray(0, n))
      at += n
    }
  }

  #end(): void {
    this.isDead = true
    this.#ending = endGroup(this.#child.process)
  }

  async close(): Promise<void> {
    // It may not have opened the fifo yet, and would wait for somebody to write if this were closed first.
    await this.#send(Buffer.from("exit\n"))
    await this.#child.exit.catch(() => {})
    closeSync(this.#fifo)
    for (const { log } of this.#lanes) closeSync(log)
  }
}

/** Empties a directory; who used it may have removed it. */
function empty(directory: string): void {
  const names = ifThere(() => readdirSync(directory))
  if (names === undefined) mkdirSync(directory, { recursive: true })
  for (const name of names ?? []) removeAll(join(directory, name))
}
