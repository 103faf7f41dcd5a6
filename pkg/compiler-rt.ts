import { clangMajor, cmake } from "../lib/linux/mod.ts"
import clangHeaders from "./clang-headers.ts"
import linuxHeaders from "./linux-headers.ts"
import { runtimesSource } from "./llvm/source.ts"
import musl from "./musl.ts"

export default cmake({
  name: "compiler-rt",
  version: "19.1.7",
  about: "what compiled code calls for what its processor cannot do, and the start files",
  license: "Apache-2.0 WITH LLVM-exception",
  licenseText: ["compiler-rt/LICENSE.TXT"],
  source: runtimesSource,
  needs: [clangHeaders, linuxHeaders, musl],
  isFoundation: true,
  // Calls to it appear only when code is generated: too late for LTO.
  lto: false,
  seconds: 20,
  directory: "compiler-rt",
  define: {
    CMAKE_INSTALL_PREFIX: `/usr/lib/clang/${clangMajor}`,
    // There is nothing yet that a program could be linked with.
    CMAKE_TRY_COMPILE_TARGET_TYPE: "STATIC_LIBRARY",
    COMPILER_RT_BUILD_BUILTINS: true,
    COMPILER_RT_BUILD_CRT: true,
    COMPILER_RT_BUILD_CTX_PROFILE: false,
    COMPILER_RT_BUILD_GWP_ASAN: false,
    COMPILER_RT_BUILD_LIBFUZZER: false,
    COMPILER_RT_BUILD_MEMPROF: false,
    COMPILER_RT_BUILD_ORC: false,
    COMPILER_RT_BUILD_PROFILE: false,
    COMPILER_RT_BUILD_SANITIZERS: false,
    COMPILER_RT_BUILD_XRAY: false,
    COMPILER_RT_DEFAULT_TARGET_ONLY: true,
    LLVM_ENABLE_PER_TARGET_RUNTIME_DIR: true,
  },
  // All unit tests of what the library has and the machine can do, not optimised, as upstream has it: one does not say which registers it
  // changes. Left out: one that upstream says cannot be built, one that it expects to fail. There is nothing yet that would link a program
  // with the library that was just built.
  check: ({ source, machine }) => `library=$(find . -name "libclang_rt.builtins*.a")
directory=$(dirname "$library")
features=" $(llvm-ar t "$library" | sed 's/\\..*//; s/^/librt_has_/' | tr '\\n' ' ') crt int128 c99-complex "
[ -n "$EMULATOR" ] || features="$features native-run "
case ${machine.processor} in
  x86_64 | i?86) features="$features x86-target-arch " ;;
  armv7) features="$features arm-target-arch " ;;
  aarch64) features="$features aarch64-target-arch " ;;
esac
flags=$(grep -o -e -DCOMPILER_RT_ARMHF_TARGET -e -DCOMPILER_RT_HAS_FLOAT16 build.ninja | sort -u)
units=${source}/compiler-rt/test/builtins/Unit
for test in $units/*_test.c $units/arm/*_test.c $units/ctor_dtor.c; do
  name=$(basename "$test" .c)
  case $name in cpu_model_test | gcc_personality_test) continue ;; esac
  for feature in $(sed -n 's|^// REQUIRES: ||p' "$test" | sed 's/ ||.*//' | tr -d ,); do
    case $features in *" $feature "*) ;; *) echo "$name: no $feature" && continue 2 ;; esac
  done
  echo "$name"
  "$CC" $flags -ffp-contract=off -w -fno-builtin -I${source}/compiler-rt/lib/builtins -nostdlib -o test "$SYSROOT/usr/lib/crt1.o" "$SYSROOT/usr/lib/crti.o" $directory/clang_rt.crtbegin.o "$test" "$library" -lc "$library" $directory/clang_rt.crtend.o "$SYSROOT/usr/lib/crtn.o"
  $EMULATOR ./test
done`,
})
