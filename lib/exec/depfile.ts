// What a compiler says it has read: a makefile with one rule, as `cc -MD` writes it. A backslash before a blank or `#` makes that
// part of a name, one before a line's end goes on, `$$` is a dollar. Rules without prerequisites (`-MP`) say nothing.

/** The prerequisites of all rules, each once, in order. Undefined for a text that is no such makefile. */
export function parseDepfile(text: string): readonly string[] | undefined {
  // No path holds a NUL.
  if (text.includes("\0")) return undefined
  const found = new Set<string>()
  for (const line of logicalLines(text)) {
    const words = wordsOf(line)
    if (words.length === 0) continue
    const colon = words.findIndex((word) => word === ":" || word.endsWith(":"))
    if (colon === -1) return undefined
    for (const word of words.slice(colon + 1)) found.add(word)
  }
  return [...found]
}

const logicalLines = (text: string): readonly string[] => text.replace(/\r?\n/g, "\n").replace(/\\\n/g, " ").split("\n")

function wordsOf(line: string): string[] {
  const words: string[] = []
  let word = ""
  for (let i = 0; i < line.length; i++) {
    const char = line[i] as string
    const next = line[i + 1]
    if (char === "\\" && (next === " " || next === "#" || next === "\t" || next === ":")) word += line[++i]
    else if (char === "$" && next === "$") word += line[++i]
    else if (char === " " || char === "\t") {
      if (word !== "") words.push(word)
      word = ""
    } else word += char
  }
  return word === "" ? words : [...words, word]
}
