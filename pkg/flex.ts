import { autotools, debian, emulated, tools, url } from "../lib/linux/mod.ts"
import libcxx from "./libcxx.ts"

const sha256 = "e87aae032bf07c26f85ac0ed3250998c37621d95f8bd748b31f15b33c45ee995"

export default autotools({
  name: "flex",
  version: "2.6.4",
  about: "makes scanners from regular expressions",
  license: "BSD-3-Clause-flex",
  source: [
    url("https://github.com/westes/flex/releases/download/v2.6.4/flex-2.6.4.tar.gz", sha256),
    debian("flex", sha256),
  ],
  tools: [tools.bison, tools.hostLibraries, tools.m4],
  // Its tests have scanners in C++.
  needs: [libcxx],
  seconds: 25,
  configure: ["--disable-shared --disable-nls --disable-dependency-tracking"],
  // A cross build would take malloc and realloc for broken.
  answers: { ac_cv_func_malloc_0_nonnull: "yes", ac_cv_func_realloc_0_nonnull: "yes" },
  // The scanners are made before they are run.
  check: () => `${emulated("src/flex")}make -C tests check TESTS=
${emulated("$(find tests -maxdepth 1 -type f -perm -100 ! -name '*.*')")}make -C tests check`,
  after: 'ln -s flex "$DESTDIR/usr/bin/lex"',
})
