import { debian, plainMake, url } from "../lib/linux/mod.ts"

const sha256 = "ab5a03176ee106d3f0fa90e381da478ddae405918153cca248e682cd0c4a2269"
const words = [
  'CC="$CC"',
  'AR="$AR"',
  'RANLIB="$RANLIB"',
  'CFLAGS="$CFLAGS -D_FILE_OFFSET_BITS=64"',
  'LDFLAGS="$LDFLAGS"',
]

export default plainMake({
  name: "bzip2",
  version: "1.0.8",
  about: "compression by sorting blocks, as a library and a command",
  license: "bzip2-1.0.6",
  source: [url("https://sourceware.org/pub/bzip2/bzip2-1.0.8.tar.gz", sha256), debian("bzip2", sha256)],
  seconds: 5,
  // Its first target also runs what it made.
  make: [...words, "bzip2", "bzip2recover"],
  install: () => `make ${words.join(" ")} PREFIX="$DESTDIR/usr" install
rm -rf "$DESTDIR/usr/man"
for link in bzcat bunzip2; do ln -sf bzip2 "$DESTDIR/usr/bin/$link"; done
for link in bzcmp bzegrep bzfgrep bzless; do rm "$DESTDIR/usr/bin/$link"; done
ln -s bzdiff "$DESTDIR/usr/bin/bzcmp"; ln -s bzgrep "$DESTDIR/usr/bin/bzegrep"; ln -s bzgrep "$DESTDIR/usr/bin/bzfgrep"; ln -s bzmore "$DESTDIR/usr/bin/bzless"`,
  check: () => `for n in 1 2 3; do
  $EMULATOR ./bzip2 -$n <sample$n.ref | cmp - sample$n.bz2
  $EMULATOR ./bzip2 -d <sample$n.bz2 | cmp - sample$n.ref
done`,
})
