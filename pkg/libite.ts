import { autotools, debian, url } from "../lib/linux/mod.ts"

const sha256 = "0185c3e76874c5821825deaf17cd45e81ce49aaa424e09de5f3665243c59026b"

export default autotools({
  name: "libite",
  version: "2.6.1",
  about: "what is often missing from a C library",
  license: "MIT AND ISC AND BSD-2-Clause",
  source: [
    url("https://github.com/troglobit/libite/releases/download/v2.6.1/libite-2.6.1.tar.xz", sha256),
    debian("libite", sha256, { suite: "trixie" }),
  ],
  seconds: 5,
  configure: ["--disable-shared --enable-static"],
  // One takes it that there is a /usr/bin/which: any other program does.
  check: ({ source }) => `sed 's|/usr/bin/which|/bin/sh|' ${source}/test/which.c >test/which.c
make check VERBOSE=yes LOG_COMPILER="$EMULATOR"`,
})
