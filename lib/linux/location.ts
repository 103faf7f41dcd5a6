// Where an archive is offered: at an address, or in a Debian source package.

import type { Digest } from "../base/digest.ts"

/** One place that offers the archive. */
export type Location =
  | {
      readonly kind: "url"
      readonly url: string
      readonly digest: Digest
      /** What the versions of releases are like (a regular expression), where others lie beside them. */
      readonly releases?: string
    }
  | { readonly kind: "debian"; readonly package: string; readonly suite: string; readonly digest: Digest }

/** An archive at an address. `releases` is what a version of a release is like as a whole, where others lie beside them. */
export const url = (address: string, digest: string, { releases }: { readonly releases?: RegExp } = {}): Location => ({
  kind: "url",
  url: address,
  digest: digest as Digest,
  ...(releases === undefined ? {} : { releases: releases.source }),
})

/** An archive of the GNU project, by its path below its file server's `gnu` directory. */
export const gnu = (path: string, digest: string): Location => url(`https://ftp.gnu.org/gnu/${path}`, digest)

/** The original archive in a Debian source package, by default of bookworm. */
export const debian = (name: string, digest: string, { suite = "bookworm" } = {}): Location => ({
  kind: "debian",
  package: name,
  suite,
  digest: digest as Digest,
})
