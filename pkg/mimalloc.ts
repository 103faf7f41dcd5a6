import { cmake, debian, url } from "../lib/linux/mod.ts"

export default cmake({
  name: "mimalloc",
  version: "2.0.9",
  about: "allocates memory faster than the C library does; linked before it",
  license: "MIT",
  source: [
    url(
      "https://github.com/microsoft/mimalloc/archive/refs/tags/v2.0.9.tar.gz",
      "4a29edae32a914a706715e2ac8e7e4109e25353212edeed0888f4e3e15db5850",
    ),
    // Without what is not for Linux: its own digest.
    debian("mimalloc", "cbc9d207ff105ad1f0cb739c378076143a6452b8d0624309cea0abfb040e972b"),
  ],
  seconds: 5,
  define: {
    // It names C++ as a language, and compiles none.
    CMAKE_CXX_COMPILER_WORKS: true,
    MI_BUILD_OBJECT: false,
    MI_BUILD_SHARED: false,
    MI_BUILD_TESTS: false,
    MI_INSTALL_TOPLEVEL: true,
  },
  // With NDEBUG, as the library: a test would look for what only a library for debugging fills memory with. The last program asks
  // whose malloc it has.
  check: ({ source }) => `cat >own.c <<'END'
#include <mimalloc.h>
#include <stdlib.h>
int main(void) { return !mi_is_in_heap_region(malloc(1)); }
END
for test in ${source}/test/test-api.c ${source}/test/test-api-fill.c ${source}/test/test-stress.c own.c; do
  "$CC" $CFLAGS $LDFLAGS -DNDEBUG -I${source}/include -o test $test libmimalloc.a
  $EMULATOR ./test 4 20 10
done`,
})
