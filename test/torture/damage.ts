// What can happen to a store besides being used: things in it vanish, are cut off, or are written to. And whether all that has a
// name there is what its name says.

import { deepStrictEqual as same } from "node:assert"
import { createHash } from "node:crypto"
import { chmodSync, existsSync, lstatSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import fc from "fast-check"
import { statsBelow } from "./world.ts"

/** One thing that is done to one file below a room of the store. */
export interface Damage {
  readonly room: "blob" | "tree" | "result" | "checkout"
  readonly at: number
  readonly does: "remove" | "cut" | "poison" | "empty" | "lose"
}

export const damages: fc.Arbitrary<readonly Damage[]> = fc.array(
  fc.record(
    {
      room: fc.constantFrom<Damage["room"]>("blob", "tree", "result", "checkout"),
      at: fc.nat({ max: 30 }),
      does: fc.constantFrom<Damage["does"]>("remove", "cut", "poison", "empty", "lose"),
    },
    { noNullPrototype: true },
  ),
  { minLength: 1, maxLength: 3 },
)

/** Does it. `lose` takes the whole room. */
export function damage(store: string, { room, at, does }: Damage): void {
  const files = [...statsBelow(join(store, room))].filter(([, stat]) => stat.isFile()).map(([path]) => path)
  const name = files[at % Math.max(1, files.length)]
  if (does === "lose") return rmSync(join(store, room), { recursive: true, force: true })
  if (name === undefined) return
  const path = join(store, room, name)
  if (does === "remove") return rmSync(path)
  const { size } = lstatSync(path)
  chmodSync(path, 0o755)
  if (does === "poison") writeFileSync(path, "!".repeat(size + (at % 2)))
  else truncateSync(path, does === "empty" ? 0 : size >> 1)
}

/** Throws unless every blob and every listing has the digest that it is named by, and every result that of its text. */
export function storeIsSound(store: string): void {
  for (const room of ["blob", "tree", "result"]) {
    for (const [path, stat] of existsSync(join(store, room)) ? statsBelow(join(store, room)) : []) {
      if (!stat.isFile()) continue
      const bytes = readFileSync(join(store, room, path))
      const named = dirname(path) + basename(path).replace(/\.x$/, "")
      const sum = (what: Uint8Array) => createHash("sha256").update(what).digest("hex")
      if (room !== "result") same(sum(bytes), named, `${room}/${path}`)
      else
        same(sum(bytes.subarray(bytes.indexOf("\n") + 1)), /^hashmake result 1 (\w+)\n/.exec(String(bytes))?.[1], path)
    }
  }
}
