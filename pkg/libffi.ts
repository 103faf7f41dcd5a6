import { autotools, debian, url } from "../lib/linux/mod.ts"

const sha256 = "d66c56ad259a82cf2a9dfc408b32bf5da52371500b84745f7fb8b645712df676"

export default autotools({
  name: "libffi",
  version: "3.4.4",
  about: "calling functions whose types are known only at run time",
  license: "MIT",
  source: [
    url("https://github.com/libffi/libffi/releases/download/v3.4.4/libffi-3.4.4.tar.gz", sha256),
    debian("libffi", sha256),
  ],
  // tramp.c calls a function that its header declares only for other systems; 3.4.5 has it right.
  flags: ["-Wno-implicit-function-declaration"],
  seconds: 10,
  configure: ["--disable-shared --disable-docs --disable-multi-os-directory --disable-dependency-tracking"],
  // Its tests are for a framework (DejaGnu) that is not at hand: this runs all that are in C, as that does. What a test should write stands
  // in its comments, as a regular expression. Those in C++ want a library that libffi is not built with. The last two write each line twice.
  check: ({ source }) => `tests=${source}/testsuite
compile() { "$CC" $CFLAGS $LDFLAGS -w -I. -Iinclude -I${source}/include -I$tests/libffi.call -o program "$1" .libs/libffi.a; }
macros=$(echo '#include <ffi.h>' | "$CC" -E -dM -Iinclude -)
suites="call closures"
case $macros in *FFI_TARGET_HAS_COMPLEX_TYPE*) suites="$suites complex" ;; esac
case $macros in *FFI_GO_CLOSURES*) suites="$suites go" ;; esac
for suite in $suites; do
  for test in "$tests/libffi.$suite"/*.c; do
    echo "$suite: \${test##*/}"
    compile "$test"
    $EMULATOR ./program >output || { cat output; false; }
    expected=$(sed -n 's/.*dg-output "\\(.*\\)" [{}].*/\\1/p' "$test" | tr -d '\\n')
    awk -v RS='\\001' -v expected="$expected" '{ text = $0 } END { exit text !~ expected }' output || { echo "$expected"; cat output; false; }
  done
done
for test in test-call test-callback; do
  echo "bhaible: $test"
  compile "$tests/libffi.bhaible/$test.c"
  $EMULATOR ./program >output
  [ -s output ]
  [ -z "$(uniq -u output)" ]
done`,
})
