// The licences of a system: what the recipes say, and the texts that the sources bring, in one directory.

import { globSync, writeFileSync } from "node:fs"
import { command, copy, shell } from "../../graph/command.ts"
import { layers, type Output, type Target, target, tree } from "../../graph/target.ts"
import type { Packages } from "../package.ts"
import type { Recipe } from "../recipe.ts"
import { baseTools } from "../tools.ts"
import { type Looked, type Part, partsOf } from "./parts.ts"
import { tableLines } from "./table.ts"

/** Shows the list; the texts lie beside it in image/TRIPLE. */
export function licensesTarget(from: Packages, looked: Looked): Target {
  const { triple } = from.machine
  const parts = partsOf(from, looked)
  const entries = parts.map(entryOf)
  const texts = target({
    name: `${triple}/licenses/texts`,
    about: `the texts of all licences for ${triple}`,
    inputs: { texts: layers(parts.flatMap(({ recipe }) => textsOf(from, recipe))) },
    outputs: { texts: tree(`image/${triple}/licenses`) },
    run: ({ texts: given }, { texts }) => copy(given, texts),
  })
  const listed = target({
    name: `${triple}/licenses.txt`,
    about: `the licences of all packages for ${triple}`,
    inputs: { texts: texts.outputs.texts },
    outputs: { table: `image/${triple}/licenses.txt`, list: `image/${triple}/licenses.json` },
    module: import.meta.url,
    parameters: JSON.stringify(entries),
    call: async ({ texts }, { table, list }) => {
      const all = entries.map((entry) => ({ ...entry, texts: filesIn(texts, entry.name) }))
      writeFileSync(table, `${licenseLines(all).join("\n")}\n`)
      writeFileSync(list, `${JSON.stringify(all, null, 2)}\n`)
    },
  })
  return target({
    name: `${triple}/licenses`,
    about: "the licence of every package, of what is linked into them and of the kernel; their texts in image/",
    inputs: { table: listed.outputs.table },
    session: ({ table }) => command("cat", table),
  })
}

/** What is told of a part; `texts` are paths below image/TRIPLE/licenses. */
export interface LicenseEntry {
  readonly name: string
  readonly version: string
  readonly license: string
  readonly role: Part["role"]
  readonly texts: readonly string[]
}

const entryOf = ({ recipe: { name, version, license }, role }: Part): Omit<LicenseEntry, "texts"> => ({
  ...{ name, version, license, role },
})

const filesIn = (root: string, name: string): readonly string[] =>
  globSync(`${name}/**`, { cwd: root, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`.slice(root.length + 1))
    .sort()

const columns = [{ title: "package" }, { title: "version" }, { title: "licence" }, { title: "is" }, { title: "texts" }]
/** Of more texts of one package the others are counted. */
const mostTexts = 3

/** The list as a person reads it. */
export function licenseLines(entries: readonly LicenseEntry[]): readonly string[] {
  const rows = entries.map(({ name, version, license, role, texts }) => {
    const more = texts.length > mostTexts ? [`${texts.length - mostTexts} more`] : []
    const shown = [...texts.slice(0, mostTexts), ...more].join(", ")
    return [name, version, license, role, shown || "none: no source but the recipe"]
  })
  return tableLines(columns, rows)
}

/** What a licence's text is usually called, as find(1) has it; code may be called so as well. */
const usual = ["copying*", "licen[cs]e*", "copyright*", "notice*"].map((name) => `-iname '${name}'`).join(" -o ")
const code = ["c", "h", "in", "pl", "py", "sh"].map((ending) => `! -name '*.${ending}'`).join(" ")

/** The texts of a package's source, below its name; none for a package that has no source. */
function textsOf(from: Packages, recipe: Recipe): readonly Output[] {
  const source = from.builds.source(recipe)
  if (source === undefined) return []
  const { name, where } = recipe
  const texts = target({
    name: `${from.machine.triple}/licenses/${name}`,
    about: `the licence's text of ${name}`,
    where,
    inputs: { source: source.unpacked.outputs.tree },
    outputs: { tree: tree() },
    tools: baseTools,
    run: ({ source }, { tree }) => shell(collectScript(source, tree, recipe), "collect the licence's text"),
  })
  return [texts.outputs.tree]
}

const collectScript = (source: string, tree: string, { name, where, licenseText }: Recipe): string => `
tree=$(realpath ${tree})/${name}
mkdir "$tree"
cd ${source}
for depth in 1 2; do
  [ ! -s "$SCRATCH/found" ] || break
  ${licenseText.length > 0 ? `ls -d ${licenseText.join(" ")}` : `find * -maxdepth $((depth - 1)) -type f '(' ${usual} ')' ${code} | sort`} >"$SCRATCH/found"
done
if [ ! -s "$SCRATCH/found" ]; then
  echo "the source of ${name} has no licence's text under a usual name: say in ${where} where it is, as \\\`licenseText\\\`"
  exit 1
fi
while read -r path; do cp -R --parents "$path" "$tree"; done <"$SCRATCH/found"
`
