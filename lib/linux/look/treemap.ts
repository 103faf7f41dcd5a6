// A picture of what takes how much room: each package a field, in it its directories and files, each as large as its part of the whole.
// d3-hierarchy says where each goes; it is an optional peer of hashmake.

import type { HierarchyRectangularNode } from "d3-hierarchy"
import { type Html, html } from "../../base/html.ts"
import { optional } from "../../base/optional.ts"
import { sizeText } from "../../base/quantity.ts"
import { noLibraryError } from "../../graph/errors.ts"
import { pruned, type Room } from "./room.ts"

type Field = HierarchyRectangularNode<Room>

const width = 1200
const height = 800
/** What a title takes above what is in it. */
const titleHeight = 15
const letterWidth = 6.2
/** Of what is smaller than this part of the whole, nothing could be seen. */
const leastShare = 1 / 4000
/** The golden angle: neighbours get colours that differ. */
const hueStep = 137.508

const style = `svg { color-scheme: light dark; font: 11px sans-serif; background: Canvas }
  text { fill: CanvasText } .package { font-weight: bold }
  rect { stroke: Canvas; fill: light-dark(hsl(var(--hue) 55% var(--light)), hsl(var(--hue) 35% calc(105% - var(--light)))) }`

/** The picture as an SVG that ends with a newline. Throws a BuildError if the library is not installed. */
export async function treemapOf(whole: Room): Promise<string> {
  const { hierarchy, treemap } = await library()
  const tree = hierarchy(pruned(whole, whole.sizeBytes * leastShare), ({ parts }) => parts)
    .sum(({ parts, sizeBytes }) => (parts.length === 0 ? sizeBytes : 0))
    .sort((a, b) => (b.value ?? 0) - (a.value ?? 0) || (a.data.name < b.data.name ? -1 : 1))
  const placed = treemap<Room>()
    .size([width, height])
    .paddingTop((field) => (hasTitle(field) ? titleHeight : 1))
    .paddingInner(1)
    .round(true)(tree)
  const fields = placed.descendants().filter(({ x0, x1, y0, y1 }) => x1 > x0 && y1 > y0)
  const packages = placed.children ?? []
  const title = `${whole.name}: ${sizeText(whole.sizeBytes)} in ${whole.files} files`
  return `${
    html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}">
<style>${style}</style>
${fields.map((field) => drawn(field, packages))}</svg>`.html
  }\n`
}

const hasTitle = ({ x0, x1, y0, y1, depth }: Field): boolean => depth < 3 && x1 - x0 > 40 && y1 - y0 > 2 * titleHeight

function drawn(field: Field, packages: readonly Field[]): Html {
  const { x0, y0, x1, y1, depth, data } = field
  const [, owner] = field.ancestors().reverse()
  const hue = owner === undefined ? 0 : Math.round(packages.indexOf(owner) * hueStep) % 360
  const light = depth === 0 ? 92 : Math.min(90, 62 + depth * 6)
  const path = field
    .ancestors()
    .reverse()
    .map(({ data: { name } }) => name)
    .slice(depth > 0 ? 1 : 0)
  const words = depth > 1 ? path.slice(1).join("/") : data.name
  const tip = `${depth > 1 ? `${path[0]}: ${words}` : words}, ${sizeText(field.value ?? 0)}`
  return html`<g><title>${tip}</title><rect x="${x0}" y="${y0}" width="${x1 - x0}" height="${y1 - y0}" style="--hue: ${hue}; --light: ${light}%"/>${label(field)}</g>
`
}

/** What a field is called, if there is room to write it. */
function label(field: Field): Html | undefined {
  const { x0, y0, x1, y1, depth, data } = field
  if (field.children === undefined ? y1 - y0 < titleHeight : !hasTitle(field)) return undefined
  const words = depth < 2 ? `${data.name} ${sizeText(field.value ?? 0)}` : data.name
  const fitting = [words, data.name].find((text) => text.length * letterWidth < x1 - x0 - 6)
  if (fitting === undefined) return undefined
  return html`<text x="${x0 + 3}" y="${y0 + 11}"${depth === 1 ? packageClass : undefined}>${fitting}</text>`
}

const packageClass = html` class="package"`

const library = () =>
  optional(
    () => import("d3-hierarchy"),
    () => noLibraryError("lays out the picture of sizes", "d3-hierarchy"),
  )
