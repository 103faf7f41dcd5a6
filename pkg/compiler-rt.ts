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
})
