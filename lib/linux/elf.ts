// Where a place in a file is, for a person: the section of an ELF file, the member of an archive; and what a section holds. Reads no more
// of the formats than that.

/** The names of what holds a byte, from the outside in; empty where the file is neither. */
export function placeIn(bytes: Buffer, offset: number): readonly string[] {
  if (isArchive(bytes)) return memberAt(bytes, offset)
  const section = sectionsOf(bytes).find(({ at, size }) => offset >= at && offset < at + size)
  return section === undefined ? [] : [section.name]
}

export const isArchive = (bytes: Buffer): boolean => bytes.subarray(0, 8).toString("latin1") === "!<arch>\n"

/** What a section of this name holds; undefined where there is none, or no ELF file. */
export function sectionOf(bytes: Buffer, name: string): Buffer | undefined {
  const section = sectionsOf(bytes).find((one) => one.name === name)
  return section && bytesOf(bytes, section)
}

const bytesOf = (bytes: Buffer, { at, size }: Section): Buffer => bytes.subarray(at, at + size)

/** Whether two ELF files hold the same, section by section, but for those of some names. Where in the files they lie does not count. */
export function isSameBut(except: readonly string[], first: Buffer, second: Buffer): boolean {
  const counted = (bytes: Buffer) => sectionsOf(bytes).filter(({ name }) => !except.includes(name))
  const [own, others] = [counted(first), counted(second)]
  if (own.length === 0 || own.length !== others.length) return false
  return own.every((section, i) => {
    const other = others[i] ?? section
    const isAlike = section.name === other.name && section.address === other.address
    return isAlike && bytesOf(first, section).equals(bytesOf(second, other))
  })
}

interface Section {
  readonly name: string
  /** Where it lies in memory. */
  readonly address: number
  /** Where it lies in the file. */
  readonly at: number
  readonly size: number
}

type Three = [number, number, number]

const elfMagic = "\x7fELF"
/** A section of this type takes no place in the file. */
const noBits = 8
/** An entry that names no section. */
const unused = 0

/** The sections that have bytes in the file; none for what is no little-endian ELF, or is cut short. */
function sectionsOf(bytes: Buffer): readonly Section[] {
  if (bytes.length < 64 || bytes.subarray(0, 4).toString("latin1") !== elfMagic || bytes[5] !== 1) return []
  const is64 = bytes[4] === 2
  const word = (at: number) => (is64 ? Number(bytes.readBigUInt64LE(at)) : bytes.readUInt32LE(at))
  const [table, sizesAt] = is64 ? [word(40), 58] : [word(32), 46]
  const [entrySize, count, names] = [0, 2, 4].map((at) => bytes.readUInt16LE(sizesAt + at)) as Three
  if (table === 0 || table + entrySize * count > bytes.length) return []
  const entry = (number: number) => {
    const at = table + entrySize * number
    const [address, offset, size] = (is64 ? [16, 24, 32] : [12, 16, 20]).map((field) => word(at + field)) as Three
    return { nameAt: bytes.readUInt32LE(at), type: bytes.readUInt32LE(at + 4), address, at: offset, size }
  }
  const { at: texts } = entry(names)
  const nameAt = (at: number) => bytes.subarray(texts + at, bytes.indexOf(0, texts + at)).toString("latin1")
  return Array.from({ length: count }, (_, number) => entry(number))
    .filter(({ type }) => type !== noBits && type !== unused)
    .map(({ nameAt: at, ...rest }) => ({ ...rest, name: nameAt(at) }))
}

const memberHead = 60
const longNames = "//"
const special: Readonly<Record<string, string>> = { "/": "symbol table", [longNames]: "long names" }

/** The member of an archive (System V's form, as llvm-ar writes it), and the place within it. */
function memberAt(bytes: Buffer, offset: number): readonly string[] {
  let names = ""
  for (let at = 8; at + memberHead <= bytes.length; ) {
    const field = bytes
      .subarray(at, at + 16)
      .toString("latin1")
      .trimEnd()
    const size = Number.parseInt(bytes.subarray(at + 48, at + 58).toString("latin1"), 10)
    if (!(size >= 0)) return []
    const start = at + memberHead
    const content = bytes.subarray(start, start + size)
    if (field === longNames) names = content.toString("latin1")
    const name = /^\/\d+$/.test(field) ? (names.slice(Number(field.slice(1))).split("/\n")[0] ?? field) : field
    const end = start + size + (size % 2)
    if (offset < end) {
      const shown = special[name] ?? name.replace(/\/$/, "")
      return offset < start ? [shown, "head"] : [shown, ...placeIn(content, offset - start)]
    }
    at = end
  }
  return []
}
