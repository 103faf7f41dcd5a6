// What something is, anywhere: SHA-256 in lower-case hexadecimal. Everything that another machine may see is named by it.
// Whether something has changed here is a cheaper question: see fingerprint.ts.

import { closeSync, openSync, readFileSync, readSync } from "./fs.ts"

/** A SHA-256, 64 lower-case hexadecimal digits. */
export type Digest = string & { readonly __brand: "Digest" }

const pieceBytes = 1 << 20

type Crypto = typeof import("node:crypto")
let loaded: Crypto | undefined

/** Loaded when first needed: a build with nothing to do computes no digest, and this is a sixth of Node's own start. */
const crypto = (): Crypto => (loaded ??= process.getBuiltinModule("node:crypto"))

/** The digest of a text (as UTF-8) or of bytes. */
export const digestOf = (content: string | Uint8Array): Digest => crypto().hash("sha256", content, "hex") as Digest

/** The digest of a file's content; small files are read at once, large ones in pieces of 1 MiB. */
export function digestFile(path: string, sizeBytes: number): Digest {
  if (sizeBytes <= pieceBytes) return digestOf(readFileSync(path))
  const sum = crypto().createHash("sha256")
  const piece = Buffer.allocUnsafe(pieceBytes)
  const file = openSync(path, "r")
  try {
    for (let n = readSync(file, piece); n > 0; n = readSync(file, piece)) sum.update(piece.subarray(0, n))
  } finally {
    closeSync(file)
  }
  return sum.digest("hex") as Digest
}

/** True for 64 lower-case hexadecimal digits. */
export const isDigest = (text: string): text is Digest => /^[0-9a-f]{64}$/.test(text)
