// What takes the room in a root file system: a table, a picture, and the figures for programs.

import { writeFileSync } from "node:fs"
import { sizeText } from "../../base/quantity.ts"
import { command } from "../../graph/command.ts"
import { layers, type Target, target } from "../../graph/target.ts"
import type { Packages } from "../package.ts"
import { closure } from "../recipe.ts"
import type { Looked } from "./parts.ts"
import { type Room, roomIn, roomOf } from "./room.ts"
import { tableLines } from "./table.ts"
import { treemapOf } from "./treemap.ts"

/** Shows the table; the picture lies beside it in image/TRIPLE. */
export function sizeTarget(from: Packages, { packages }: Looked): Target {
  const { triple } = from.machine
  const recipes = from.installed(closure(packages))
  const names = recipes.map(({ name }) => name)
  const { without } = from.runtime(packages)
  const measured = target({
    name: `${triple}/size.txt`,
    about: `what takes the room in the root file system for ${triple}`,
    inputs: { packages: recipes.map((recipe) => layers([from.left(recipe)], without)) },
    outputs: {
      table: `image/${triple}/size.txt`,
      picture: `image/${triple}/size.svg`,
      figures: `image/${triple}/size.json`,
    },
    module: import.meta.url,
    parameters: JSON.stringify({ triple, names }),
    call: async ({ packages }, { table, picture, figures }) => {
      const parts = packages.map((path, i) => roomIn(names[i] ?? "", path)).filter(({ files }) => files > 0)
      const whole = roomOf(`root file system of ${triple}`, parts)
      writeFileSync(table, `${sizeLines(whole).join("\n")}\n`)
      writeFileSync(picture, await treemapOf(whole))
      writeFileSync(figures, `${JSON.stringify(whole)}\n`)
    },
  })
  return target({
    name: `${triple}/size`,
    about: "what takes the room in the root file system: a table, and a picture in image/",
    inputs: { table: measured.outputs.table, picture: measured.outputs.picture },
    session: ({ table }) => command("cat", table),
  })
}

const leastShare = 0.01
const mostDepth = 4

const columns = [
  { title: "size", isRight: true },
  { title: "share", isRight: true },
  { title: "files", isRight: true },
  { title: "what" },
]

/** The table: every package, and in it what takes a hundredth of the whole at least. */
export function sizeLines(whole: Room): readonly string[] {
  const rows = whole.parts.flatMap((part) => rowsOf(part, whole, 0))
  return [`${whole.name}: ${sizeText(whole.sizeBytes)} in ${whole.files} files`, "", ...tableLines(columns, rows)]
}

function rowsOf(room: Room, whole: Room, depth: number): readonly (readonly string[])[] {
  const share = room.sizeBytes / Math.max(1, whole.sizeBytes)
  const own = [
    sizeText(room.sizeBytes),
    `${(share * 100).toFixed(1)} %`,
    String(room.files),
    `${"  ".repeat(depth)}${room.name}`,
  ]
  const shown = depth < mostDepth ? room.parts.filter(({ sizeBytes }) => sizeBytes >= leastShare * whole.sizeBytes) : []
  return [own, ...shown.flatMap((part) => rowsOf(part, whole, depth + 1))]
}
