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
})
