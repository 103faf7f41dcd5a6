import { autotools, debian, emulated, tools, url } from "../lib/linux/mod.ts"
import bzip2 from "./bzip2.ts"
import lz4 from "./lz4.ts"
import xz from "./xz.ts"
import zlib from "./zlib.ts"
import zstd from "./zstd.ts"

const sha256 = "888c934f9d95648ecb9163dc8e23ab80a476ecb81a8f1154704a227b5b676dde"

// Tests that cannot pass here: musl has one encoding, UTF-8, and they are of names in the encodings of locales …
const otherEncodings = [".*(CP1251|CP866|CP932|EUCJP|eucJP|KOI8R|Russia).*", "read_format_(cab|lha|tar|ustar)_filename"]
// … or there is one user, to whom files cannot be given that belong to others.
const otherUsers = [
  ...["basic", "extract_(cpio|tar)_(Z|bz2|gz|lz|lz4|lzma|xz|zstd)", "option_keep_newer_files", "option_passphrase"],
  "write_disk_perms",
]

export default autotools({
  name: "libarchive",
  version: "3.8.9",
  about: "archives of many formats, as a library and bsdtar",
  license: "BSD-2-Clause",
  source: [
    url("https://github.com/libarchive/libarchive/releases/download/v3.8.9/libarchive-3.8.9.tar.xz", sha256),
    debian("libarchive", sha256, { suite: "forky" }),
  ],
  tools: [tools.pkgConfig],
  needs: [bzip2, lz4, xz, zlib, zstd],
  seconds: 60,
  configure: [
    "--disable-shared --disable-acl --disable-dependency-tracking --disable-xattr --without-cng --without-expat --without-openssl --without-xml2",
  ],
  // All tests but those. A program lists its tests when it does not understand what it is asked.
  check: ({ source }) => `make libarchive_test bsdtar_test bsdcpio_test bsdcat_test
${emulated("bsdtar", "bsdcpio", "bsdcat", "libarchive_test", "bsdtar_test", "bsdcpio_test", "bsdcat_test")}export TMPDIR="$PWD"
pass() {
  chosen=$("./$1_test" -? 2>&1 | sed -n 's/^ *\\([0-9]*\\): /\\1 /p' | grep -v -E " test_(${[...otherEncodings, ...otherUsers].join("|")})$" | cut -d ' ' -f 1)
  "./$1_test" -q -p "$PWD/$1" -r "${source}/$2/test" $chosen
}
pass libarchive libarchive && pass bsdtar tar && pass bsdcpio cpio && pass bsdcat cat`,
})
