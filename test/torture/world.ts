// A workspace on disk that follows a project: writes its sources, does its edits, builds it in this process, and says what lies
// there. It owns its directory and takes it away.

import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  type Stats,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join, relative } from "node:path"
import { type BuildOptions, build, type EngineOptions } from "../../lib/exec/engine.ts"
import { evaluateTyped } from "../../lib/load/load.ts"
import { type BuildEvent, type BuildResult, renderDiagnostic } from "../../lib/mod.ts"
import { type Edit, type Project, places, type Source, type Spoiling, sourcePaths, type Time } from "./model.ts"
import type { Entry } from "./oracle.ts"
import { layerDirectory } from "./plan.ts"
import { buildfileOf, codeIn, environmentName, ruleModules, toolName } from "./project.ts"

/** One build, by what became of the targets. */
export interface Told extends BuildResult {
  readonly events: readonly BuildEvent[]
  /** The names of targets by how they ended, in the order in which they did. */
  readonly ended: (state: string) => readonly string[]
  readonly said: readonly string[]
}

/** How a world builds. */
export type How = BuildOptions & Partial<EngineOptions>

export class World {
  readonly directory = mkdtempSync(join(tmpdir(), "hashmake-torture-"))
  readonly root = join(this.directory, "workspace")
  readonly store: string
  /** Whether its journal was damaged or taken away. */
  hasForgotten = false
  /** What edits wrote where outputs lie, below `out/`. */
  readonly spoilt = new Map<string, Entry>()

  /** `store`: another world's, to share it. */
  constructor(store?: string) {
    this.store = store ?? join(this.directory, "store")
    mkdirSync(this.root)
    mkdirSync(join(this.directory, "tools"))
  }

  /** Takes everything away. */
  [Symbol.dispose](): void {
    rmSync(this.directory, { recursive: true, force: true })
  }

  path(path: string): string {
    return join(this.root, path)
  }

  /** Writes all of a project that lies on disk. */
  write(project: Project): void {
    for (const [i, source] of project.sources.entries())
      this.#writeSource(i, source, project.sources.length, "now", false)
    this.#writeWords(project)
  }

  /** Does an edit's part on disk; `project` is what it has become. */
  edit(project: Project, edit: Edit): void {
    switch (edit.kind) {
      case "source":
        return this.#writeSource(
          edit.at % project.sources.length,
          edit.source,
          project.sources.length,
          edit.time,
          edit.isMoved,
        )
      case "words":
        return this.#writeWords(project)
      case "output":
        this.#spoil(edit.at, edit.spoiling)
        return
      case "forget":
        return this.#forget(edit.what, edit.at)
      default:
    }
  }

  /** Builds what the project asks for, in this process. */
  async build(project: Project, how: How = {}): Promise<Told> {
    return buildIn(this, project, how)
  }

  #writeSource(nth: number, source: Source, count: number, time: Time, isMoved: boolean): void {
    const path = this.path(sourcePaths[nth] ?? "")
    const before = existsSync(path) ? lstatSync(path) : undefined
    const isKept = before?.isFile() === true && source.form === "file" && !isMoved
    if (!isKept) rmSync(path, { recursive: true, force: true })
    mkdirSync(dirname(path), { recursive: true })
    if (source.form === "directory") mkdirSync(path)
    if (source.form === "link")
      symlinkSync(relative(dirname(path), this.path(sourcePaths[source.to % count] ?? "")), path)
    if (source.form !== "file") return
    writeFileSync(path, source.text)
    chmodSync(path, source.isExecutable ? 0o755 : 0o644)
    if (time === "same" && before !== undefined) utimesSync(path, before.atime, before.mtime)
    if (time === "old") utimesSync(path, 1, 1)
  }

  #writeWords(project: Project): void {
    const tool = join(this.directory, "tools", toolName)
    const texts = [
      ...Object.entries(ruleModules(project)).map(([path, text]) => [this.path(path), text] as const),
      [tool, `#!/bin/sh\nprintf %s ${project.tool}\n`] as const,
    ]
    for (const [path, text] of texts) {
      if (existsSync(path) && readFileSync(path, "utf8") === text) continue
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, text)
    }
    chmodSync(tool, 0o755)
  }

  #spoil(nth: number, spoiling: Spoiling): void {
    const there = [...entriesBelow(this.path("out")).keys()]
    const name = there[nth % Math.max(1, there.length)]
    if (name === undefined) return
    const path = this.path(join("out", name))
    const isInside = spoiling === "stray" && lstatSync(path).isDirectory()
    if (isInside) writeFileSync(join(path, "stray"), "stray")
    else this.#spoilAt(name, spoiling)
    const at = isInside ? join(name, "stray") : name
    const entry = entryIfThere(this.path(join("out", at)))
    if (entry !== undefined) this.spoilt.set(at, entry)
  }

  #spoilAt(name: string, spoiling: Spoiling): void {
    const path = this.path(join("out", name))
    const stat = lstatSync(path)
    // A link in the place of a directory that outputs are put into is the user's wish.
    const isParent = [...places, `${layerDirectory}/x`].some((place) =>
      dirname(place ?? "/").startsWith(join("out", name)),
    )
    if (spoiling === "all") return rmSync(this.path("out"), { recursive: true })
    if (spoiling === "remove" || spoiling === "directory" || spoiling === "link") rmSync(path, { recursive: true })
    if (spoiling === "directory") mkdirSync(path)
    if (spoiling === "link" && !isParent) symlinkSync("nowhere", path)
    if (spoiling === "stray" && !stat.isSymbolicLink()) writeFileSync(path, "stray")
    if (spoiling === "spoil" && stat.isFile()) writeFileSync(path, "spoilt")
    if (spoiling === "chmod" && stat.isFile()) chmodSync(path, stat.mode ^ 0o111)
    if (spoiling === "touch" && !stat.isSymbolicLink()) utimesSync(path, 5, 5)
    if (spoiling !== "same" || !stat.isFile()) return
    writeFileSync(path, "#".repeat(stat.size))
    utimesSync(path, stat.atime, stat.mtime)
  }

  #forget(what: "journal" | "own" | "cut" | "flip", at: number): void {
    const own = this.path(".hashmake")
    this.hasForgotten = true
    if (what === "own") return rmSync(own, { recursive: true, force: true })
    for (const name of existsSync(own) ? readdirSync(own) : []) {
      const path = join(own, name)
      const stat = lstatSync(path)
      if (!stat.isFile() || stat.size === 0) continue
      if (what === "journal") rmSync(path)
      else if (what === "cut") truncateSync(path, at % stat.size)
      else flip(path, at % stat.size)
    }
  }
}

/** Changes one bit of a file. */
function flip(path: string, at: number): void {
  const bytes = readFileSync(path)
  bytes[at] = (bytes[at] ?? 0) ^ (1 << (at % 8))
  writeFileSync(path, bytes)
}

/** Where a project is built. */
export type Place = Pick<World, "directory" | "root" | "store">

/** Builds a project that is written at a place. */
export async function buildIn(place: Place, project: Project, how: How = {}): Promise<Told> {
  const events: BuildEvent[] = []
  const { root = place.root, store = place.store, slots = 2, sandbox = "bwrap", emit, ...rest } = how
  const { PATH, [environmentName]: before } = process.env
  process.env.PATH = `${PATH}:${join(place.directory, "tools")}`
  setEnvironment(environmentName, project.environment)
  try {
    const buildfile = buildfileOf(project, root, () => codeIn(root))
    const { all } = evaluateTyped(buildfile, { MODE: project.variable }, root).targets
    if (all === undefined) throw new Error("there is no target")
    const tell = (event: BuildEvent) => {
      events.push(event)
      emit?.(event)
    }
    const result = await build([all], { root, store, slots, sandbox }, { keepGoing: true, ...rest, emit: tell })
    return { ...result, ...toldBy(events) }
  } finally {
    setEnvironment("PATH", PATH)
    setEnvironment(environmentName, before)
  }
}

function setEnvironment(name: string, value: string | undefined): void {
  if (value === undefined) delete process.env[name]
  else process.env[name] = value
}

/** What the events of one build say. */
export function toldBy(events: readonly BuildEvent[]): Pick<Told, "events" | "ended" | "said"> {
  const ended = (state: string) =>
    events.flatMap((event) => (event.type === "state" && event.state === state ? [event.target.name] : []))
  const said = events.flatMap((event) =>
    "diagnostic" in event ? [renderDiagnostic(event.diagnostic, event.type === "notice" ? "note" : "error")] : [],
  )
  return { events, ended, said }
}

/** Every path below a directory with its stat, in order; nothing if it is no directory. */
export function* statsBelow(directory: string, below = ""): Generator<readonly [string, Stats]> {
  if (!existsSync(directory) || !lstatSync(directory).isDirectory()) return
  for (const name of readdirSync(directory).sort()) {
    const path = join(below, name)
    const stat = lstatSync(join(directory, name))
    yield [path, stat]
    if (stat.isDirectory()) yield* statsBelow(join(directory, name), path)
  }
}

/** What lies below a directory, as an oracle would say it. */
export function entriesBelow(directory: string): Map<string, Entry> {
  return new Map(Array.from(statsBelow(directory), ([path, stat]) => [path, entryAt(join(directory, path), stat)]))
}

function entryAt(path: string, stat: Stats): Entry {
  if (stat.isDirectory()) return { form: "directory" }
  if (stat.isSymbolicLink()) return { form: "link", to: readlinkSync(path) }
  return { form: "file", text: readFileSync(path, "utf8"), isExecutable: (stat.mode & 0o100) !== 0 }
}

/** What lies at one path, if anything does. */
export function entryIfThere(path: string): Entry | undefined {
  const stat = lstatSync(path, { throwIfNoEntry: false })
  return stat === undefined ? undefined : entryAt(path, stat)
}
