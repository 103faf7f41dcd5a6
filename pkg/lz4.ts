import { debian, plainMake, url } from "../lib/linux/mod.ts"

const sha256 = "537512904744b35e232912055ccf8ec66d768639ff3abe5788d90d792ec5f48b"
const words = 'CC="$CC" AR="$AR" CFLAGS="$CFLAGS" LDFLAGS="$LDFLAGS" PREFIX=/usr BUILD_SHARED=no TARGET_OS=Linux'

export default plainMake({
  name: "lz4",
  version: "1.10.0",
  about: "very fast compression, as a library and a command",
  license: "BSD-2-Clause AND GPL-2.0-or-later",
  licenseText: ["LICENSE", "lib/LICENSE", "programs/COPYING"],
  source: [
    url("https://github.com/lz4/lz4/archive/refs/tags/v1.10.0.tar.gz", sha256),
    debian("lz4", sha256, { suite: "trixie" }),
  ],
  seconds: 15,
  make: [words, "lib lz4"],
  install: () => `make ${words} DESTDIR="$DESTDIR" install; rm -rf "$DESTDIR/usr/share"`,
  check: () => `cp lib/lz4.c text && $EMULATOR programs/lz4 -9 -c text | $EMULATOR programs/lz4 -d -c | cmp - text`,
})
