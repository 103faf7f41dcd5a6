import { archive, debian, url } from "../../lib/linux/mod.ts"

/** The parts of the LLVM project that the runtime libraries are built from. */
export const runtimesSource = archive(
  [
    url(
      "https://github.com/llvm/llvm-project/releases/download/llvmorg-19.1.7/llvm-project-19.1.7.src.tar.xz",
      "82401fea7b79d0078043f7598b835284d6650a75b93e64b6f761ea7b63097501",
    ),
    debian("llvm-toolchain-19", "ae498f3bc58ae2d9f64ef5f0c035c4240152bf015a5b7738b15c22e93bdc97ce"),
  ],
  {
    only: [
      "cmake",
      "compiler-rt",
      "libcxx",
      "libcxxabi",
      "libunwind",
      "llvm/cmake",
      "llvm/utils/llvm-lit",
      "runtimes",
      "third-party",
    ],
  },
)

/** The parts that the compiler, the linker and their tools are built from. */
export const compilerSource = archive(runtimesSource.locations, {
  patches: ["pkg/llvm/allocator.patch", "pkg/llvm/precompiled.patch"],
  only: [
    "clang/CMakeLists.txt",
    ...["cmake", "examples", "include", "lib", "runtime", "tools", "utils"].map((path) => `clang/${path}`),
    "cmake",
    "libunwind/include",
    "lld/CMakeLists.txt",
    ...["COFF", "Common", "ELF", "MachO", "MinGW", "cmake", "docs", "include", "tools", "wasm"].map(
      (path) => `lld/${path}`,
    ),
    "llvm/CMakeLists.txt",
    "llvm/LICENSE.TXT",
    ...["cmake", "include", "lib", "projects", "resources", "runtimes", "tools", "utils"].map((path) => `llvm/${path}`),
    "third-party",
  ],
})
