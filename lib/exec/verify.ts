// Reads what targets left in the workspace against what the journal says that they gave. What somebody has changed since is none of its
// business: the next build sees that by the stat. What changed behind the stat's back is wrong.

import { join } from "node:path"
import type { Digest } from "../base/digest.ts"
import { digestAll, type ToRead } from "../base/digests.ts"
import { damagedOutput } from "../graph/errors.ts"
import type { Amount } from "../graph/upkeep.ts"
import type { Content } from "../store/content.ts"
import type { Built } from "../store/journal.ts"
import { isPlacedFile } from "../store/place.ts"
import { areAsLeft } from "../store/stat.ts"
import type { Store } from "../store/store.ts"
import type { VerifyOptions } from "../store/verify.ts"
import type { Machinery } from "./machinery.ts"

interface Placed extends ToRead {
  readonly target: string
  readonly at: string
  readonly digest: Digest
}

/** Verifies all outputs; to repair is to forget what a target left, so that the next build brings it anew. */
export async function verifyOutputs(
  { store, workspace }: Machinery,
  { isRepair, emit }: VerifyOptions,
): Promise<{ readonly outputs: Amount; readonly wrong: number }> {
  const files = [...workspace.journal.targets()].flatMap(([target, built]) =>
    placedFiles(store, workspace.root, target, built),
  )
  let outputs: Amount = { things: 0, sizeBytes: 0 }
  let wrong = 0
  await digestAll<Placed>(files, ({ target, at, digest, sizeBytes }, actual) => {
    outputs = { things: outputs.things + 1, sizeBytes: outputs.sizeBytes + sizeBytes }
    const { things: done, sizeBytes: bytes } = outputs
    emit({ type: "upkeep", words: "reading outputs", done, of: files.length, sizeBytes: bytes })
    if (actual === undefined || actual === digest) return
    wrong++
    emit({ type: "wrong", diagnostic: damagedOutput(target, at, digest, actual, isRepair) })
    if (isRepair) workspace.journal.forget(target)
  })
  return { outputs, wrong }
}

/** The regular files that a target left, as far as they are as it left them and it is known what is in them. */
function placedFiles(store: Store, root: string, target: string, { outputs, placed }: Built): readonly Placed[] {
  return Object.entries(placed).flatMap(([name, stats]) => {
    const content = outputs[name]
    const files = stats.filter(isPlacedFile)
    const digests = content === undefined ? [] : digestsIn(store, content)
    return files.flatMap((stat, i) => {
      const [at, sizeBytes] = stat
      const digest = files.length === digests.length ? digests[i] : undefined
      return digest !== undefined && areAsLeft(root, [stat])
        ? [{ target, at, path: join(root, at), sizeBytes, digest }]
        : []
    })
  })
}

/** Of each file, in the order in which place.ts notes them; undefined for a link. */
function digestsIn(store: Store, { form, digest }: Content): readonly (Digest | undefined)[] {
  if (form !== "tree") return [digest]
  const listing = store.listing(digest) ?? []
  return listing.flatMap((entry) =>
    entry.form === "directory" ? [] : [entry.form === "link" ? undefined : entry.digest],
  )
}
