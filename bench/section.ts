// Figures in a document: a section that is written by a command.

/** A page with this text as the section of this title; the last one where there was none. */
export function withSection(page: string, title: string, text: string): string {
  const [top = "", ...sections] = page.split(/^## /m)
  const others = sections.filter((one) => !one.startsWith(`${title}\n`))
  return `${[top, ...others.map((one) => `## ${one}`)].join("").trimEnd()}\n\n## ${title}\n\n${text}\n`
}
