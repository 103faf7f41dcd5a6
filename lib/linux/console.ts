// The serial console of a machine that runs in QEMU, as a person would use it: waits for what it shows, types, reads the answer.

import { stripVTControlCharacters } from "node:util"
import type { Running, Started } from "../graph/running.ts"

/** How long to wait for an answer: enough for an emulated machine on a busy one. */
export const answerMs = 180_000
const lastLines = 25

/** The kernel's last words. What it does next is nothing that one can wait for. */
const panic = /Kernel panic - not syncing.*\n/

/** A console that one can talk to: what was written so far, and what of it was not yet looked at. */
export class Console {
  readonly #machine: Started
  readonly #running: Running
  #raw = ""
  /** What was written, without what steers a terminal: a shell's editor wraps each line in it. */
  text = ""
  #seen = 0
  #woken: () => void = () => {}
  #ended = false
  readonly #since = performance.now()
  /** How long it took until it showed what was first waited for, in ms. */
  upMs = 0

  constructor(machine: Started, running: Running) {
    this.#machine = machine
    this.#running = running
    void this.#listen()
  }

  async #listen(): Promise<void> {
    for await (const piece of this.#machine.output) {
      this.#raw += piece
      this.text = stripVTControlCharacters(this.#raw).replaceAll("\r", "")
      this.#woken()
    }
    this.#ended = true
    this.#woken()
  }

  /** Waits until the console shows `pattern`; rejects if it does not. */
  async expect(pattern: RegExp, what: string): Promise<string> {
    const found = await this.#wait(what, () => pattern.exec(this.#unseen()))
    this.upMs ||= performance.now() - this.#since
    this.#seen += found.index + found[0].length
    return found[0]
  }

  /** Waits until the machine has ended; rejects if it does not. */
  async end(): Promise<void> {
    await this.#wait("the machine to power off", () => (this.#ended ? true : null))
  }

  #unseen = (): string => this.text.slice(this.#seen)

  /** Waits until `look` finds something; rejects once that cannot be expected any more. */
  async #wait<Found>(what: string, look: () => Found | null): Promise<Found> {
    this.#running.progress(undefined, what)
    const until = Date.now() + answerMs
    for (;;) {
      const found = look()
      if (found !== null) return found
      if (panic.test(this.#unseen())) throw new Error(`the kernel panicked while waiting for ${what}`)
      if (this.#ended || Date.now() > until)
        throw new Error(`${this.#ended ? "the machine ended" : "no answer"} while waiting for ${what}`)
      await this.#wake(until - Date.now())
    }
  }

  #wake(mostMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, mostMs)
      this.#woken = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  send(line: string): void {
    this.#machine.write(`${line}\n`)
  }

  /** Runs a command there and gives what it wrote. The marks are put together there, so that an echo is no answer. */
  async run(line: string): Promise<string> {
    this.send(`echo be''gin; ${line}; echo :en''d $?`)
    await this.expect(/\nbegin\n/, `\`${line}\` to start`)
    const start = this.#seen
    const end = await this.expect(/:end \d+\n/, `\`${line}\``)
    if (end !== ":end 0\n") throw new Error(`\`${line}\` failed in the machine: ${end.slice(1).trim()}`)
    return this.text.slice(start, this.#seen - end.length)
  }

  last(): string {
    return this.text.trimEnd().split("\n").slice(-lastLines).join("\n")
  }
}
