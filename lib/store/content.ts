// What an output is: one file or one tree, by digest. A tree is a text that lists its paths in order; its digest is that of
// the text. Modes are reduced to "executable or not", owners and times are left out: they are not content.

import { type Digest, digestOf } from "../base/digest.ts"

/** A file (`exec`: an executable one) or a tree, by digest; `sizeBytes` is that of the file, or of the listing. */
export interface Content {
  readonly form: "file" | "exec" | "tree"
  readonly digest: Digest
  readonly sizeBytes: number
}

/** One path of a tree, below its root, with `/`. */
export type TreeEntry =
  | { readonly path: string; readonly form: "file" | "exec"; readonly digest: Digest; readonly sizeBytes: number }
  | { readonly path: string; readonly form: "link"; readonly to: string }
  | { readonly path: string; readonly form: "directory" }

/** Sorted by path in UTF-16 units, so that a directory comes before what is in it. */
export type Listing = readonly TreeEntry[]

const head = "hashmake tree 1"

export const sortListing = (entries: readonly TreeEntry[]): Listing =>
  [...entries].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))

export function listingText(listing: Listing): string {
  const lines = listing.map((entry) => {
    if (entry.form === "directory") return `directory ${JSON.stringify(entry.path)}`
    if (entry.form === "link") return `link ${JSON.stringify(entry.path)} ${JSON.stringify(entry.to)}`
    return `${entry.form} ${entry.digest} ${entry.sizeBytes} ${JSON.stringify(entry.path)}`
  })
  return `${[head, ...lines].join("\n")}\n`
}

/** The listing that a text holds; undefined for anything that `listingText` did not write. */
export function parseListing(text: string): Listing | undefined {
  const lines = text.split("\n")
  if (lines.shift() !== head || lines.pop() !== "") return undefined
  const entries = lines.map(parseEntry)
  return entries.every((entry) => entry !== undefined) ? entries : undefined
}

function parseEntry(line: string): TreeEntry | undefined {
  try {
    const [, form = "", rest = ""] = /^(\w+) (.*)$/.exec(line) ?? []
    if (form === "directory") return { form, path: JSON.parse(rest) }
    if (form === "link") {
      const [path, to] = JSON.parse(`[${rest.replace(/^("(?:[^"\\]|\\.)*") /, "$1,")}]`)
      return { form, path, to }
    }
    const [, digest, size, path = ""] = /^([0-9a-f]{64}) (\d+) (".*")$/.exec(rest) ?? []
    if (digest === undefined || (form !== "file" && form !== "exec")) return undefined
    return { form, digest: digest as Digest, sizeBytes: Number(size), path: JSON.parse(path) }
  } catch {
    return undefined
  }
}

/** What a listing is as content. */
export function contentOf(listing: Listing): Content {
  const text = listingText(listing)
  return { form: "tree", digest: digestOf(text), sizeBytes: Buffer.byteLength(text) }
}

/** A path that two trees both hold, and not as a directory. */
export interface Conflict {
  readonly path: string
  readonly first: number
  readonly second: number
}

/** Lays trees over each other. Gives the first conflict instead, with the places of the two trees in the list. */
export function mergeListings(listings: readonly Listing[], without: readonly string[]): Listing | Conflict {
  const isLeftOut = matcher(without)
  const merged = new Map<string, { entry: TreeEntry; from: number }>()
  for (const [from, listing] of listings.entries()) {
    for (const entry of listing) {
      if (isLeftOut(entry.path)) continue
      const other = merged.get(entry.path)
      if (other === undefined) merged.set(entry.path, { entry, from })
      else if (entry.form !== "directory" || other.entry.form !== "directory")
        return { path: entry.path, first: other.from, second: from }
    }
  }
  const below = [...merged.values()].map(({ entry }) => entry)
  return sortListing(without.length > 0 ? withoutEmptied(below, listings.flat()) : below)
}

export const isConflict = (merged: Listing | Conflict): merged is Conflict => "first" in merged

/** Drops directories that held something, all of which was left out. */
function withoutEmptied(kept: readonly TreeEntry[], all: Listing): readonly TreeEntry[] {
  const held = new Set(all.flatMap(({ path }) => parents(path)))
  const leaves = kept.filter(({ form, path }) => form !== "directory" || !held.has(path))
  const needed = new Set(leaves.flatMap(({ path }) => [path, ...parents(path)]))
  return kept.filter(({ path }) => needed.has(path))
}

export function parents(path: string): string[] {
  const found: string[] = []
  for (let slash = path.lastIndexOf("/"); slash > 0; slash = path.lastIndexOf("/", slash - 1))
    found.push(path.slice(0, slash))
  return found
}

/** Tests paths against patterns: `*` within a name, `**` across names; whatever lies below a match matches too. */
export function matcher(patterns: readonly string[]): (path: string) => boolean {
  if (patterns.length === 0) return () => false
  const source = patterns.map((pattern) =>
    pattern
      .replace(/[.+^${}()|[\]\\?]/g, "\\$&")
      .replace(/\*\*\/|\*\*|\*/g, (stars) => (stars === "*" ? "[^/]*" : stars === "**" ? ".*" : "(?:.*/)?")),
  )
  const test = new RegExp(`^(?:${source.join("|")})(?:/|$)`)
  return (path) => test.test(path)
}
