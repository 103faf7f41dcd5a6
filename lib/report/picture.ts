// Pictures of a graph: DOT for Graphviz, SVG drawn by it, JSON. An arrow leads from a target to what it needs, dashed where the
// need only has to be there first. The library that draws (Graphviz in WebAssembly, 5 MB) is an optional peer of hashmake.

import { optional } from "../base/optional.ts"
import { noDrawingError, tooLargeDrawingError } from "../graph/errors.ts"
import { eachInput, type Graph, needsOf, outputsOf } from "../graph/graph.ts"
import { targetRecord } from "../graph/query.ts"
import type { Target } from "../graph/target.ts"

export const pictureForms = ["svg", "dot", "json"] as const
export type PictureForm = (typeof pictureForms)[number]

/** A graph in one of the forms, as a text that ends with a newline. Throws a BuildError for an SVG that cannot be drawn. */
export async function pictureOf(graph: Graph, form: PictureForm): Promise<string> {
  switch (form) {
    case "svg":
      return svgOf(graph)
    case "dot":
      return dotOf(graph)
    case "json":
      return `${JSON.stringify({ wanted: graph.wanted.map(({ name }) => name), targets: graph.targets.map((target) => targetRecord(target)) }, null, 2)}\n`
    default:
      return form satisfies never
  }
}

const quote = (text: string): string =>
  `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`

/** What distinguishes targets at a glance; the classes are those that the SVG's style knows. */
const looks = {
  command: "shape=box",
  call: "shape=box style=rounded",
  session: "shape=cds",
  group: 'shape=plaintext fontname="Helvetica-Bold,Arial Bold,sans-serif"',
} as const

/** From here on Graphviz is told to be content with less: 400 targets with 1,200 needs in 0.5 s instead of 2.2 s. */
const manyTargets = 200
const hurry = " splines=polyline mclimit=0.1 nslimit=1 nslimit1=1"

/** The graph in Graphviz's language. */
export function dotOf({ wanted, targets }: Graph): string {
  const place = new Map(targets.map((target, i) => [target, `t${i}`]))
  const nodes = targets.map((target) => {
    const look = looks[target.action?.rule.kind ?? "group"]
    const bold = wanted.includes(target) && target.action !== undefined ? " penwidth=2" : ""
    const tip = target.about === "" ? "" : ` tooltip=${quote(target.about)}`
    return `  ${place.get(target)} [label=${quote(target.name)} ${look}${bold}${tip}]`
  })
  const edges = targets.flatMap((target) => {
    const read = readTargets(target)
    return needsOf(target).map((need) => {
      const isOrderOnly = target.action !== undefined && !read.has(need)
      return `  ${place.get(target)} -> ${place.get(need)}${isOrderOnly ? " [style=dashed]" : ""}`
    })
  })
  const head = [
    "digraph hashmake {",
    `  graph [rankdir=LR bgcolor=transparent ranksep=0.6 nodesep=0.15${targets.length > manyTargets ? hurry : ""}]`,
    '  node [fontname="Helvetica,Arial,sans-serif" fontsize=11 height=0.3 margin="0.12,0.04"]',
    "  edge [arrowsize=0.6]",
  ]
  return `${[...head, ...nodes, ...edges, "}"].join("\n")}\n`
}

const readTargets = ({ action }: Target): ReadonlySet<Target> =>
  new Set(eachInput(action?.inputs ?? {}).flatMap(({ input }) => outputsOf(input).map(({ target }) => target)))

/** Graphviz takes 5 s for as many, and nobody can read more. */
const mostDrawn = 1000

// Graphviz draws in black; a page, or a viewer, may be dark.
const style = `<style>
  svg { color-scheme: light dark; background: Canvas }
  text { fill: CanvasText }
  [stroke="black"] { stroke: CanvasText }
  [fill="black"] { fill: CanvasText }
</style>`

async function svgOf(graph: Graph): Promise<string> {
  if (graph.targets.length > mostDrawn) throw tooLargeDrawingError(graph.targets.length, mostDrawn)
  const viz = await (await drawing()).instance()
  const svg = viz.renderString(dotOf(graph), { format: "svg", engine: "dot" })
  return svg.replace(/(<svg[^>]*>)/, `$1\n${style}`)
}

const drawing = () => optional(() => import("@viz-js/viz"), noDrawingError)
