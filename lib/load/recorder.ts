// Notes what a Buildfile reads while it is evaluated. Whether that is still so is asked more often, and elsewhere: see reads.ts.

import { setTimeout as sleep } from "node:timers/promises"
import { followedIfThere, readIfThere } from "../base/files.ts"
import { type Fingerprint, fingerprintOf } from "../base/fingerprint.ts"
import { modulesFrom, packageFiles } from "../base/modules.ts"
import type { Reads } from "../graph/buildfile.ts"
import { source } from "../graph/target.ts"
import { grainMs } from "../store/stat.ts"
import { isSettled, listedAnew, lookFor, type Stamp, stampFrom, type Taken, type TakenGlob } from "./reads.ts"

/** What a Buildfile may read, and a note of what it did read. */
export interface Recorder extends Reads {
  /** Looks at the modules, which takes a while: the sooner, the better. */
  look(): void
  /** What was read, once what was built is placed. */
  taken(): Promise<Taken>
}

/** A recorder for the Buildfile at `buildfile` of the workspace `root`. */
export function recorder(root: string, buildfile: string): Recorder {
  const environment: Record<string, string | null> = {}
  const globs = new Map<string, TakenGlob>()
  let modules: readonly Stamp[] | undefined
  const look = () => {
    modules ??= stampsOf(buildfile)
    return modules
  }
  return {
    files(pattern) {
      const { paths, glob } = lookFor(root, pattern)
      globs.set(pattern, glob)
      return paths.map(source)
    },
    environment(variable) {
      environment[variable] = process.env[variable] ?? null
      return process.env[variable]
    },
    look,
    taken: async () => {
      const known = look()
      // What was built may have been put into the directories that were listed.
      const now = [...globs.values()].map((glob) => listedAnew(glob, root) ?? glob)
      if (now.every(isSettled)) return { modules: known, environment, globs: now }
      await sleep(grainMs)
      return { modules: known, environment, globs: now.map((glob) => listedAnew(glob, root) ?? glob) }
    },
  }
}

function stampsOf(buildfile: string): Stamp[] {
  const { files, packages } = modulesFrom(buildfile)
  const texts = new Map([...packageFiles({ packages }).map((path) => [path, readIfThere(path)] as const), ...files])
  return [...texts].map(([path, text = ""]) => stampNow(path, text))
}

/** What a module with this text is; of one that may not be what this process has loaded, what none is. */
function stampNow(path: string, text: string): Stamp {
  const stat = followedIfThere(path)
  const isLater = stat !== undefined && Math.max(stat.mtimeMs, stat.ctimeMs) >= performance.timeOrigin
  return isLater ? [path, "later", "" as Fingerprint] : [path, stampFrom(stat), fingerprintOf(text)]
}
