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
  check: () => `${emulated("src/bison")}./src/bison --version`,
})
