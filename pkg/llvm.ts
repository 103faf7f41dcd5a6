import { cmake } from "../lib/linux/mod.ts"
import libcxx from "./libcxx.ts"
import { components, left } from "./llvm/parts.ts"
import { compilerSource } from "./llvm/source.ts"
import mimalloc from "./mimalloc.ts"

export default cmake({
  name: "llvm",
  version: "19.1.7",
  about: "clang, lld and the tools around them",
  license: "Apache-2.0 WITH LLVM-exception",
  licenseText: ["llvm/LICENSE.TXT"],
  source: compilerSource,
  needs: [libcxx, mimalloc],
  // Each of a dozen links would optimise most of it once more.
  lto: false,
  seconds: 9000,
  resumable: true,
  directory: "llvm",
  define: ({ machine, emitsFor }) => ({
    ...Object.fromEntries(left.map((name) => [name, false])),
    CLANG_DEFAULT_CXX_STDLIB: "libc++",
    CLANG_DEFAULT_LINKER: "lld",
    CLANG_DEFAULT_OBJCOPY: "llvm-objcopy",
    CLANG_DEFAULT_PIE_ON_LINUX: false,
    CLANG_DEFAULT_RTLIB: "compiler-rt",
    CLANG_DEFAULT_UNWINDLIB: "libunwind",
    CLANG_LINKS_TO_CREATE: "c++;cc;clang++;clang-cpp",
    // CMake's own would be -O3, after what CONFIG asks for.
    CMAKE_CXX_FLAGS_RELEASE: "-DNDEBUG",
    CMAKE_C_FLAGS_RELEASE: "-DNDEBUG",
    // musl gives a thread 128 KB unless the program asks for more; the linker's optimise in threads.
    CMAKE_EXE_LINKER_FLAGS_RELEASE: "-Wl,-z,stack-size=8388608",
    CMAKE_SKIP_RPATH: true,
    LLVM_APPEND_VC_REV: false,
    LLVM_DEFAULT_TARGET_TRIPLE: emitsFor.triple,
    LLVM_DISTRIBUTION_COMPONENTS: components.join(";"),
    LLVM_ENABLE_PROJECTS: "clang;lld",
    LLVM_HOST_TRIPLE: machine.triple,
    LLVM_INSTALL_BINUTILS_SYMLINKS: true,
    // Of every machine in sysdeps/. Three of the four are a tenth of the whole.
    LLVM_TARGETS_TO_BUILD: "AArch64;ARM;RISCV;X86",
  }),
  build: ["distribution"],
  install: ["install-distribution"],
})
