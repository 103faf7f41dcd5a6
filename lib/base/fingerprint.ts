// Has this changed here since last time? A 64-bit xxHash, much cheaper than a digest and good for nothing else: it never
// leaves the machine and never names content.

import xxhash from "xxhash-wasm"

/** A 64-bit xxHash, 16 lower-case hexadecimal digits. */
export type Fingerprint = string & { readonly __brand: "Fingerprint" }

const { h64Raw, h64, create64 } = await xxhash()

/** What is larger goes through in pieces, in bytes: the sum's memory grows to the largest piece that it was given. */
const pieceBytes = 1 << 16

/** The fingerprint of a text (as UTF-8) or of bytes. */
export function fingerprintOf(content: string | Uint8Array): Fingerprint {
  if (typeof content === "string") return hexadecimal(h64(content))
  if (content.length <= pieceBytes) return hexadecimal(h64Raw(content))
  const sum = create64()
  for (let at = 0; at < content.length; at += pieceBytes) sum.update(content.subarray(at, at + pieceBytes))
  return hexadecimal(sum.digest())
}

const hexadecimal = (sum: bigint): Fingerprint => sum.toString(16).padStart(16, "0") as Fingerprint

const sealChars = 17

/** A line that says whether it is whole: the fingerprint of `body`, a blank, and `body`. */
export const sealed = (body: string): string => `${fingerprintOf(body)} ${body}`

/** What was sealed; undefined for a line that is not as it was written. */
export function unsealed(line: string): string | undefined {
  const body = line.slice(sealChars)
  return line.slice(0, sealChars) === `${fingerprintOf(body)} ` ? body : undefined
}
