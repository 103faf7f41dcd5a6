import { autotools, debian, emulated } from "../lib/linux/mod.ts"

const sha256 = "8d28d7f2c3b970c3a4bf3776bcbb5adfc923183ce74bc8df1ebaad8c1985bd07"

export default autotools({
  name: "pcre2",
  version: "10.46",
  about: "regular expressions as Perl has them",
  license: "BSD-3-Clause WITH PCRE2-exception",
  source: [debian("pcre2", sha256, { suite: "trixie" })],
  seconds: 40,
  configure: ["--disable-shared --disable-dependency-tracking --enable-jit"],
  check: () => `${emulated("pcre2_jit_test", "pcre2grep", "pcre2posix_test", "pcre2test")}make check VERBOSE=yes`,
})
