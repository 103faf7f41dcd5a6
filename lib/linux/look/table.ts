// Tables of plain text.

/** A column: numbers stand at its right. */
export interface Column {
  readonly title: string
  readonly isRight?: boolean
}

/** A table under its titles, as lines; the last column takes what room it wants. */
export function tableLines(columns: readonly Column[], rows: readonly (readonly string[])[]): readonly string[] {
  const lines = [columns.map(({ title }) => title), ...rows]
  const widths = columns.map((_, i) => Math.max(...lines.map((line) => (line[i] ?? "").length)))
  const cell = (text: string, i: number) =>
    columns[i]?.isRight ? text.padStart(widths[i] ?? 0) : text.padEnd(widths[i] ?? 0)
  return lines.map((line) =>
    columns
      .map((_, i) => cell(line[i] ?? "", i))
      .join("  ")
      .trimEnd(),
  )
}
