// How much room the files of a directory take, as a tree. Sizes are of contents, in bytes: links and directories take none.

import { walk } from "../../base/files.ts"

/** A package, a directory or a file, with what is in it: the largest first. */
export interface Room {
  readonly name: string
  readonly sizeBytes: number
  readonly files: number
  readonly parts: readonly Room[]
}

/** Something with what is in it. */
export function roomOf(name: string, parts: readonly Room[]): Room {
  const sum = (of: (part: Room) => number) => parts.reduce((all, part) => all + of(part), 0)
  const sorted = [...parts].sort((a, b) => b.sizeBytes - a.sizeBytes || (a.name < b.name ? -1 : 1))
  return { name, sizeBytes: sum(({ sizeBytes }) => sizeBytes), files: sum(({ files }) => files), parts: sorted }
}

/** What lies in a directory. A directory that holds nothing but another one is one with it. */
export function roomIn(name: string, directory: string): Room {
  const inside = new Map<string, Room[]>([["", []]])
  const directories: string[] = []
  for (const { path, stat } of walk(directory)) {
    if (stat.isDirectory()) {
      inside.set(path, [])
      directories.push(path)
    } else if (stat.isFile())
      inside.get(parentOf(path))?.push({ name: lastOf(path), sizeBytes: stat.size, files: 1, parts: [] })
  }
  // What is in a directory comes after it.
  for (const path of directories.reverse()) {
    const parts = inside.get(path) ?? []
    const [only] = parts
    if (only === undefined) continue
    const own = parts.length === 1 ? { ...only, name: `${lastOf(path)}/${only.name}` } : roomOf(lastOf(path), parts)
    inside.get(parentOf(path))?.push(own)
  }
  return roomOf(name, inside.get("") ?? [])
}

const lastOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1)
const parentOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf("/")))

/** The same with what is smaller put together, wherever that is more than one thing. */
export function pruned(room: Room, leastBytes: number): Room {
  const small = room.parts.filter(({ sizeBytes }) => sizeBytes < leastBytes)
  if (small.length < 2) return { ...room, parts: room.parts.map((part) => pruned(part, leastBytes)) }
  const rest = roomOf(`${small.length} more`, small)
  const large = room.parts.filter((part) => !small.includes(part)).map((part) => pruned(part, leastBytes))
  return { ...room, parts: [...large, { ...rest, parts: [] }] }
}
