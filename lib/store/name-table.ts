// From names to numbers, in one array that can be kept as it is: open addressing, each place holding a number plus 1, or 0 where it
// is empty. The names themselves lie elsewhere; whoever has a number can say its name.

export class NameTable {
  readonly places: Uint32Array

  constructor(places: Uint32Array) {
    this.places = places
  }

  /** A table of names; the number of each is its place in the list. */
  static of(names: readonly string[]): NameTable {
    const table = new NameTable(new Uint32Array(2 ** Math.ceil(Math.log2(names.length * 2 + 2))))
    names.forEach((name, number) => {
      table.places[table.#free(name)] = number + 1
    })
    return table
  }

  /** The number of a name, if it is there. */
  find(name: string, nameOf: (number: number) => string): number | undefined {
    const mask = this.places.length - 1
    for (let at = hashOf(name) & mask; this.places[at] !== 0; at = (at + 1) & mask) {
      const number = (this.places[at] as number) - 1
      if (nameOf(number) === name) return number
    }
    return undefined
  }

  #free(name: string): number {
    const mask = this.places.length - 1
    let at = hashOf(name) & mask
    while (this.places[at] !== 0) at = (at + 1) & mask
    return at
  }
}

/** FNV-1a over UTF-16 units, 32 bits. */
function hashOf(name: string): number {
  let sum = 0x811c9dc5
  for (let i = 0; i < name.length; i++) sum = Math.imul(sum ^ name.charCodeAt(i), 0x01000193)
  return sum >>> 0
}
