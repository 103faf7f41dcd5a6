import { autotools, debian, tools, url } from "../lib/linux/mod.ts"
import bzip2 from "./bzip2.ts"
import lz4 from "./lz4.ts"
import xz from "./xz.ts"
import zlib from "./zlib.ts"
import zstd from "./zstd.ts"

const sha256 = "f887755c434a736a609cbd28d87ddbfbe9d6a3bb5b703c22c02f6af80a802735"

export default autotools({
  name: "libarchive",
  version: "3.7.4",
  about: "archives of many formats, as a library and bsdtar",
  license: "BSD-2-Clause",
  source: [
    url("https://github.com/libarchive/libarchive/releases/download/v3.7.4/libarchive-3.7.4.tar.xz", sha256),
    debian("libarchive", sha256, { suite: "trixie" }),
  ],
  tools: [tools.pkgConfig],
  needs: [bzip2, lz4, xz, zlib, zstd],
  seconds: 60,
  configure: [
    "--disable-shared --disable-acl --disable-dependency-tracking --disable-xattr --without-cng --without-expat --without-openssl --without-xml2",
  ],
  check: () => `mkdir from && echo one >from/one && ln -s one from/two
for format in cpio pax zip; do
  $EMULATOR ./bsdtar --format $format -cf a.$format from && mkdir to && $EMULATOR ./bsdtar -C to -xf a.$format && diff -r from to/from && rm -r to
done
for filter in bzip2 gzip lz4 xz zstd; do $EMULATOR ./bsdtar -c --$filter -f - from | $EMULATOR ./bsdtar -tf - | grep from/one; done`,
})
