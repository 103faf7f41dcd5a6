// The build machine's tools: where they are, what they are, and what they need to run. A tool's identity is its program's
// digest, or, where it is more than one file, its Debian package's version. All is remembered by the programs' stats.

import { basename, join } from "node:path"
import { digestFile, digestOf } from "../base/digest.ts"
import { followedIfThere, ifThere, isAllowed } from "../base/files.ts"
import { constants, readdirSync, realpathSync, statSync } from "../base/fs.ts"
import { answerOf } from "../base/process.ts"
import type { MissingTool } from "../graph/errors.ts"
import { type Action, rootOf, type Target } from "../graph/target.ts"
import { programDirectories, type Tool, tool } from "../graph/tool.ts"
import type { Journal } from "../store/journal.ts"
import type { Search } from "../store/remembered.ts"
import { absentStat, type FileStat, fileStat, isSame } from "../store/stat.ts"
import { librariesOf } from "./libraries.ts"

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

type Located = Pick<FoundTool, "programs" | "files">

/** Every action can call these. */
export const shellTool = tool({ name: "sh", debian: ["dash"] })
export const sandboxTool = tool({ name: "bwrap", debian: ["bubblewrap"] })

/** The tools of this machine. */
export class Toolbox {
  readonly #journal: Journal
  readonly #directories: readonly string[]
  readonly #found = new Map<Tool, FoundTool | undefined>()
  readonly #located = new Map<Tool, Located | undefined>()
  /** What the programs of those that were found are. */
  readonly #stats = new Map<Tool, readonly FileStat[]>()
  readonly #absent = new Set<string>()
  /** How many of the directories were looked into. */
  #searched = 0

  /** `path` is a PATH. */
  constructor(journal: Journal, path: string) {
    this.#journal = journal
    this.#directories = programDirectories(path)
  }

  /** Where it was looked for tools, and where they were not. */
  get search(): Search {
    return {
      tools: [...this.#found.keys()].map(({ name }) => name),
      directories: this.#directories.slice(0, this.#searched),
      absent: [...this.#absent],
    }
  }

  /** The tool as it is here, or undefined if a program of it is missing. */
  find(tool: Tool): FoundTool | undefined {
    if (!this.#found.has(tool)) this.#found.set(tool, this.#look(tool))
    return this.#found.get(tool)
  }

  /** The tools of an action, the shell among them; none of one that has a root of its own. They must have been found (see `missing`). */
  forAction(action: Action): readonly FoundTool[] {
    return toolsOf(action).map((tool) => {
      const found = this.find(tool)
      if (found === undefined) throw new Error(`the tool ${tool.name} was not looked for`)
      return found
    })
  }

  /** A tool of an action that is no longer what was found: somebody installed another version meanwhile. */
  changed = (action: Action): Tool | undefined =>
    toolsOf(action).find((tool) => !this.#stats.get(tool)?.every((stat) => isSame(statOf(stat[0]), stat)))

  /** What is missing of the tools that these targets declare. */
  missing(targets: readonly Target[], besides: readonly Tool[] = []): readonly MissingTool[] {
    const missing = new Map<string, { debian: readonly string[]; neededBy: string[]; other: string | undefined }>()
    const check = (tool: Tool, by: string) => {
      if (this.locate(tool) !== undefined) return
      const known = missing.get(tool.name) ?? { debian: tool.debian, neededBy: [], other: this.#otherVersion(tool) }
      known.neededBy.push(by)
      missing.set(tool.name, known)
    }
    for (const tool of besides) check(tool, "every action")
    for (const { name, action } of targets) for (const tool of action?.tools ?? []) check(tool, name)
    return [...missing].map(([name, rest]) => ({ name, ...rest }))
  }

  /** Where a tool's programs and files are; what they are is not looked at. */
  locate(tool: Tool): Located | undefined {
    if (!this.#located.has(tool)) this.#located.set(tool, this.#locate(tool))
    return this.#located.get(tool)
  }

  #locate(tool: Tool): Located | undefined {
    const programs: Program[] = []
    for (const [name, candidates] of Object.entries(tool.programs)) {
      const path = this.#which(candidates)
      if (path === undefined) return undefined
      programs.push({ name, path, real: realpathSync(path) })
    }
    const files = tool.files.map(expand)
    return files.some((paths) => paths.length === 0) ? undefined : { programs, files: files.flat() }
  }

  #look(tool: Tool): FoundTool | undefined {
    const located = this.locate(tool)
    if (located === undefined) return undefined
    const { programs, files } = located
    // By the names under which they are found: a link may lead elsewhere later, or be gone.
    const paths = programs.length > 0 ? programs.map(({ path }) => path) : files.slice(0, 1)
    const reals = programs.map(({ real }) => real)
    const stats = paths.map(statOf)
    this.#stats.set(tool, stats)
    const record = (facts: Facts): Facts => {
      this.#journal.recordToolFacts(tool.name, stats, facts)
      return facts
    }
    let all: readonly string[] | undefined
    let facts =
      (this.#journal.toolFacts(tool.name, stats) as Facts | undefined) ??
      record({ identity: identityOf(tool, located) })
    return {
      name: tool.name,
      identity: facts.identity,
      programs,
      get files() {
        if (facts.libraries === undefined) facts = record({ ...facts, libraries: librariesOf([...reals, ...files]) })
        all ??= [...(facts.libraries ?? []), ...files]
        return all
      },
    }
  }

  /** What is here of a tool whose programs are named with their version (`clang-19`), in another one. */
  #otherVersion({ programs }: Tool): string | undefined {
    for (const [, name] of Object.values(programs).flatMap((names) =>
      names.map((one) => /^(.+)-\d+$/.exec(one) ?? []),
    )) {
      const path = name === undefined ? undefined : this.#versions(name)[0]
      if (path !== undefined) return `${answerOf(path, "--version").split("\n")[0]} (${path})`
    }
    return undefined
  }

  /** Programs of this name, with any version or none. */
  #versions(name: string): readonly string[] {
    const test = new RegExp(`^${name.replace(/[.+]/g, "\\$&")}(-\\d+)?$`)
    return this.#directories.flatMap((directory) =>
      (ifThere(() => readdirSync(directory)) ?? [])
        .filter((entry) => test.test(entry))
        .map((entry) => join(directory, entry)),
    )
  }

  #which(candidates: readonly string[]): string | undefined {
    for (const candidate of candidates) {
      for (const [i, directory] of this.#directories.entries()) {
        const path = join(directory, candidate)
        this.#searched = Math.max(this.#searched, i + 1)
        if (isAllowed(path, constants.X_OK) && statSync(path).isFile()) return path
        this.#absent.add(path)
      }
    }
    return undefined
  }
}

const toolsOf = (action: Action): readonly Tool[] => (rootOf(action) === undefined ? [shellTool, ...action.tools] : [])

/** Of what a path leads to. */
function statOf(path: string): FileStat {
  const stat = followedIfThere(path)
  return stat === undefined ? absentStat(path) : fileStat(path, stat)
}

interface Facts {
  readonly identity: string
  /** Undefined until a sandbox wanted them. */
  readonly libraries?: readonly string[]
}

/** The digest of a tool that is one file; the version of what brings any other. */
function identityOf({ debian }: Tool, { programs, files }: Located): string {
  const digests = () => programs.map(({ real }) => `sha256:${digestFile(real, statSync(real).size)}`)
  if (programs.length === 1 && files.length === 0) return digests().join()
  const versions = debian.map(debianVersion).filter(Boolean)
  return versions.length > 0 ? versions.join(" ") : digestOf(digests().join())
}

/** The paths that a pattern stands for: `*` within one name. */
function expand(pattern: string): readonly string[] {
  const found = pattern
    .split("/")
    .slice(1)
    .reduce<readonly string[]>((paths, name) => paths.flatMap((path) => below(path, name)), [""])
  return found.filter((path) => isAllowed(path))
}

function below(path: string, name: string): readonly string[] {
  if (!name.includes("*")) return [`${path}/${name}`]
  const test = new RegExp(`^${name.replace(/[.+]/g, "\\$&").replaceAll("*", ".*")}$`)
  return (ifThere(() => readdirSync(path || "/")) ?? [])
    .filter((entry) => test.test(entry))
    .map((entry) => `${path}/${entry}`)
}

function debianVersion(name: string): string {
  const version = answerOf("dpkg-query", "-W", "-f", "${Version}", name)
  return version === "" ? "" : `${name}=${version}`
}

export const programNamed = (tools: readonly Pick<FoundTool, "programs">[], name: string): string | undefined =>
  tools.flatMap(({ programs }) => programs).find((program) => program.name === name || basename(program.path) === name)
    ?.path
