// Has this changed here since last time? A 64-bit xxHash, much cheaper than a digest and good for nothing else: it never
// leaves the machine and never names content.

import xxhash from "xxhash-wasm"

/** A 64-bit xxHash, 16 lower-case hexadecimal digits. */
export type Fingerprint = string & { readonly __brand: "Fingerprint" }

const { h64Raw, h64 } = await xxhash()

/** The fingerprint of a text (as UTF-8) or of bytes. */
export function fingerprintOf(content: string | Uint8Array): Fingerprint {
  const sum = typeof content === "string" ? h64(content) : h64Raw(content)
  return sum.toString(16).padStart(16, "0") as Fingerprint
}
