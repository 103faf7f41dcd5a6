// What lies where an output is to be, and was left by no build, is somebody's work: it is moved out of the way, not written over.

import { join } from "node:path"
import { makeParent, statIfThere, walk } from "../base/files.ts"
import { mkdtempSync } from "../base/fs.ts"
import type { Target } from "../graph/target.ts"
import { moveTo } from "../store/place.ts"
import type { Workspace } from "./workspace.ts"

/** Moves such things into a directory of this build; `tell` hears of the first. */
export class Aside {
  readonly #workspace: Workspace
  readonly #tell: (path: string, directory: string) => void
  #directory: string | undefined
  #left: ReadonlySet<string> | undefined

  constructor(workspace: Workspace, tell: (path: string, directory: string) => void) {
    this.#workspace = workspace
    this.#tell = tell
  }

  /** Clears the places of a target's outputs. */
  clear({ name, outputs }: Target): void {
    const { journal } = this.#workspace
    const before = journal.built(name)?.placed
    for (const { name, at, form } of Object.values(outputs)) {
      if (at === undefined || form === "layer" || before?.[name]?.[0]?.[0] === at) continue
      if (this.#isStrange(at)) this.#move(at)
    }
  }

  /** Whether something is there that no build has left; directories alone are nothing. */
  #isStrange(at: string): boolean {
    const path = join(this.#workspace.root, at)
    const stat = statIfThere(path)
    if (stat === undefined) return false
    if (!stat.isDirectory()) return !this.#known.has(at)
    return [...walk(path)].some((one) => !one.stat.isDirectory() && !this.#known.has(`${at}/${one.path}`))
  }

  get #known(): ReadonlySet<string> {
    this.#left ??= new Set(
      [...this.#workspace.journal.targets()].flatMap(([, { placed }]) =>
        Object.values(placed).flatMap((files) => files.map(([path]) => path)),
      ),
    )
    return this.#left
  }

  #move(at: string): void {
    const own = join(".hashmake", "aside-")
    if (this.#directory === undefined) {
      this.#directory = mkdtempSync(join(this.#workspace.root, own))
      this.#tell(at, this.#directory.slice(this.#workspace.root.length + 1))
    }
    const to = join(this.#directory, at)
    makeParent(to)
    moveTo(to, join(this.#workspace.root, at))
  }
}
