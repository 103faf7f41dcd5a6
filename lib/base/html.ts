// HTML as a value: what is put into it is escaped, unless it is HTML itself.

/** A piece of HTML. */
export interface Html {
  readonly html: string
}

type Part = Html | readonly Html[] | string | number | undefined

/** A piece of HTML from a template. Characters that no page may hold, and what colours a terminal, are left out. */
export const html = (texts: TemplateStringsArray, ...parts: readonly Part[]): Html => ({
  html: texts.map((text, i) => text + (i < parts.length ? inserted(parts[i]) : "")).join(""),
})

/** A text that is HTML already. */
export const trusted = (text: string): Html => ({ html: text })

function inserted(part: Part): string {
  if (part === undefined) return ""
  if (typeof part === "string" || typeof part === "number") return escaped(String(part))
  return "html" in part ? part.html : part.map((one) => one.html).join("")
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
}

const escaped = (text: string): string =>
  text
    .replace(/\x1b\[[0-9;:?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?/g, "")
    .replace(/[^\t\n\x20-\x7e\x80-\u{10ffff}]|[\x80-\x9f\ufffe\uffff]/gu, "")
    .toWellFormed()
    .replace(/[&<>"']/g, (character) => entities[character] ?? "")
