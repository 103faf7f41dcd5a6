// Lines over two logarithmic axes, as SVG: where time grows as size does, a line rises by 45 degrees.

/** A line with its name; points as x and y, both above zero. */
export interface Line {
  readonly name: string
  readonly points: readonly (readonly [x: number, y: number])[]
}

const colours = ["#d1495b", "#30638e", "#6a994e", "#edae49", "#7b5ea7", "#3d405b", "#00798c", "#9c6644"]
const [width, height, left, bottom, top, right] = [720, 440, 70, 50, 40, 150]

/** The whole powers of ten that values lie between. */
function decades(values: readonly number[]): readonly number[] {
  const least = Math.floor(Math.log10(Math.min(...values)))
  const most = Math.max(least + 1, Math.ceil(Math.log10(Math.max(...values))))
  return Array.from({ length: most - least + 1 }, (_, i) => least + i)
}

/** Draws the lines. */
export function chart(lines: readonly Line[], { title, x, y }: { title: string; x: string; y: string }): string {
  const points = lines.flatMap((line) => line.points)
  if (points.length === 0) return `<svg xmlns="http://www.w3.org/2000/svg"/>\n`
  const [xs, ys] = [decades(points.map(([x]) => x)), decades(points.map(([, y]) => y))]
  const along = (value: number, marks: readonly number[], length: number) =>
    ((Math.log10(value) - (marks[0] ?? 0)) / (marks.length - 1)) * length
  const atX = (value: number) => (left + along(value, xs, width - left - right)).toFixed(1)
  const atY = (value: number) => (height - bottom - along(value, ys, height - bottom - top)).toFixed(1)
  const text = (x: number | string, y: number | string, words: string, more = "") =>
    `<text x="${x}" y="${y}" ${more}>${words.replaceAll("&", "&amp;").replaceAll("<", "&lt;")}</text>`
  const grid = [
    ...xs.map((n) => `<path d="M${atX(10 ** n)} ${top}V${height - bottom}" stroke="#ddd"/>`),
    ...ys.map((n) => `<path d="M${left} ${atY(10 ** n)}H${width - right}" stroke="#ddd"/>`),
    ...xs.map((n) => text(atX(10 ** n), height - bottom + 18, (10 ** n).toLocaleString("en"), 'text-anchor="middle"')),
    ...ys.map((n) => text(left - 8, Number(atY(10 ** n)) + 4, String(10 ** n), 'text-anchor="end"')),
  ]
  const drawn = lines.flatMap(({ name, points }, i) => {
    const colour = colours[i % colours.length]
    const path = points.map(([x, y], k) => `${k === 0 ? "M" : "L"}${atX(x)} ${atY(y)}`).join("")
    return [
      `<path d="${path}" fill="none" stroke="${colour}" stroke-width="2"/>`,
      ...points.map(([x, y]) => `<circle cx="${atX(x)}" cy="${atY(y)}" r="3" fill="${colour}"/>`),
      text(width - right + 12, top + 16 + 18 * i, name, `fill="${colour}"`),
    ]
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12" role="img" aria-label="${title}">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    text(left, 24, title, 'font-size="15" font-weight="bold"'),
    ...grid,
    text((left + width - right) / 2, height - 12, x, 'text-anchor="middle"'),
    text(16, 24, y, `transform="rotate(-90) translate(-${height / 2 + 20} 0)"`),
    ...drawn,
    "</svg>\n",
  ].join("\n")
}
