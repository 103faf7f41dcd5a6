// The SPDX identifiers that recipes use, and the expressions that join them.

/** Identifiers of the SPDX license list (version 3.25) that some recipe needs. */
export const licenses: readonly string[] = [
  "0BSD",
  "Apache-2.0",
  "Artistic-1.0-Perl",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "BSD-3-Clause-flex",
  "CC-PDDC",
  "GPL-1.0-or-later",
  "GPL-2.0-only",
  "GPL-2.0-or-later",
  "GPL-3.0-or-later",
  "ISC",
  "LGPL-2.0-only",
  "LGPL-2.1-or-later",
  "LGPL-3.0-or-later",
  "MIT",
  "MPL-2.0",
  "Python-2.0.1",
  "X11-distribute-modifications-variant",
  "Zlib",
  "blessing",
  "bzip2-1.0.6",
  "curl",
]

const exceptions: readonly string[] = ["LLVM-exception", "Linux-syscall-note", "PCRE2-exception"]

/** Why a text is no SPDX expression of what is known here: a word that is not, or what should follow what has been read. */
export type LicenseFault =
  | { readonly unknown: string; readonly known: readonly string[] }
  | { readonly next: string; readonly after: string }

const isSyntax = (word: string): boolean => ["(", ")", "AND", "OR", "WITH"].includes(word)

/**
 * What is wrong with an SPDX expression, if anything is. Format: annex "SPDX license expressions" of the SPDX specification, of which
 * `+` and references to licenses of one's own are not taken.
 */
export function licenseFault(expression: string): LicenseFault | undefined {
  let next: "a license" | "an exception" | "`AND`, `OR` or `WITH`" | "`AND` or `OR`" = "a license"
  let open = 0
  let end = 0
  for (const { 0: word, index } of expression.matchAll(/[()]|[^\s()]+/g)) {
    const after = expression.slice(0, end).trim()
    end = index + word.length
    if (next === "a license" || next === "an exception") {
      const known = next === "a license" ? licenses : exceptions
      if (word === "(" && next === "a license") open++
      else if (isSyntax(word)) return { next, after }
      else if (!known.includes(word)) return { unknown: word, known }
      else next = next === "a license" ? "`AND`, `OR` or `WITH`" : "`AND` or `OR`"
    } else if (word === "AND" || word === "OR") next = "a license"
    else if (word === "WITH" && next === "`AND`, `OR` or `WITH`") next = "an exception"
    else if (word === ")" && open > 0) {
      open--
      next = "`AND` or `OR`"
    } else return { next, after }
  }
  if (next === "a license" || next === "an exception") return { next, after: expression.trim() }
  return open > 0 ? { next: "`)`", after: expression.trim() } : undefined
}
