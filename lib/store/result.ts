// The action cache: what the action of a key produced, with the manifest that the key is the digest of. A result whose
// checksum or key does not fit is dropped and said; the action then runs again.

import { type Digest, digestOf, isDigest } from "../base/digest.ts"
import type { Key } from "../graph/manifest.ts"
import type { Content } from "./content.ts"
import type { Store } from "./store.ts"

/** What an action produced. */
export interface Result {
  readonly outputs: Readonly<Record<string, Content>>
  readonly durationMs: number
  readonly manifest: string
}

const head = "hashmake result 1"

/** The result of a key, if there is one that is sound; whether its contents are still stored is another question. */
export function resultOf(store: Store, key: Key): Result | undefined {
  const text = store.readResult(key)
  if (text === undefined) return undefined
  const result = parse(text)
  if (result === undefined || digestOf(result.manifest) !== key) {
    store.dropResult(key)
    return undefined
  }
  return result
}

export function recordResult(store: Store, key: Key, { outputs, durationMs, manifest }: Result): void {
  const body = `${JSON.stringify({ durationMs: Math.round(durationMs), outputs })}\n${manifest}`
  store.writeResult(key, `${head} ${digestOf(body)}\n${body}`)
}

function parse(text: string): Result | undefined {
  const [first = "", ...rest] = text.split("\n")
  const body = rest.join("\n")
  if (first !== `${head} ${digestOf(body)}`) return undefined
  try {
    const { outputs, durationMs } = JSON.parse(rest[0] ?? "") as Omit<Result, "manifest">
    const sound = Object.values(outputs).every(({ digest }) => isDigest(digest as Digest))
    return sound ? { outputs, durationMs, manifest: rest.slice(1).join("\n") } : undefined
  } catch {
    return undefined
  }
}
