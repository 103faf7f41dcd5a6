import { autotools, debian, url } from "../lib/linux/mod.ts"

const sha256 = "a9a118bbe84d8764da0ea0d28b3ab3fae8477fc7e4085d90102b8596fc7c75e4"

export default autotools({
  name: "musl",
  version: "1.2.5",
  about: "the C library",
  license: "MIT",
  source: [
    url("https://musl.libc.org/releases/musl-1.2.5.tar.gz", sha256),
    debian("musl", sha256, { suite: "trixie" }),
  ],
  isFoundation: true,
  // The compiler emits calls to memcpy and its like after symbols are resolved: they must not be in files that LTO may drop.
  lto: false,
  seconds: 35,
  configure: ["--syslibdir=/usr/lib --disable-shared --disable-wrapper"],
  // The static library is made without compiler-rt, which itself is made with musl's headers.
  answers: { LIBCC: '" "' },
})
