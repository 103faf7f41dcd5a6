import { autotools, debian, tools, url } from "../lib/linux/mod.ts"

const sha256 = "6a474ac46e8b0b32916c4c60df694c82058d3297d8b385b74508030ca4a8f28a"

export default autotools({
  name: "dash",
  version: "0.5.12",
  about: "a small, fast shell, as POSIX has it",
  license: "BSD-3-Clause AND GPL-2.0-or-later",
  source: [url("http://gondor.apana.org.au/~herbert/dash/files/dash-0.5.12.tar.gz", sha256), debian("dash", sha256)],
  tools: [tools.hostLibraries, tools.nl],
  seconds: 10,
  configure: ["--disable-dependency-tracking"],
  // It has no tests.
  check: () =>
    `[ "$($EMULATOR src/dash -c 'f() { for i in 1 2 3; do echo "$((i * $1))"; done; }; f 7' | tr '\\n' ' ')" = "7 14 21 " ]`,
})
