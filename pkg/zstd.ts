import { debian, plainMake, url } from "../lib/linux/mod.ts"

const words =
  'CC="$CC" AR="$AR" CFLAGS="$CFLAGS" LDFLAGS="$LDFLAGS" PREFIX=/usr prefix=/usr HAVE_ZLIB=0 HAVE_LZMA=0 HAVE_LZ4=0 UNAME=Linux BACKTRACE=0'

export default plainMake({
  name: "zstd",
  version: "1.5.7",
  about: "fast compression, as a library and a command",
  license: "BSD-3-Clause OR GPL-2.0-only",
  source: [
    url(
      "https://github.com/facebook/zstd/releases/download/v1.5.7/zstd-1.5.7.tar.gz",
      "eb33e51f49a15e023950cd7825ca74a4a2b43db8354825ac24fc1b7ee09e6fa3",
    ),
    // Without some documents: its own digest.
    debian("libzstd", "0c092ef267edce57ba7f3f2645c861f72eaf5e76273c6c3632869423464b90a5", { suite: "trixie" }),
  ],
  seconds: 60,
  make: [words, "-C programs zstd"],
  install: () => `make -C lib ${words} DESTDIR="$DESTDIR" libzstd.a install-static install-includes install-pc
make -C programs ${words} DESTDIR="$DESTDIR" install
rm -rf "$DESTDIR/usr/share"`,
  check: () => `cp lib/common/*.c . && cat *.c >text
$EMULATOR programs/zstd -q -19 -c text | $EMULATOR programs/zstd -q -d -c | cmp - text`,
})
