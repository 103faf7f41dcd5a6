import { archive, custom, debian, tools, url } from "../lib/linux/mod.ts"

const sha256 = "a9a118bbe84d8764da0ea0d28b3ab3fae8477fc7e4085d90102b8596fc7c75e4"
export const muslSource = archive([
  url("https://musl.libc.org/releases/musl-1.2.5.tar.gz", sha256),
  debian("musl", sha256, { suite: "trixie" }),
])

// compiler-rt includes C headers, and musl is built with compiler-rt: the headers come first, alone.
export default custom({
  name: "musl-headers",
  version: "1.2.5",
  about: "the headers of the C library",
  license: "MIT",
  source: muslSource,
  tools: [tools.make],
  isFoundation: true,
  seconds: 2,
  phases: ({ source, machine }) => ({
    configure: `${source}/configure --target=${machine.triple} --prefix=/usr --disable-shared`,
    install: 'make DESTDIR="$DESTDIR" install-headers',
  }),
})
