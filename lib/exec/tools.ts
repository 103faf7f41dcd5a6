// The build machine's tools: where they are, what they are, and what they need to run. A tool's identity is its program's
// digest, or, where it is more than one file, its Debian package's version. All is remembered by the programs' stats.

import { execFileSync } from "node:child_process"
import { accessSync, constants, realpathSync, statSync } from "node:fs"
import { basename, delimiter, join, normalize } from "node:path"
import { digestFile, digestOf } from "../base/digest.ts"
import type { MissingTool } from "../graph/errors.ts"
import type { Action, Target } from "../graph/target.ts"
import { type Tool, tool } from "../graph/tool.ts"
import type { Journal } from "../store/journal.ts"
import { fileStat } from "../store/stat.ts"

/** A program: what an action calls it, where it was found, and the file it really is. */
export interface Program {
  readonly name: string
  readonly path: string
  readonly real: string
}

/** A tool as it is on this machine. */
export interface FoundTool {
  readonly name: string
  readonly identity: string
  readonly programs: readonly Program[]
  /** Shared libraries and other files that its programs read, as absolute paths. */
  readonly files: readonly string[]
}

/** Every action can call these. */
export const shellTool = tool({ name: "sh", debian: ["dash"] })
export const sandboxTool = tool({ name: "bwrap", debian: ["bubblewrap"] })

/** The tools of this machine. */
export class Toolbox {
  readonly #journal: Journal
  readonly #directories: readonly string[]
  readonly #found = new Map<Tool, FoundTool | undefined>()

  /** `path` is a PATH; the usual directories are looked in besides, since an ordinary user's lacks /usr/sbin. */
  constructor(journal: Journal, path: string) {
    this.#journal = journal
    this.#directories = [...new Set([...path.split(delimiter).filter(Boolean), "/usr/bin", "/usr/sbin", "/bin", "/sbin"])]
  }

  /** The tool as it is here, or undefined if a program of it is missing. */
  find(tool: Tool): FoundTool | undefined {
    if (!this.#found.has(tool)) this.#found.set(tool, this.#look(tool))
    return this.#found.get(tool)
  }

  /** The tools of an action, the shell among them. They must have been found (see `missing`). */
  forAction({ tools }: Action): readonly FoundTool[] {
    return [shellTool, ...tools].map((tool) => {
      const found = this.find(tool)
      if (found === undefined) throw new Error(`the tool ${tool.name} was not looked for`)
      return found
    })
  }

  /** What is missing of the tools that these targets declare. */
  missing(targets: readonly Target[], besides: readonly Tool[] = []): readonly MissingTool[] {
    const missing = new Map<string, { debian: readonly string[]; neededBy: string[] }>()
    const check = (tool: Tool, by: string) => {
      if (this.find(tool) !== undefined) return
      const known = missing.get(tool.name) ?? { debian: tool.debian, neededBy: [] }
      known.neededBy.push(by)
      missing.set(tool.name, known)
    }
    for (const tool of besides) check(tool, "every action")
    for (const { name, action } of targets) for (const tool of action?.tools ?? []) check(tool, name)
    return [...missing].map(([name, rest]) => ({ name, ...rest }))
  }

  #look(tool: Tool): FoundTool | undefined {
    const programs: Program[] = []
    for (const [name, candidates] of Object.entries(tool.programs)) {
      const path = this.#which(candidates)
      if (path === undefined) return undefined
      programs.push({ name, path, real: realpathSync(path) })
    }
    for (const file of tool.files) if (!isReadable(file)) return undefined
    const facts = programs.map((program) => this.#facts(program.real, tool))
    const isOneFile = programs.length === 1 && tool.files.length === 0
    const identity = isOneFile ? facts[0]?.identity : (facts.find(({ version }) => version !== "")?.version ?? digestOf(facts.map((fact) => fact.identity).join()))
    const libraries = new Set(facts.flatMap((fact) => fact.libraries))
    return { name: tool.name, identity: identity ?? "files", programs, files: [...libraries, ...tool.files] }
  }

  #which(candidates: readonly string[]): string | undefined {
    for (const candidate of candidates) {
      for (const directory of this.#directories) {
        const path = join(directory, candidate)
        if (isReadable(path, constants.X_OK) && statSync(path).isFile()) return path
      }
    }
    return undefined
  }

  #facts(real: string, tool: Tool): Facts {
    const stat = fileStat(real, statSync(real))
    const known = this.#journal.toolFacts(real, stat) as Facts | undefined
    if (known !== undefined) return known
    const facts: Facts = {
      identity: `sha256:${digestFile(real, statSync(real).size)}`,
      version: tool.debian.map(debianVersion).filter(Boolean).join(" "),
      libraries: [real, ...tool.files].flatMap(librariesOf),
    }
    this.#journal.recordToolFacts(real, stat, facts)
    return facts
  }
}

interface Facts {
  readonly identity: string
  readonly version: string
  readonly libraries: readonly string[]
}

function isReadable(path: string, mode: number = constants.R_OK): boolean {
  try {
    accessSync(path, mode)
    return true
  } catch {
    return false
  }
}

function answerOf(program: string, ...args: readonly string[]): string {
  try {
    return execFileSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] })
  } catch (thrown) {
    // ldd ends with 1 where one of several files is not dynamic, and still answers for the others.
    return String((thrown as { stdout?: string }).stdout ?? "")
  }
}

function debianVersion(name: string): string {
  const version = answerOf("dpkg-query", "-W", "-f", "${Version}", name)
  return version === "" ? "" : `${name}=${version}`
}

/** The shared libraries that a program, or the extension modules below a directory, are loaded with; the loader included. */
function librariesOf(path: string): string[] {
  const files = statSync(path).isDirectory() ? answerOf("find", path, "-name", "*.so", "-type", "f").split("\n").filter(Boolean) : [path]
  if (files.length === 0) return []
  const lines = answerOf("ldd", ...files).split("\n")
  return lines.flatMap((line) => /^\s.*?(\/\S+) \(0x/.exec(line)?.[1] ?? []).map((library) => normalize(library))
}

export const programNamed = (tools: readonly FoundTool[], name: string): string | undefined =>
  tools.flatMap(({ programs }) => programs).find((program) => program.name === name || basename(program.path) === name)?.path
