// Which of two versions is the newer one, as Debian orders them. Source: deb-version(7), "Sorting algorithm": digits by their value,
// letters before all else, `~` before even the end.

/** Negative, 0 or positive, as sort wants it. An epoch and a revision count as the manual says. */
export function compareVersions(one: string, other: string): number {
  const [a, b] = [partsOf(one), partsOf(other)]
  return a.epoch - b.epoch || compareParts(a.upstream, b.upstream) || compareParts(a.revision, b.revision)
}

/** A version of Debian's, taken apart: `1:1.3.dfsg+really1.3.1-1`. */
export function partsOf(version: string): { epoch: number; upstream: string; revision: string } {
  const [, epoch = "0", upstream = "", revision = "0"] = /^(?:(\d+):)?(.*?)(?:-([^-]*))?$/s.exec(version) ?? []
  return { epoch: Number(epoch), upstream, revision }
}

function compareParts(one: string, other: string): number {
  const [a, b] = [piecesOf(one), piecesOf(other)]
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const [[text = "", digits = 0n] = [], [otherText = "", otherDigits = 0n] = []] = [a[i], b[i]]
    const order = compareText(text, otherText) || (digits < otherDigits ? -1 : digits > otherDigits ? 1 : 0)
    if (order !== 0) return order
  }
  return 0
}

/** What is no digit, and the number behind it, in turn. */
const piecesOf = (text: string): readonly (readonly [string, bigint])[] =>
  [...text.matchAll(/(\D*)(\d*)/g)].slice(0, -1).map(([, rest = "", digits = ""]) => [rest, BigInt(digits || 0)])

function compareText(one: string, other: string): number {
  for (let i = 0; i < Math.max(one.length, other.length); i++) {
    const order = weight(one[i]) - weight(other[i])
    if (order !== 0) return order
  }
  return 0
}

function weight(character: string | undefined): number {
  if (character === undefined) return 0
  if (character === "~") return -1
  return character.charCodeAt(0) + (/[A-Za-z]/.test(character) ? 0 : 256)
}
