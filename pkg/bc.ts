import { autotools, debian, gnu, tools } from "../lib/linux/mod.ts"

const sha256 = "62adfca89b0a1c0164c2cdca59ca210c1d44c3ffc46daf9931cf4942664cb02a"
const pi = "3.14159265358979323846264338327950288419716939937510"

export default autotools({
  name: "bc",
  version: "1.07.1",
  about: "GNU bc and dc: arithmetic in any precision",
  license: "GPL-3.0-or-later",
  source: [gnu("bc/bc-1.07.1.tar.gz", sha256), debian("bc", sha256)],
  patches: ["bc/cross.patch"],
  tools: [tools.bc, tools.bison, tools.flex, tools.m4],
  // storage.c calls exit() and the like without their headers.
  flags: ["-Wno-implicit-function-declaration"],
  seconds: 10,
  configure: ["--disable-dependency-tracking"],
  make: ["MAKEINFO=true", "BC_FOR_BUILD=bc"],
  // Its tests have no expected results.
  check: () => `[ "$(echo 'scale = 51; p = 4 * a(1); scale = 50; p / 1' | $EMULATOR bc/bc -l)" = ${pi} ]
[ "$(echo '2 200 ^ 3 / p' | $EMULATOR dc/dc)" = "$(echo '2 ^ 200 / 3' | $EMULATOR bc/bc)" ]`,
})
