import { cmake, debian, url } from "../lib/linux/mod.ts"

// Its tests look into the library, and are compiled with it.
const tests = [
  ...["chardata", "memcheck", "minicheck", "runtests", "structdata"].map((name) => `tests/${name}`),
  ...["xmlparse", "xmlrole", "xmltok"].map((name) => `lib/${name}`),
]

export default cmake({
  name: "expat",
  version: "2.5.0",
  about: "parses XML as it comes in",
  license: "MIT",
  source: [
    // Upstream's tree at the tag of the release: its archive of the release holds only the directory expat of it.
    url(
      "https://github.com/libexpat/libexpat/archive/refs/tags/R_2_5_0.tar.gz",
      "ab00ee05c7067fd10a35c5d2a4922ebba746ddd50ff83b79c828da17bbdf1757",
    ),
    debian("expat", "ab00ee05c7067fd10a35c5d2a4922ebba746ddd50ff83b79c828da17bbdf1757"),
  ],
  seconds: 10,
  directory: "expat",
  define: {
    EXPAT_BUILD_DOCS: false,
    EXPAT_BUILD_EXAMPLES: false,
    EXPAT_BUILD_TESTS: false,
    EXPAT_SHARED_LIBS: false,
  },
  check: ({ source }) => `printf '<a b="c">text</a>' >a.xml && $EMULATOR xmlwf/xmlwf a.xml
"$CC" $CFLAGS $LDFLAGS -DXML_TESTING -DHAVE_EXPAT_CONFIG_H -I. -I${source}/expat/lib -o runtests ${tests.map((name) => `${source}/expat/${name}.c`).join(" ")} -lm
$EMULATOR ./runtests`,
})
