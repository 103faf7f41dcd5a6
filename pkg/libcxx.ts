import { cmake } from "../lib/linux/mod.ts"
import libcxxabi from "./libcxxabi.ts"
import libunwind from "./libunwind.ts"
import { runtimesSource } from "./llvm/source.ts"

export default cmake({
  name: "libcxx",
  version: "19.1.7",
  about: "the C++ standard library",
  license: "Apache-2.0 WITH LLVM-exception",
  source: runtimesSource,
  needs: [libcxxabi, libunwind],
  seconds: 110,
  directory: "runtimes",
  define: ({ machine }) => ({
    // There is nothing yet that a C++ program could be linked with.
    CMAKE_CXX_COMPILER_WORKS: true,
    LLVM_ENABLE_RUNTIMES: "libunwind;libcxxabi;libcxx",
    LLVM_DEFAULT_TARGET_TRIPLE: machine.triple,
    LIBCXXABI_ENABLE_SHARED: false,
    LIBCXXABI_ENABLE_STATIC_UNWINDER: false,
    LIBCXXABI_INCLUDE_TESTS: false,
    LIBCXXABI_USE_COMPILER_RT: true,
    LIBCXXABI_USE_LLVM_UNWINDER: true,
    LIBCXX_CXX_ABI: "libcxxabi",
    LIBCXX_ENABLE_SHARED: false,
    // The ABI's part is merged in: a program is linked with one library.
    LIBCXX_ENABLE_STATIC_ABI_LIBRARY: true,
    LIBCXX_HAS_MUSL_LIBC: true,
    LIBCXX_INCLUDE_BENCHMARKS: false,
    LIBCXX_INCLUDE_TESTS: false,
    LIBCXX_USE_COMPILER_RT: true,
    LIBUNWIND_ENABLE_SHARED: false,
    LIBUNWIND_INCLUDE_TESTS: false,
    LIBUNWIND_USE_COMPILER_RT: true,
  }),
  install: ["install-cxx", "install-cxx-headers", "install-cxx-modules"],
})
