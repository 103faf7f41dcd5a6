import { cmake, debian, url } from "../lib/linux/mod.ts"

export default cmake({
  name: "expat",
  version: "2.8.3",
  about: "parses XML as it comes in",
  license: "MIT",
  source: [
    // Upstream's tree at the tag of the release: its archive of the release holds only the directory expat of it.
    url(
      "https://github.com/libexpat/libexpat/archive/refs/tags/R_2_8_3.tar.gz",
      "533659a16e0184035a99fd8e783f1ad61a887a7bf8586a8681740b9d7ed42389",
    ),
    debian("expat", "533659a16e0184035a99fd8e783f1ad61a887a7bf8586a8681740b9d7ed42389", { suite: "trixie" }),
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
cmake -DEXPAT_BUILD_TESTS=ON ${source}/expat && ninja runtests
$EMULATOR tests/runtests`,
})
