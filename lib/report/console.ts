// What a person sees of a build. On a terminal a few lines at the bottom say what runs, for how long, and how much is left;
// elsewhere, one plain line for each action that starts and ends. Consumes events, decides nothing.

import { renderDiagnostic } from "../base/diagnostic.ts"
import type { BuildEvent } from "../graph/event.ts"
import type { Target } from "../graph/target.ts"
import { cutTo } from "./columns.ts"
import { type Pausable, pausing } from "./pause.ts"
import type { Reporter } from "./reporter.ts"
import { counted, duration, type Paint, paint, painted } from "./words.ts"

/** What one can write to. */
export interface Screen {
  /** Whether it is a terminal: then lines at the bottom, drawn anew and anew, say what runs. */
  readonly isTTY?: boolean
  /** How wide it is. */
  readonly columns?: number
  /** Writes a text. */
  write(text: string): unknown
}

/** How a build is shown. */
export interface ConsoleOptions {
  /** Where to: `process.stderr`, say. */
  readonly output: Screen
  /** Whether colours are used. */
  readonly isColoured: boolean
  /** quiet: nothing. normal: what is done. verbose: what actions write, too; the build must be verbose as well. */
  readonly level: "quiet" | "normal" | "verbose"
  /** Whether each action's reason is said. */
  readonly explain: boolean
}

interface Active {
  readonly since: number
  readonly expectedMs: number
  words: string
}

const redrawMs = 100
/** Without a terminal, a line says so when nothing else was said for this long. */
const stillMs = 60_000
const mostShown = 8

/**
 * A reporter for a person. Failures are said with the line `failed`; their diagnostics are in the result.
 *
 * @example
 * ```ts
 * const reporter = consoleReporter({ output: process.stderr, isColoured: false, level: "normal", explain: false })
 * for await (const event of build.events) reporter.on(event)
 * reporter.close()
 * ```
 */
export function consoleReporter(options: ConsoleOptions): Reporter {
  const isDrawn = options.output.isTTY === true && options.level === "normal"
  return pausing(isDrawn ? new TerminalReporter(options) : new LineReporter(options))
}

/** The lines that both reporters print for good. */
function lastingLine(
  event: BuildEvent,
  { bold, cyan, dim, green, red, yellow }: Paint,
  explain: boolean,
): string | undefined {
  switch (event.type) {
    case "state": {
      const { target, state, tookMs, reason } = event
      if (state === "built") return `${green("built")}     ${target.name}  ${dim(duration(tookMs))}`
      if (state === "restored") return `${cyan("restored")}  ${target.name}`
      if (state === "failed") return `${red("failed")}    ${target.name}`
      return state === "running" && explain ? `${yellow("runs")}      ${target.name}: ${reason}` : undefined
    }
    case "would-run":
      return `${yellow(event.isUncertain === true ? "may run  " : "would run")} ${event.target.name}: ${event.reason}`
    case "would-restore":
      return `${cyan("would restore")} ${event.target.name}`
    case "retry":
      return `${yellow("again")}     ${event.target.name}: attempt ${event.attempt} of ${event.of}; ${event.how}`
    case "waiting":
      return painted(`note: waiting for process ${event.pid}, which builds in this workspace (${event.command})`, {
        bold,
        cyan,
        dim,
        green,
        red,
        yellow,
      })
    case "notice":
      return painted(renderDiagnostic(event.diagnostic, "note"), { bold, cyan, dim, green, red, yellow })
    case "build-ended": {
      const done = green(event.would === undefined ? "done" : "dry run")
      const how = event.outcome === "done" ? done : event.outcome === "failed" ? red("failed") : yellow("interrupted")
      return `${how} in ${duration(event.tookMs)}: ${counted(event.counts, event.would)}`
    }
    default:
      return undefined
  }
}

class LineReporter implements Pausable {
  readonly #options: ConsoleOptions
  readonly #paint: Paint
  readonly #active = new Map<Target, Active>()
  #timer: NodeJS.Timeout | undefined

  constructor(options: ConsoleOptions) {
    this.#options = options
    this.#paint = paint(options.isColoured)
  }

  on = (event: BuildEvent): void => {
    const { output, level, explain } = this.#options
    if (event.type === "output") output.write(event.text)
    if (level === "quiet") return
    if (event.type === "state") this.#follow(event.target, event.state)
    const isStart = event.type === "state" && event.state === "running" && !explain
    const line = isStart
      ? `${this.#paint.dim("runs")}      ${event.target.name}`
      : lastingLine(event, this.#paint, explain)
    if (line !== undefined) output.write(`${line}\n`)
    if (event.type === "step" && level === "verbose")
      output.write(`${this.#paint.dim(`          ${event.target.name}: ${event.step}`)}\n`)
  }

  #follow(target: Target, state: string): void {
    if (state === "running") this.#active.set(target, { since: performance.now(), expectedMs: 0, words: "" })
    else this.#active.delete(target)
    clearInterval(this.#timer)
    if (this.#active.size > 0) this.#timer = setInterval(() => this.#still(), stillMs)
  }

  #still(): void {
    const names = [...this.#active].map(([{ name }, { since }]) => `${name} (${duration(performance.now() - since)})`)
    this.#options.output.write(`still     ${names.join(", ")}\n`)
  }

  pause = (): void => clearInterval(this.#timer)
  close = this.pause
}

class TerminalReporter implements Pausable {
  readonly #options: ConsoleOptions
  readonly #paint: Paint
  readonly #active = new Map<Target, Active>()
  #shown = 0
  #total = 0
  #ended = 0
  #slots = 1
  #expectedMs = 0
  #timer: NodeJS.Timeout | undefined

  constructor(options: ConsoleOptions) {
    this.#options = options
    this.#paint = paint(options.isColoured)
  }

  on = (event: BuildEvent): void => {
    this.#count(event)
    const line = lastingLine(event, this.#paint, this.#options.explain)
    if (line !== undefined) this.#draw(`${line}\n`)
    this.#timer ??= setInterval(() => this.#draw(""), redrawMs)
    if (event.type === "build-ended") this.close()
  }

  #count(event: BuildEvent): void {
    if (event.type === "build-started") {
      this.#total = event.targets
      this.#slots = event.slots
      this.#expectedMs = event.expectedMs
    }
    if (event.type === "step") this.#say(event.target, event.step)
    if (event.type === "progress")
      this.#say(
        event.target,
        event.fraction === undefined ? event.words : `${Math.floor(event.fraction * 100)} %, ${event.words}`,
      )
    if (event.type !== "state") return
    if (event.state === "running")
      this.#active.set(event.target, { since: performance.now(), expectedMs: event.expectedMs ?? 0, words: "" })
    else if (event.state === "ready") this.#active.delete(event.target)
    else if (event.state !== "wanted") {
      this.#ended++
      this.#expectedMs -= event.expectedMs ?? 0
      this.#active.delete(event.target)
    }
  }

  #say(target: Target, words: string): void {
    const active = this.#active.get(target)
    if (active !== undefined) active.words = words
  }

  /** Prints text for good above the progress lines. */
  #draw(text: string): void {
    const { output } = this.#options
    // A serial console says 0.
    const columns = output.columns || 80
    const lines = this.#active.size > 0 ? this.#lines(columns) : []
    const up = this.#shown > 0 ? `\x1b[${this.#shown}A` : ""
    output.write(`${up}\r\x1b[J${text}${lines.map((line) => `${line}\n`).join("")}`)
    this.#shown = lines.length
  }

  #lines(columns: number): string[] {
    const now = performance.now()
    const running = [...this.#active].slice(0, mostShown).map(([{ name }, { since, expectedMs, words }]) => {
      const expected = expectedMs > 0 ? ` of about ${duration(expectedMs)}` : ""
      return `  ${name}  ${duration(now - since)}${expected}${words === "" ? "" : `  ${words}`}`
    })
    const more = this.#active.size > mostShown ? [`  and ${this.#active.size - mostShown} more`] : []
    const head = `[${this.#ended}/${this.#total}] ${this.#left(now)}`
    const [first = "", ...lines] = [head, ...running, ...more].map((line) => cutTo(columns - 1, line))
    return [this.#paint.bold(first), ...lines]
  }

  /** What was expected of everything, less what has ended and what runs so far, shared by the slots. */
  #left(now: number): string {
    let leftMs = this.#expectedMs
    for (const { since, expectedMs } of this.#active.values()) leftMs -= Math.min(now - since, expectedMs)
    return `about ${duration(Math.max(0, leftMs) / this.#slots)} left`
  }

  pause = (): void => {
    clearInterval(this.#timer)
    this.#timer = undefined
    if (this.#shown > 0) this.#options.output.write(`\x1b[${this.#shown}A\r\x1b[J`)
    this.#shown = 0
  }

  close = (): void => {
    this.pause()
    this.#active.clear()
  }
}
