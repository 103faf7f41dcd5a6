import { autotools, debian, url } from "../lib/linux/mod.ts"

const sha256 = "1d171c572ca48ddd6763f76c54e77d021d4ca7beb007610f7c1fec903511977b"

export default autotools({
  name: "libuev",
  version: "2.4.1",
  about: "waiting for several events at once",
  license: "MIT",
  source: [
    url("https://github.com/troglobit/libuev/releases/download/v2.4.1/libuev-2.4.1.tar.xz", sha256),
    debian("libuev", sha256, { suite: "trixie" }),
  ],
  seconds: 5,
  configure: ["--disable-shared --enable-static"],
  check: () => `make check VERBOSE=yes LOG_COMPILER="$EMULATOR"`,
})
