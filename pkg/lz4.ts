import { debian, emulated, plainMake, tools, url } from "../lib/linux/mod.ts"

const sha256 = "537512904744b35e232912055ccf8ec66d768639ff3abe5788d90d792ec5f48b"
const words = 'CC="$CC" AR="$AR" CFLAGS="$CFLAGS" LDFLAGS="$LDFLAGS" PREFIX=/usr BUILD_SHARED=no TARGET_OS=Linux'
const programs = "datagen decompress-partial decompress-partial-usingDict frametest fuzzer roundTripTest"

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
  // Left out of its `make test`: those of files of gigabytes, which take minutes, and what measures speed, which judges nothing. What is
  // random takes 90 s there each; here it starts from the same seed and ends after so many rounds.
  checkTools: [tools.python],
  check: () => `make -C tests ${programs} lz4_all.o
ln -s lz4 programs/lz4c
${emulated("programs/lz4", ...programs.split(" ").map((name) => `tests/${name}`))}export TMPDIR="$PWD/tests"
make -C tests test-lz4-essentials test-lz4-opt-parser test-lz4-skippable test-lz4-sparse test-lz4c test-decompress-partial listTest
make -C tests test-fuzzer FUZZER_TIME="-s1 -i200"
make -C tests test-frametest FUZZER_TIME="-s1 -i1000"
for file in lib/*.c; do tests/roundTripTest "$file"; done`,
})
