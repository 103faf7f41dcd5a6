// A file of named sections of bytes, each read only when it is asked for:
//
//   hashmake sections <version> <length of the head in bytes> <fingerprint of the head>\n
//   <head: JSON>, then the sections, each from a multiple of 8 bytes on
//
// The head says where each section lies and what its fingerprint is. Whatever does not fit is as if the file were not there.

import { ifThere, writeParts } from "../base/files.ts"
import { type Fingerprint, fingerprintOf, unsealed } from "../base/fingerprint.ts"
import { closeSync, fstatSync, openSync, readSync } from "../base/fs.ts"

const version = 2
const alignment = 8

interface Head {
  readonly about: unknown
  readonly sections: Readonly<Record<string, readonly [offset: number, length: number, Fingerprint]>>
}

/** Writes the file so that it is there whole or not at all. `about` is any JSON. */
export function writeSections(path: string, about: unknown, sections: Readonly<Record<string, Uint8Array>>): void {
  let end = 0
  const places = Object.entries(sections).map(([name, bytes]) => {
    const offset = end
    end = aligned(offset + bytes.length)
    return [name, [offset, bytes.length, fingerprintOf(bytes)]] as const
  })
  const head = Buffer.from(JSON.stringify({ about, sections: Object.fromEntries(places) } satisfies Head))
  const first = Buffer.from(`hashmake sections ${version} ${head.length} ${fingerprintOf(head)}\n`)
  const parts = [first, head, padding(first.length + head.length)]
  for (const bytes of Object.values(sections))
    parts.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), padding(bytes.length))
  writeParts(path, parts)
}

const aligned = (length: number): number => Math.ceil(length / alignment) * alignment
const padding = (length: number): Buffer => Buffer.alloc(aligned(length) - length)

/** Thrown where what was written down is not what is read. */
export class DamagedError extends Error {}

/** An open file of sections. */
export class Sections {
  readonly about: unknown
  readonly #file: number
  readonly #start: number
  readonly #places: Head["sections"]

  private constructor(file: number, start: number, { about, sections }: Head) {
    this.about = about
    this.#file = file
    this.#start = start
    this.#places = sections
  }

  /** Undefined where there is no such file, or its head is not whole. */
  static open(path: string): Sections | undefined {
    const file = ifThere(() => openSync(path, "r"))
    if (file === undefined) return undefined
    const opened = headOf(file)
    if (opened === undefined) closeSync(file)
    return opened === undefined ? undefined : new Sections(file, opened.start, opened.head)
  }

  /** A section's bytes in memory of their own. Throws a DamagedError. */
  read(name: string): Uint8Array<ArrayBuffer> {
    const [offset, length, fingerprint] = this.#places[name] ?? [0, 0, ""]
    const bytes = readAt(this.#file, this.#start + offset, length)
    if (bytes === undefined || fingerprintOf(bytes) !== fingerprint) throw new DamagedError(`the section ${name}`)
    return bytes
  }

  /** A sealed line of a section, by where it starts and ends. Throws a DamagedError. */
  line(name: string, from: number, to: number): string {
    const bytes = readAt(this.#file, this.#start + (this.#places[name]?.[0] ?? 0) + from, to - from)
    const body = unsealed(Buffer.from(bytes ?? []).toString())
    if (body === undefined) throw new DamagedError(`a line of ${name}`)
    return body
  }

  close(): void {
    closeSync(this.#file)
  }
}

const mostFirstBytes = 128

function headOf(file: number): { head: Head; start: number } | undefined {
  const there = Math.min(mostFirstBytes, fstatSync(file).size)
  const first = Buffer.from(readAt(file, 0, there) ?? []).toString("latin1")
  const [line, found, length = "", fingerprint] =
    /^hashmake sections (\d+) (\d{1,12}) ([0-9a-f]{16})\n/.exec(first) ?? []
  if (line === undefined || Number(found) !== version) return undefined
  const bytes = readAt(file, line.length, Number(length))
  if (bytes === undefined || fingerprintOf(bytes) !== fingerprint) return undefined
  return { head: JSON.parse(Buffer.from(bytes).toString()), start: aligned(line.length + bytes.length) }
}

function readAt(file: number, from: number, length: number): Uint8Array<ArrayBuffer> | undefined {
  if (from + length > fstatSync(file).size) return undefined
  const bytes = new Uint8Array(new ArrayBuffer(length))
  for (let at = 0; at < length; ) {
    const n = readSync(file, bytes, at, Math.min(length - at, 1 << 30), from + at)
    if (n === 0) return undefined
    at += n
  }
  return bytes
}
