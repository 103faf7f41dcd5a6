import { cmake, debian, url } from "../lib/linux/mod.ts"
import libcxx from "./libcxx.ts"

const sha256 = "1c511d09516af493694ed9baf13c55947a36389674d657a2d5e0ccedc6b291d8"

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
  // Its tests are for programs of the build machine: it describes a small project, with what was just built of it.
  check: ({ source }) => `$EMULATOR bin/cmake --version
mkdir project && echo 'message(STATUS "\${CMAKE_VERSION} \${CMAKE_ROOT}")' >project/script.cmake
$EMULATOR bin/cmake -P project/script.cmake 2>&1 | grep -F "3.25.1 ${source}"
$EMULATOR bin/ctest --version && $EMULATOR bin/cpack --version`,
})
