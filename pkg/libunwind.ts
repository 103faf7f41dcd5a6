import { cmake } from "../lib/linux/mod.ts"
import { runtimesSource } from "./llvm/source.ts"

export default cmake({
  name: "libunwind",
  version: "19.1.7",
  about: "unwinding the stack, for exceptions",
  license: "Apache-2.0 WITH LLVM-exception",
  licenseText: ["libunwind/LICENSE.TXT"],
  source: runtimesSource,
  // Every program in C++ would compile it again when it is linked.
  lto: false,
  seconds: 15,
  directory: "runtimes",
  define: ({ machine }) => ({
    // There is nothing yet that a C++ program could be linked with.
    CMAKE_CXX_COMPILER_WORKS: true,
    LLVM_ENABLE_RUNTIMES: "libunwind",
    LLVM_DEFAULT_TARGET_TRIPLE: machine.triple,
    LIBUNWIND_ENABLE_SHARED: false,
    LIBUNWIND_INCLUDE_TESTS: false,
    LIBUNWIND_USE_COMPILER_RT: true,
  }),
  // All tests for the machine. Left out: what is only compiled, and two that upstream expects to fail with musl, whose signal trampolines
  // have nothing to unwind by. ARM's unwinding has no mark for frames of signals.
  check: ({ source, machine }) => `for test in ${source}/libunwind/test/*.pass.cpp; do
  name=$(basename "$test" .pass.cpp)
  case "$name ${machine.processor}" in *.compile* | signal_unwind* | unwind_leaffunction* | "signal_frame armv7") continue ;; esac
  machines=$(sed -n 's|^// REQUIRES:.*target={{\\(.*\\)}}.*|\\1|p' "$test")
  echo ${machine.triple.replace("-", "-unknown-")} | grep -E -q "$machines" || continue
  echo "$name"
  "$CXX" $CXXFLAGS $LDFLAGS -w -nostdinc++ -nostdlib++ -unwindlib=none -funwind-tables -I${source}/libunwind/include -o test "$test" lib/libunwind.a
  $EMULATOR ./test
done`,
})
