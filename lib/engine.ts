// The engine for other tools: what there is to build is loaded from a Buildfile, builds are values with a stream of events and a
// result. Nothing is printed, nothing is global, and nothing happens until it is asked for.

import { resolve } from "node:path"
import { build, type EngineOptions, type BuildOptions as InnerOptions } from "./exec/engine.ts"
import type { BuildResult } from "./exec/states.ts"
import type { Buildfile, Targets } from "./graph/buildfile.ts"
import type { BuildEvent } from "./graph/event.ts"
import { checkOptions, checkRecord, type Form } from "./graph/options.ts"
import { checkLoaded, checkWanted } from "./graph/shape.ts"
import type { Target } from "./graph/target.ts"
import { type Values, type Variables, variableNamed } from "./graph/variable.ts"
import { evaluate } from "./load/load.ts"

/** Where and how an engine builds. */
export interface CreateOptions extends Omit<EngineOptions, "root"> {
  /** The workspace's directory: sources, outputs and `.hashmake` are in it. Default: the current directory at this moment. */
  readonly root?: string | undefined
}

/** How one build is done. */
export interface BuildOptions {
  /** Go on with what does not depend on a failure. Default: start nothing more after one. */
  readonly keepGoing?: boolean | undefined
  /** Run nothing, write nothing: `would-run` and `would-restore` events tell what would be done, and why. */
  readonly dryRun?: boolean | undefined
  /** Tell what actions write as `output` events; it is in their logs in any case. */
  readonly verbose?: boolean | undefined
  /**
   * A name for a project that these targets, with all that they need, are the whole of: what earlier builds of that name left, and no
   * target makes any more, is removed, unless it was edited. Default: nothing is removed.
   */
  readonly whole?: string | undefined
  /** Cancels the build: what runs is ended with all its children, and the result says `cancelled`. */
  readonly signal?: AbortSignal | undefined
}

/** A build that runs. */
export interface Build {
  /**
   * Everything that happens, in order, ending with the build, however that ends. Ask for it at once after `build`: what happens while nobody has asked
   * is not kept. Each event is read once, whoever reads; nothing comes once a reader has stopped (`break`).
   */
  readonly events: AsyncIterable<BuildEvent>
  /**
   * How it went; a failed action is part of the result, and so is a cancelled build.
   * @throws {@link BuildError} (rejects) for what makes a build impossible: a cycle, a missing tool, a workspace that cannot be written to.
   */
  readonly result: Promise<BuildResult>
}

/** Values of some variables; undefined is the default. */
export type Given<V extends Variables> = { readonly [K in keyof V]?: Values<V>[K] | undefined }

/** An engine: one workspace, one store. Two of them do not disturb each other, in one process or in several. */
export interface Engine {
  /** The workspace's directory, absolute. */
  readonly root: string
  /**
   * Evaluates a Buildfile for these values of its variables, defaults for the rest, and gives its targets. What it reads by globs is
   * read now: load again when files came or went.
   * @throws {@link BuildError} for a variable or value that there is not, for what is no Buildfile, and for whatever that throws.
   * @example
   * ```ts
   * import project from "./Buildfile.ts"
   * const { app } = engine.load(project, { MODE: "release" }) // MODE: "fast" does not compile
   * ```
   */
  load<V extends Variables, T extends Targets>(project: Buildfile<V, T>, values?: Given<V>): T
  /**
   * Builds targets, with all that they need. Builds of one workspace wait for each other, also those of other processes: a `waiting`
   * event tells for whom. It begins one turn of the event loop later, and goes on whether or not its events are read.
   */
  build(wanted: readonly Target[], options?: BuildOptions): Build
}

/**
 * Makes an engine. It holds nothing open between builds, so there is nothing to close.
 *
 * @throws {@link BuildError} for an option that there is not, or its value.
 * @example
 * ```ts
 * const engine = createEngine({ root: "/home/me/project" })
 * const { app } = engine.load(project, { MODE: "release" })
 * const build = engine.build([app], { signal })
 * for await (const event of build.events) if (event.type === "progress") show(event.words)
 * const { outcome, failures } = await build.result
 * ```
 */
export function createEngine(options: CreateOptions = {}): Engine {
  checkOptions(options, engineForms, "createEngine", "an engine")
  const { root = ".", store, ...rest } = options
  const engine: EngineOptions = {
    ...rest,
    root: resolve(root),
    ...(store === undefined ? {} : { store: resolve(store) }),
  }
  return {
    root: engine.root,
    load(project, values = {}) {
      checkLoaded(project)
      return evaluate(project, typedValues(project.variables, values), engine.root)
    },
    build: (wanted, options = {}) => startBuild(wanted, engine, options),
  }
}

const path: Form = [(value) => typeof value === "string" && value !== "", "a path"]
const flag: Form = [(value) => typeof value === "boolean", "`true` or `false`"]

/** What may be said of an engine, */
const engineForms: Readonly<Record<keyof CreateOptions, Form>> = {
  root: path,
  store: path,
  slots: [(value) => Number.isSafeInteger(value) && Number(value) >= 1, "a whole number from 1"],
  memoryBytes: [(value) => Number.isFinite(value) && Number(value) > 0, "a number of bytes above 0"],
  makeflags: [(value) => typeof value === "string", "a text: `process.env.MAKEFLAGS`"],
  sandbox: [(value) => value === "bwrap" || value === "off", '`"bwrap"` or `"off"`'],
}

/** and of a build. */
const buildForms: Readonly<Record<keyof BuildOptions, Form>> = {
  keepGoing: flag,
  dryRun: flag,
  verbose: flag,
  whole: [(value) => typeof value === "string" && value !== "", "a name"],
  signal: [(value) => value instanceof AbortSignal, "the `signal` of an `AbortController`"],
}

function typedValues<V extends Variables>(variables: V, given: Given<V>): Values<V> {
  checkRecord(given, "load")
  for (const name of Object.keys(given)) variableNamed(variables, name)
  const entries = Object.entries(variables).map(([name, variable]) => {
    const value = given[name as keyof V]
    if (value === undefined) return [name, variable.parse(name, variable.default)]
    if (typeof value === "string") return [name, variable.parse(name, value)]
    variable.check?.(name, value)
    return [name, value]
  })
  return Object.fromEntries(entries) as Values<V>
}

function startBuild(wanted: readonly Target[], engine: EngineOptions, options: BuildOptions): Build {
  let stream: EventStream | undefined
  let hasEnded = false
  const begin = () => {
    checkWanted(wanted)
    checkOptions(options, buildForms, "build", "a build")
    const { whole: name, ...rest } = options
    const whole = name === undefined ? undefined : { variant: name, targets: wanted }
    const inner: InnerOptions = { ...rest, whole, emit: (event) => stream?.push(event) }
    return build(wanted, engine, inner)
  }
  // It begins one turn later: by then whoever wants the events has asked for them.
  const result = Promise.resolve().then(begin)
  const end = () => {
    hasEnded = true
    stream?.end()
  }
  result.then(end, end)
  return {
    result,
    get events() {
      stream ??= new EventStream()
      if (hasEnded) stream.end()
      return stream.events
    },
  }
}

/** Events that wait to be read. */
class EventStream {
  /** Whoever asks twice shares them: a generator is read once. */
  readonly events: AsyncIterable<BuildEvent> = this.#read()
  #waiting: BuildEvent[] = []
  #hasEnded = false
  #wake: () => void = () => {}

  push(event: BuildEvent): void {
    if (this.#hasEnded) return
    this.#waiting.push(event)
    this.#wake()
  }

  end(): void {
    this.#hasEnded = true
    this.#wake()
  }

  async *#read(): AsyncGenerator<BuildEvent> {
    try {
      for (;;) {
        const events = this.#waiting
        this.#waiting = []
        yield* events
        if (this.#waiting.length > 0) continue
        if (this.#hasEnded) return
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
      }
    } finally {
      // Who reads no more is told nothing more: what nobody reads is not kept.
      this.#hasEnded = true
      this.#waiting = []
    }
  }
}
