import { autotools, debian, gnu } from "../lib/linux/mod.ts"
import ncurses from "./ncurses.ts"

const sha256 = "5ad29222bbd55624d87ea677928b3106a743114d6c6f9b41f36c97be2a8e628d"

export default autotools({
  name: "nano",
  version: "8.4",
  about: "an editor that shows its keys",
  license: "GPL-3.0-or-later",
  source: [gnu("nano/nano-8.4.tar.xz", sha256), debian("nano", sha256, { suite: "trixie" })],
  needs: [ncurses],
  seconds: 30,
  configure: ["--disable-dependency-tracking --disable-libmagic --disable-nls --enable-utf8"],
  // configure would run programs to learn these; a cross build cannot.
  answers: { gl_cv_func_strcasecmp_works: "yes" },
  // It has no tests.
  check: () => "$EMULATOR src/nano --version",
})
