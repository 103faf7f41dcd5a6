// The test rig: a workspace and a store in a temporary directory, in which a build is one line. What ran is told by name.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { onTestFinished } from "vitest"
import { BuildError, renderDiagnostic } from "../lib/base/diagnostic.ts"
import { type BuildOptions, build, type EngineOptions } from "../lib/exec/engine.ts"
import { type BuildEvent, type BuildResult, shell, source, type Target, target, tool } from "../lib/mod.ts"

/** The outcome of one build in the rig. */
export interface Told extends BuildResult {
  /** Names of targets whose action ran, in the order in which they ended. */
  readonly ran: readonly string[]
  readonly restored: readonly string[]
  readonly events: readonly BuildEvent[]
  /** The diagnostics as text. */
  readonly said: readonly string[]
}

export class Rig {
  readonly directory = mkdtempSync(join(tmpdir(), "hashmake-test-"))
  readonly root = join(this.directory, "workspace")
  readonly store = join(this.directory, "store")

  constructor() {
    mkdirSync(this.root)
    onTestFinished(() => rmSync(this.directory, { recursive: true, force: true }))
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(this.path(path)), { recursive: true })
    writeFileSync(this.path(path), text)
  }

  read(path: string): string {
    return readFileSync(this.path(path), "utf8")
  }

  path(path: string): string {
    return join(this.root, path)
  }

  async build(wanted: readonly Target[], options: BuildOptions & Partial<EngineOptions> = {}): Promise<Told> {
    const events: BuildEvent[] = []
    const { root = this.root, store = this.store, slots = 2, sandbox = "bwrap", ...rest } = options
    const result = await build(
      wanted,
      { root, store, slots, sandbox, ...rest },
      {
        ...rest,
        emit: (event) => {
          events.push(event)
          rest.emit?.(event)
        },
      },
    )
    const ended = (state: string) =>
      events.flatMap((event) => (event.type === "state" && event.state === state ? [event.target.name] : []))
    const said = events.flatMap((event) =>
      "diagnostic" in event ? [renderDiagnostic(event.diagnostic, event.type === "notice" ? "note" : "error")] : [],
    )
    return { ...result, events, said, ran: ended("built"), restored: ended("restored") }
  }
}

/** cat, cp and the like. */
export const coreutils = tool({
  name: "coreutils",
  programs: ["cat", "cp", "mkdir", "chmod", "ln", "ls", "rm", "sleep", "touch", "head", "tr", "sort", "env"],
})

/** The BuildError that work ends with, as a person sees it. */
export const thrownBy = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "nothing was thrown",
    (thrown: unknown) => {
      if (thrown instanceof BuildError) return renderDiagnostic(thrown.diagnostic)
      throw thrown
    },
  )

/** Copies a file; any name will do. */
export const copies = (from: string, to = "out/copy") =>
  target({
    name: "copy",
    inputs: { from: source(from) },
    outputs: { to },
    tools: [coreutils],
    run: ({ from }, { to }) => shell(`cat ${quote(from)} >${quote(to)}`),
  })

/** A text as one word of a shell. */
export const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`
