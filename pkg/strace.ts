import { autotools, debian, tools, url } from "../lib/linux/mod.ts"

const sha256 = "2579e9cec37dbb786f6ea0bebd15f40dd561ef2bde2a2a2ecdce5963b01859fd"

export default autotools({
  name: "strace",
  version: "6.1",
  about: "shows what a program asks of the kernel",
  license: "LGPL-2.1-or-later",
  source: [
    url("https://github.com/strace/strace/releases/download/v6.1/strace-6.1.tar.xz", sha256),
    debian("strace", sha256),
  ],
  tools: [tools.hostLibraries],
  seconds: 60,
  // Its own copy of the kernel's headers: it does not know what newer ones have changed.
  configure: [
    "--disable-dependency-tracking --disable-gcc-Werror --enable-bundled=yes --enable-mpers=no --without-libdw --without-libiberty --without-libunwind",
  ],
  // To trace a program is not possible in an emulator of programs.
  check: () => "$EMULATOR src/strace --version",
})
