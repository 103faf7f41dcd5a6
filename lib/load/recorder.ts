// Notes what a Buildfile reads while it is evaluated. Whether that is still so is asked more often, and elsewhere: see reads.ts.

import { readIfThere } from "../base/files.ts"
import { fingerprintOf } from "../base/fingerprint.ts"
import { modulesFrom } from "../base/modules.ts"
import type { Reads } from "../graph/buildfile.ts"
import { source } from "../graph/target.ts"
import { lookFor, type Stamp, stampOf, type Taken, type TakenGlob } from "./reads.ts"

/** What a Buildfile may read, and a note of what it did read. */
export interface Recorder extends Reads {
  taken(): Taken
}

/** A recorder for the Buildfile at `buildfile` of the workspace `root`. */
export function recorder(root: string, buildfile: string): Recorder {
  const environment: Record<string, string | null> = {}
  const globs = new Map<string, TakenGlob>()
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
    taken: () => ({ modules: stampsOf(buildfile), environment, globs: [...globs.values()] }),
  }
}

function stampsOf(buildfile: string): Stamp[] {
  const { files, packages } = modulesFrom(buildfile)
  const packed = [...packages.values()].flatMap((one) => (one === undefined ? [] : [one.manifest, ...one.code]))
  return [...new Set([...files.keys(), ...packed])].map((path) => [
    path,
    stampOf(path),
    fingerprintOf(readIfThere(path) ?? ""),
  ])
}
