// What LLVM is made of here: unless it is told not to, it builds far more than a toolchain.

/** Its switches that are off. */
export const left = [
  ...["ENABLE_ARCMT", "ENABLE_STATIC_ANALYZER", "INCLUDE_DOCS", "INCLUDE_TESTS", "PLUGIN_SUPPORT"].map(
    (name) => `CLANG_${name}`,
  ),
  ...["BACKTRACES", "BINDINGS", "CRASH_OVERRIDES", "LIBEDIT", "LIBPFM", "LIBXML2", "OCAMLDOC", "PIC", "PLUGINS"].map(
    (name) => `LLVM_ENABLE_${name}`,
  ),
  ...["WARNINGS", "Z3_SOLVER", "ZLIB", "ZSTD"].map((name) => `LLVM_ENABLE_${name}`),
  ...["BENCHMARKS", "DOCS", "EXAMPLES", "TESTS", "UTILS"].map((name) => `LLVM_INCLUDE_${name}`),
]

/** What is installed, by the names that its build has for it. */
export const components = [
  ...[
    "clang",
    "clang-resource-headers",
    "lld",
    "llvm-config",
    "llvm-cxxfilt",
    "llvm-readobj",
    "llvm-symbolizer",
    "c++filt",
  ],
  // A cross build of LLVM starts these.
  ...["clang-tblgen", "llvm-tblgen"],
  // These have the names of binutils, too.
  ...["addr2line", "ar", "nm", "objcopy", "objdump", "ranlib", "readelf", "size", "strings", "strip"].flatMap(
    (name) => [name, `llvm-${name}`],
  ),
]
