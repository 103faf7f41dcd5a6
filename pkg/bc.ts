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
  // Upstream's tests of bc have no expected results: they were made to compare it with the system's bc. Only `signum` knows what is
  // right, of whole numbers. Upstream has no tests of dc.
  check: ({ source }) => `dc() { [ "$(echo "$1" | $EMULATOR dc/dc)" = "$2" ] || { echo "dc: $1"; exit 1; }; }
for test in ${source}/Test/*.b ${source}/Test/BUG.bc ${source}/Test/signum; do
  bc -l "$test" </dev/null >expected
  $EMULATOR bc/bc -l "$test" </dev/null >"$(basename "$test").output"
  cmp expected "$(basename "$test").output"
done
[ "$($EMULATOR bc/bc ${source}/Test/signum </dev/null)" = "end of tests" ]
[ "$(echo 'scale = 51; p = 4 * a(1); scale = 50; p / 1' | $EMULATOR bc/bc -l)" = ${pi} ]
dc '2 200 ^ 3 / p' "$(echo '2 ^ 200 / 3' | $EMULATOR bc/bc)"
dc '20 [d 1 - d 1 <F *] dsFx p' 2432902008176640000
dc '16 o 255 p 2 i 1010 p' "$(printf 'FF\nA')"
dc '10 k 2 v p 0 k 3 200 13 | p 5 3 :a 3 ;a p' "$(printf '1.4142135623\n9\n5')"
dc '17 5 ~ f [text] n' "$(printf '2\n3\ntext')"`,
})
