// The action cache: what the action of a key produced, with the manifest that the key is the digest of. A result whose
// checksum or key does not fit is dropped and said; the action then runs again.

import { type Digest, digestOf, isDigest } from "../base/digest.ts"
import type { Usage } from "../graph/event.ts"
import type { Key } from "../graph/manifest.ts"
import type { Content } from "./content.ts"
import type { Store } from "./store.ts"

/** What an action produced. */
export interface Result {
  readonly outputs: Readonly<Record<string, Content>>
  readonly durationMs: number
  readonly usage?: Usage | undefined
  readonly manifest: string
}

const head = "hashmake result 1"

/** The result of a key, if there is one that is sound; whether its contents are still stored is another question. */
export function resultOf(store: Store, key: Key): Result | undefined {
  const text = store.records.read("result", key)
  if (text === undefined) return undefined
  const result = parseResult(text, key)
  if (result === undefined) {
    store.records.drop("result", key)
    return undefined
  }
  store.records.touch("result", key)
  for (const { digest } of Object.values(result.outputs)) store.use(digest)
  return result
}

const discoveredHead = "hashmake discovered 1"
/** So many sets of discovered inputs are remembered for the same declared ones. */
const mostSets = 8

/** What actions with this key of declared inputs have read besides, as sets of paths; the newest first. */
export function discoveredSets(store: Store, declared: Key): readonly (readonly string[])[] {
  const text = store.records.read("discovered", declared)
  if (text === undefined) return []
  if (isDiscovered(text)) {
    store.records.touch("discovered", declared)
    const [, ...lines] = text.split("\n")
    return lines.filter(Boolean).map((line) => JSON.parse(line))
  }
  store.records.drop("discovered", declared)
  return []
}

/** Whether a text is what `recordDiscovered` wrote. */
export function isDiscovered(text: string): boolean {
  const end = text.indexOf("\n")
  return text.slice(0, end) === `${discoveredHead} ${digestOf(text.slice(end + 1))}`
}

/** Remembers one more set. */
export function recordDiscovered(store: Store, declared: Key, paths: readonly string[]): void {
  const line = JSON.stringify(paths)
  const before = discoveredSets(store, declared).map((set) => JSON.stringify(set))
  if (before[0] === line) return
  const body = [line, ...before.filter((one) => one !== line)].slice(0, mostSets).join("\n")
  store.records.write("discovered", declared, `${discoveredHead} ${digestOf(body)}\n${body}`)
}

export function recordResult(store: Store, key: Key, { outputs, durationMs, usage, manifest }: Result): void {
  const body = `${JSON.stringify({ durationMs: Math.round(durationMs), usage, outputs })}\n${manifest}`
  store.records.write("result", key, `${head} ${digestOf(body)}\n${body}`)
}

/** What `recordResult` wrote under a key; undefined for anything else. */
export function parseResult(text: string, key: Digest): Result | undefined {
  const [first = "", ...rest] = text.split("\n")
  const body = rest.join("\n")
  if (first !== `${head} ${digestOf(body)}`) return undefined
  try {
    const { outputs, durationMs, usage } = JSON.parse(rest[0] ?? "") as Omit<Result, "manifest">
    const sound = Object.values(outputs).every(({ digest }) => isDigest(digest as Digest))
    const manifest = rest.slice(1).join("\n")
    return sound && digestOf(manifest) === key ? { outputs, durationMs, usage, manifest } : undefined
  } catch {
    return undefined
  }
}
