// What an action that says what it read sees of the workspace besides its inputs: whatever lies there, but of the directories that
// its outputs go into only what nobody makes, and what it needs. The outputs of others come and go while it runs.

import { dirname, join } from "node:path"
import { errorCode, statIfThere, walk } from "../base/files.ts"
import { readdirSync } from "../base/fs.ts"
import { isLogPath } from "../base/log-name.ts"
import type { Command } from "../graph/command.ts"
import { closureOf, type Makers } from "../graph/graph.ts"
import type { Target } from "../graph/target.ts"
import type { Order } from "./order.ts"
import type { Mount } from "./sandbox.ts"

const logs = "log"

/** Names in the workspace's directory of which no action sees the whole. */
const ownNames = new Set([".hashmake", ".git", logs])

/** The workspace during one build. */
export class Surroundings {
  readonly #root: string
  readonly #makers: Makers
  /** What nobody makes, by the directory: it is looked at once. */
  readonly #found = new Map<string, readonly string[]>()

  constructor(root: string, makers: Makers) {
    this.#root = root
    this.#makers = makers
  }

  get makers(): Makers {
    return this.#makers
  }

  /** What is mounted for the action of this target: files, and directories in which it writes nothing. */
  mountsFor(target: Target): readonly Mount[] {
    const opened = new Set(["."])
    const outputs = placesOf(target)
    for (const path of outputs) for (let at = dirname(path); at !== "."; at = dirname(at)) opened.add(at)
    const paths = new Set([...opened].flatMap((directory) => this.#unmadeIn(directory)))
    for (const need of closureOf(target, this.#makers)) {
      if (need !== target) for (const path of placesOf(need)) paths.add(outermost(path, opened))
    }
    for (const path of [...opened, ...outputs]) paths.delete(path)
    return [...paths].map((path) => ({ from: join(this.#root, path), at: `/project/${path}`, mayBeGone: true }))
  }

  #unmadeIn(directory: string): readonly string[] {
    const known = this.#found.get(directory)
    if (known !== undefined) return known
    const names = namesIn(join(this.#root, directory))
    const paths =
      directory === "."
        ? [...names.filter((name) => !ownNames.has(name)), ...besideLogs(this.#root)]
        : names.map((name) => `${directory}/${name}`)
    const unmade = paths.filter((path) => !this.#makers.isMade(path))
    this.#found.set(directory, unmade)
    return unmade
  }
}

/** What an action is shown of the workspace besides its inputs: in a sandbox, if it says afterwards what it read. */
export const surroundingsOf = (
  { bwrap, target, surroundings }: Pick<Order, "bwrap" | "target" | "surroundings">,
  command: Command | undefined,
): readonly Mount[] => (bwrap === undefined || command?.depfilePath === undefined ? [] : surroundings.mountsFor(target))

/** Where the outputs lie that are the target's alone. */
const placesOf = ({ outputs }: Target): readonly string[] =>
  Object.values(outputs).flatMap(({ at, form }) => (at === undefined || form === "layer" ? [] : [at]))

/** The path, or the outermost directory that it lies in and that is not opened. */
function outermost(path: string, opened: ReadonlySet<string>): string {
  let at = path
  while (!opened.has(dirname(at))) at = dirname(at)
  return at
}

/** The files that a project has where the logs are. */
function besideLogs(root: string): readonly string[] {
  if (statIfThere(join(root, logs))?.isDirectory() !== true) return []
  const found = [...walk(root, logs)].filter(({ path, stat }) => !stat.isDirectory() && !isLogPath(path))
  return found.map(({ path }) => path)
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory)
  } catch (thrown) {
    if (["ENOENT", "ENOTDIR"].includes(errorCode(thrown) ?? "")) return []
    throw thrown
  }
}
