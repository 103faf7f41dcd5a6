// How LLVM's run-time libraries for C++ are configured: the same for each of them, since LLVM configures them together.

/** The definitions for a machine. `mergesAbi`: libc++ holds the ABI library, so that a program is linked with one library. */
export const cxxDefinitions = (triple: string, { mergesAbi }: { readonly mergesAbi: boolean }) => ({
  // There is nothing yet that a C++ program could be linked with.
  CMAKE_CXX_COMPILER_WORKS: true,
  LLVM_ENABLE_RUNTIMES: "libunwind;libcxxabi;libcxx",
  LLVM_DEFAULT_TARGET_TRIPLE: triple,
  LIBCXXABI_ENABLE_SHARED: false,
  LIBCXXABI_ENABLE_STATIC_UNWINDER: false,
  LIBCXXABI_INCLUDE_TESTS: false,
  LIBCXXABI_USE_COMPILER_RT: true,
  LIBCXXABI_USE_LLVM_UNWINDER: true,
  LIBCXX_CXX_ABI: "libcxxabi",
  LIBCXX_ENABLE_SHARED: false,
  ...(mergesAbi ? { LIBCXX_ENABLE_STATIC_ABI_LIBRARY: true } : {}),
  LIBCXX_HAS_MUSL_LIBC: true,
  LIBCXX_INCLUDE_BENCHMARKS: false,
  LIBCXX_INCLUDE_TESTS: false,
  LIBCXX_USE_COMPILER_RT: true,
  LIBUNWIND_ENABLE_SHARED: false,
  LIBUNWIND_INCLUDE_TESTS: false,
  LIBUNWIND_USE_COMPILER_RT: true,
})

/** Tests of libc++abi that are linked with libc++. */
export const needsLibcxx = [
  "cxa_call_terminate",
  "forced_unwind3",
  "guard_threaded_test",
  "test_demangle",
  "test_exception_storage.threads",
  "test_guard",
  "thread_local_destruction_order",
]

const includes = ["libcxxabi/include", "libcxxabi/src", "libcxx/test/support", "libcxx/src", "libunwind/include"]

/** The beginning of a command that compiles a test of libc++ or libc++abi in the directory where they were built. */
export const compileTest = (source: string): string =>
  `"$CXX" $CXXFLAGS -fno-lto $LDFLAGS -w -nostdinc++ -nostdlib++ -Iinclude/c++/v1 ${includes.map((part) => `-I${source}/${part}`).join(" ")}`
