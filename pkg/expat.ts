import { cmake, debian, url } from "../lib/linux/mod.ts"

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
  check: ({ source }) => `printf '<a b="c">text</a>' >a.xml
$EMULATOR xmlwf/xmlwf a.xml
for test in chardata memcheck minicheck runtests structdata; do
  "$CC" $CFLAGS -DXML_TESTING -DHAVE_EXPAT_CONFIG_H -I. -I${source}/expat/lib -c ${source}/expat/tests/$test.c
done
$EMULATOR ./runtests`,
})
