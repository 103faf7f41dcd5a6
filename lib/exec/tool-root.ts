// What a sandbox has at /usr: the declared tools' files, and nothing else. Mounting each of them would cost the square of their number
// in every sandbox that is made (bubblewrap reads the list of all mounts after each), so small files are copied, once, into a tree of
// the store that is mounted as a whole; directories and large files are mounted over it.

import { dirname, join, relative } from "node:path"
import { followedIfThere, isAllowed } from "../base/files.ts"
import { fingerprintOf } from "../base/fingerprint.ts"
import { constants, statSync } from "../base/fs.ts"
import { type Content, parents, type TreeEntry } from "../store/content.ts"
import type { Journal } from "../store/journal.ts"
import { fileStat, formOf } from "../store/stat.ts"
import type { Store } from "../store/store.ts"
import type { ToolRoot } from "./sandbox.ts"
import type { FoundTool } from "./tools.ts"

/** Where a sandbox has something, and where that is on this machine, or, of a link, what it names. */
type Placed = readonly [at: string, to: string]

type Parts = Readonly<Record<"copied" | "mounted" | "links", readonly Placed[]>>

/** A file of up to this many bytes is copied. */
const largestCopyBytes = 8 << 20

export class ToolRoots {
  readonly #store: Store
  readonly #journal: Journal
  readonly #made = new Map<string, Promise<ToolRoot>>()

  constructor(store: Store, journal: Journal) {
    this.#store = store
    this.#journal = journal
  }

  /** The root that holds these tools and no other program; made when it is first asked for. */
  rootOf(tools: readonly FoundTool[]): Promise<ToolRoot> {
    const name = tools.map(({ name, identity }) => `${name} ${identity}`).join("\n")
    const made = this.#made.get(name) ?? this.#make(name, tools)
    this.#made.set(name, made)
    return made
  }

  async #make(name: string, tools: readonly FoundTool[]): Promise<ToolRoot> {
    const { files, links } = filesOf(tools)
    const isCopied = ([at, from]: Placed) => isBelowUsr(at) && isSmallFile(from)
    const copied = files.filter(isCopied)
    const made = await this.#treeOf(name, { copied, mounted: files.filter((file) => !isCopied(file)), links })
    const [program] = copied.filter(([, from]) => isAllowed(from, constants.X_OK))
    if (program === undefined || isAllowed(join(made.usr, below(program[0])), constants.X_OK)) return made
    // Nothing may be run from the file system that the store lies on.
    return this.#treeOf(name, { copied: [], mounted: files, links })
  }

  async #treeOf(name: string, parts: Parts): Promise<ToolRoot> {
    const { copied, mounted, links } = parts
    const stats = copied.map(([, from]) => fileStat(from, statSync(from)))
    const fact = `root ${fingerprintOf([name, ...[...copied, ...mounted, ...links].flat()].join("\n"))}`
    let content = this.#journal.toolFacts(fact, stats) as Content | undefined
    if (content === undefined || !this.#store.has(content)) {
      content = this.#store.takeListing(listOf(this.#store, parts))
      this.#journal.recordToolFacts(fact, stats, content)
    }
    const usr = await this.#store.checkout(content.digest)
    return { usr, mounts: mounted.map(([at, from]) => ({ from, at })) }
  }
}

const isBelowUsr = (at: string): boolean => at.startsWith("/usr/")
const below = (at: string): string => relative("/usr", at)

/** Whether a file is copied. One that may be run and not read is not; one that is gone is bubblewrap's to complain of. */
export function isSmallFile(path: string): boolean {
  const stat = followedIfThere(path)
  return stat?.isFile() === true && stat.size <= largestCopyBytes && isAllowed(path)
}

const isDirectory = (path: string): boolean => followedIfThere(path)?.isDirectory() === true

/** A tree for /usr: the copies, the links, and for each mount something to mount upon. */
function listOf(store: Store, { copied, mounted, links }: Parts): readonly TreeEntry[] {
  const over = mounted.filter(([at]) => isBelowUsr(at))
  const directories = over.filter(([, from]) => isDirectory(from))
  const others = over.filter(([, from]) => !isDirectory(from))
  const leaves = [
    ...copied.map(([at, from]) => ({ path: below(at), ...store.takeCopy(from, formOf(statSync(from).mode)) })),
    ...others.map(([at]) => ({ path: below(at), ...store.takeText("") })),
    ...links.map(([at, to]) => ({ path: below(at), form: "link", to })),
  ] as readonly TreeEntry[]
  const tops = ["bin", "lib", "lib64", ...directories.map(([at]) => below(at))]
  const paths = new Set([...tops, ...[...tops, ...leaves.map(({ path }) => path)].flatMap(parents)])
  return [...[...paths].map((path) => ({ path, form: "directory" as const })), ...leaves]
}

/** The merged /usr of most systems: what is named below /lib lies below /usr/lib. */
const merged = (path: string): string =>
  path.replace(/^\/(bin|sbin|lib|lib64)\//, "/usr/$1/").replace(/^\/usr\/sbin\//, "/usr/bin/")

/** Where a sandbox has the tools' files, and the links to them. */
function filesOf(tools: readonly FoundTool[]): Readonly<Record<"files" | "links", readonly Placed[]>> {
  const files = new Map<string, string>()
  const links = new Map<string, string>([["/usr/sbin", "bin"]])
  for (const { programs, files: others } of tools) {
    for (const { name, real } of programs) {
      files.set(merged(real), real)
      if (merged(real) !== `/usr/bin/${name}`) links.set(`/usr/bin/${name}`, merged(real))
    }
    for (const file of others) files.set(merged(file), file)
  }
  return {
    files: [...files].filter(([at]) => !hasParent(at, files)),
    links: [...links].filter(([at]) => !files.has(at)),
  }
}

function hasParent(path: string, files: ReadonlyMap<string, string>): boolean {
  for (let at = dirname(path); at !== "/"; at = dirname(at)) if (files.has(at)) return true
  return false
}
