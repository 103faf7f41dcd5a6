import { autotools, debian, emulated, gnu, tools } from "../lib/linux/mod.ts"

export default autotools({
  name: "bison",
  version: "3.8.2",
  about: "GNU bison: makes parsers from grammars",
  license: "GPL-3.0-or-later",
  source: [
    gnu("bison/bison-3.8.2.tar.xz", "9bba0214ccf7f1079c5d59210045227bcf619519840ebfa80cd3849cff5a5bf2"),
    // Without its manual: its own digest.
    debian("bison", "dff8a3c96dd34121828f62a7fa49e1f7765815b89e59f564e8d2a9e71c177be5"),
  ],
  patches: ["bison/without-doc.patch"],
  tools: [tools.flex, tools.m4, tools.perl],
  seconds: 60,
  configure: ["--disable-nls --disable-dependency-tracking --enable-relocatable"],
  // What is made of the manual, which not every archive has.
  make: ["INFO_DEPS= doc= extracted="],
  // Left out: four tests that take six to eighteen seconds each, and calculators by glr.c, of which there are tests enough. It skips
  // what wants a C++ library, Java, a compiler of D, ruby or xsltproc. Every locale of musl is one of UTF-8, but the build machine's
  // bash may complain of one that it lacks.
  check: ({ source }) => `${emulated("src/bison")}cd tests
sed -i '1s|.*|#!/bin/sh|' bison
printf '#!/bin/sh\\necho en_US.UTF-8\\n' >locale && chmod +x locale
groups='1-266 268-269 271-500 572-620 622-623 625-776'
PATH="$PWD:$PATH" sh ${source}/tests/testsuite -C . PREPARSER="$EMULATOR" CFLAGS=-O0 NO_WERROR_CFLAGS=-O0 $groups`,
})
