// Two trees, bit for bit: which paths differ, and where in a file the first difference is. What a stored tree does not hold (owners,
// times) does not count.

import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs"
import { join } from "node:path"
import { isSameBut, placeIn } from "./elf.ts"

/** One path that is not the same in both trees. */
export interface TreeDifference {
  readonly path: string
  /** What differs; of the paths below one that is missing nothing is said. */
  readonly what: "missing" | "kind" | "link" | "mode" | "content"
  /** The two sides: a kind, a mode, where a link points to, sizes. */
  readonly sides: readonly [string, string]
  /** Of contents: the first byte that differs. */
  readonly first?: FirstDifference
}

/** The first byte that differs of two files, and what is there. */
export interface FirstDifference {
  readonly offset: number
  /** From the outside in: a member of an archive, a section of an ELF file. */
  readonly place: readonly string[]
  /** Some bytes from there, of both, in hexadecimal. */
  readonly bytes: readonly [string, string]
}

/** How many bytes are shown. */
const shownBytes = 16
const executable = 0o100

/** What differs, in the order of paths; sections of ELF files with the names in `except` do not count. */
export function compareTrees(first: string, second: string, except: readonly string[] = []): readonly TreeDifference[] {
  if (first === second) return []
  const found: TreeDifference[] = []
  compareDirectories({ first, second, except, found }, "")
  return found
}

/** Two trees, and what was found so far. */
interface Comparison {
  readonly first: string
  readonly second: string
  readonly except: readonly string[]
  readonly found: TreeDifference[]
}

function compareDirectories(comparison: Comparison, below: string): void {
  const { first, second, found } = comparison
  const namesIn = (root: string): ReadonlySet<string> => new Set(readdirSync(join(root, below)))
  const [own, others] = [namesIn(first), namesIn(second)]
  for (const name of [...new Set([...own, ...others])].sort()) {
    const path = below === "" ? name : `${below}/${name}`
    if (own.has(name) && others.has(name)) comparePaths(comparison, path)
    else
      found.push({
        path,
        what: "missing",
        sides: [own.has(name) ? "there" : "missing", others.has(name) ? "there" : "missing"],
      })
  }
}

const kindOf = (path: string): "directory" | "link" | "file" => {
  const stat = lstatSync(path)
  return stat.isDirectory() ? "directory" : stat.isSymbolicLink() ? "link" : "file"
}

const modeOf = (path: string): string => ((lstatSync(path).mode & executable) === 0 ? "file" : "executable")

function comparePaths(comparison: Comparison, path: string): void {
  const { first, second, except, found } = comparison
  const [a, b] = [join(first, path), join(second, path)]
  const [kind, other] = [kindOf(a), kindOf(b)]
  const differ = (what: TreeDifference["what"], of: (path: string) => string) => {
    const sides = [of(a), of(b)] as const
    if (sides[0] !== sides[1]) found.push({ path, what, sides })
  }
  if (kind !== other) differ("kind", kindOf)
  else if (kind === "directory") compareDirectories(comparison, path)
  else if (kind === "link") differ("link", (path) => readlinkSync(path))
  else {
    differ("mode", modeOf)
    const [own, others] = [readFileSync(a), readFileSync(b)]
    if (own.equals(others) || (except.length > 0 && isSameBut(except, own, others))) return
    const sides = [`${own.length} bytes`, `${others.length} bytes`] as const
    found.push({ path, what: "content", sides, first: firstDifference(own, others) })
  }
}

/** Where two files that are not the same differ first; at the end of the shorter one if it begins as the longer does. */
export function firstDifference(a: Buffer, b: Buffer): FirstDifference {
  const least = Math.min(a.length, b.length)
  let offset = 0
  while (offset < least && a[offset] === b[offset]) offset++
  const shown = (bytes: Buffer) => bytes.subarray(offset, offset + shownBytes).toString("hex")
  const longer = a.length >= b.length ? a : b
  return { offset, place: placeIn(longer, offset), bytes: [shown(a), shown(b)] }
}

/** A difference as lines of a log. */
export function differenceLines({ path, what, sides, first }: TreeDifference): readonly string[] {
  const head = `${path}: ${what}: ${sides.join(" | ")}`
  if (first === undefined) return [head]
  const place = first.place.length === 0 ? "" : `${first.place.join(", ")}, `
  return [head, `  ${place}offset ${first.offset}: ${first.bytes.map((bytes) => bytes || "(end)").join(" | ")}`]
}
