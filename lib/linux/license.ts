// The SPDX identifiers that recipes use. An expression joins them with AND, OR and WITH.

/** Identifiers of the SPDX license list (version 3.25) that some recipe needs. */
export const licenses: readonly string[] = [
  "0BSD",
  "Apache-2.0",
  "Artistic-1.0-Perl",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "BSD-3-Clause-flex",
  "GPL-1.0-or-later",
  "GPL-2.0-only",
  "GPL-2.0-or-later",
  "GPL-3.0-or-later",
  "ISC",
  "LGPL-2.0-only",
  "LGPL-2.1-or-later",
  "MIT",
  "Python-2.0.1",
  "X11-distribute-modifications-variant",
  "Zlib",
  "blessing",
  "bzip2-1.0.6",
  "curl",
]

const exceptions: readonly string[] = ["LLVM-exception", "Linux-syscall-note"]

/** The first word of an SPDX expression that is neither a known identifier nor part of the syntax. */
export function unknownLicense(expression: string): string | undefined {
  const words = expression.split(/[\s()]+/).filter(Boolean)
  if (words.length === 0) return expression
  return words.find(
    (word) => !["AND", "OR", "WITH"].includes(word) && !licenses.includes(word) && !exceptions.includes(word),
  )
}
