import { debian, emulated, plainMake, tools, url } from "../lib/linux/mod.ts"

const words =
  'CC="$CC" AR="$AR" CFLAGS="$CFLAGS" LDFLAGS="$LDFLAGS" PREFIX=/usr prefix=/usr HAVE_ZLIB=0 HAVE_LZMA=0 HAVE_LZ4=0 UNAME=Linux BACKTRACE=0'
const programs = "datagen decodecorpus fuzzer invalidDictionaries legacy poolTests zstreamtest"

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
  // Its `make check`, its tests of the commands, and of those that are random as much as takes some seconds. Left out of the commands': one
  // that wants not to be root, one that wants less, one that takes 25 s. Another asks `which`, which is not at hand.
  check: () => `make -C tests ${words} CFLAGS="$CFLAGS -fno-lto" ${programs}
${emulated("programs/zstd", ...programs.split(" ").map((name) => `tests/${name}`))}cd tests
ZSTD_BIN="$PWD/../programs/zstd" DATAGEN_BIN="$PWD/datagen" sh playTests.sh
sed -i 's/which zstd/command -v zstd/' cli-tests/zstd-symlinks/zstdcat.sh
rm cli-tests/cltools/zstdless.sh cli-tests/compression/window-resize.sh cli-tests/file-stat/*-without-write-perm.sh
python3 cli-tests/run.py
./fuzzer -s1 -i50
./zstreamtest -s1 -i100
./zstreamtest --newapi -t1 -s1 -i50
./decodecorpus -t -s1 -n200
./invalidDictionaries
./legacy
./poolTests`,
  checkTools: [tools.python, tools.tar],
})
