// What comes from the network. Every such target is made here, so that all of them can be found in a graph, whatever needs them.

import { graphOf } from "../graph/graph.ts"
import type { Running } from "../graph/running.ts"
import { file, type Target, target } from "../graph/target.ts"

/** Whoever was asked has answered, and does not have it: asking again would not change that. */
export class Refused extends Error {}

/** A target that brings one file from elsewhere. */
export type Download = Target<{ archive: ReturnType<typeof file> }> & { readonly isDownload: true }

/** What is said of one. */
export interface DownloadOptions {
  /** Of what it brings; it becomes part of the target's name. */
  readonly name: string
  readonly about: string
  readonly where?: string | undefined
  /** `import.meta.url` of the module that brings it. */
  readonly module: string
  /** What it must be. Where it comes from does not count. */
  readonly parameters: string
  readonly expectedMs: number
  /** Puts it at `path`. */
  readonly bring: (path: string, running: Running) => Promise<void>
}

/** Declares a download. */
export const downloadTarget = ({ name, bring, ...options }: DownloadOptions): Download =>
  Object.assign(
    target({
      ...options,
      name: `source/${name}/download`,
      outputs: { archive: file() },
      call: (_, { archive }, running) => bring(archive, running),
    }),
    { isDownload: true } as const,
  )

/** The downloads among these targets and all that they need. */
export const downloadsOf = (wanted: readonly Target[]): readonly Target[] =>
  graphOf(wanted).targets.filter((target) => "isDownload" in target)
