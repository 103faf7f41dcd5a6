import { custom, debian, tools, url } from "../lib/linux/mod.ts"

// configure is written by hand, and knows neither --host nor --sysconfdir.
export default custom({
  name: "zlib",
  version: "1.3.1",
  about: "compression as in gzip, as a library",
  license: "Zlib",
  source: [
    url(
      "https://zlib.net/fossils/zlib-1.3.1.tar.gz",
      "9a93b2b7dfdac77ceba5a558a580e74667dd6fede4585b91eefb60f03b72df23",
    ),
    // Without contributions whose licence is not clear: its own digest.
    debian("zlib", "60dd315c07f616887caa029408308a018ace66e3d142726a97db164b3b8f69fb", { suite: "trixie" }),
  ],
  tools: [tools.make],
  seconds: 5,
  phases: ({ source }) => ({
    configure: `cp -a ${source}/. . && ./configure --static --prefix=/usr`,
    build: "make libz.a",
    install: 'make DESTDIR="$DESTDIR" install && rm -rf "$DESTDIR/usr/share"',
  }),
  check: () => `make example minigzip
$EMULATOR ./example
echo hello, hello, hello | $EMULATOR ./minigzip | $EMULATOR ./minigzip -d | grep hello`,
})
