import { cmake, debian, emulated, url } from "../lib/linux/mod.ts"
import libcxx from "./libcxx.ts"

const sha256 = "1c511d09516af493694ed9baf13c55947a36389674d657a2d5e0ccedc6b291d8"

// Of upstream's 605 tests those of the language, of what it does with files, and of its commands' options: most others compile something for
// the build machine. Left out: one that writes below the source, one that measures how long programs run, and the two that take longest.
const tested = [
  "CMake\\.(EndStuff|File|Get.*|If|Include|List|Math|Message|String|Toolchain|VariableWatch|While)",
  "CMakeLib\\..*",
  "RunCMake\\.(CMP0...|CMakePresets|CTestCommandLine|CommandLine|CommandLineTar|Configure|FetchContent|File_.*|GeneratorExpression)",
  "RunCMake\\.(MaxRecursionDepth|Policy|PolicyScope|ScriptMode|Syntax|WorkingDirectory|block|cmake_.*|configure_file|continue)",
  "RunCMake\\.(define_property|execute_process|export|file|file-CHMOD|find_file|find_path|find_program|foreach|function|get_.*)",
  "RunCMake\\.(if|include|include_guard|list|load_cache|math|message|option|return|separate_arguments|set|set_property|string|while)",
]
const left = ["CMakeLib\\.testUVProcessChain", "RunCMake\\.CMP0022", "RunCMake\\.CMP0116"]
const programs = "CMakeLibTests exit_code print_stdin pseudo_emulator pseudo_llvm-rc testAffinity testEncoding"

export default cmake({
  name: "cmake",
  version: "3.25.1",
  about: "describes how something is built, for ninja and make",
  license: "BSD-3-Clause",
  source: [
    url("https://github.com/Kitware/CMake/releases/download/v3.25.1/cmake-3.25.1.tar.gz", sha256),
    debian("cmake", sha256),
  ],
  needs: [libcxx],
  // It optimises for a minute what a build never waits for.
  lto: false,
  seconds: 600,
  define: {
    BUILD_CursesDialog: false,
    BUILD_TESTING: false,
    // It fetches nothing by TLS: what a build needs is there before.
    CMAKE_USE_OPENSSL: false,
  },
  check: () => `cmake -D BUILD_TESTING=ON .
ninja -j"$JOBS" ${programs}
${emulated("bin/*", `$(find Tests ${programs.replace(/\S+/g, "-o -name $&").slice(3)})`)}env -u DESTDIR bin/ctest -j"$JOBS" --output-on-failure -R '^(${tested.join("|")})$' -E '^(${left.join("|")})$'`,
})
