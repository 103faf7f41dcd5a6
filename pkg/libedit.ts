import { autotools, debian, url } from "../lib/linux/mod.ts"
import { test } from "./libedit/test.ts"
import ncurses from "./ncurses.ts"

const sha256 = "23792701694550a53720630cd1cd6167101b5773adddcb4104f7345b73a568ac"

export default autotools({
  name: "libedit",
  version: "20250104-3.1",
  about: "editing of command lines, with a history, under a free licence of BSD's",
  license: "BSD-3-Clause",
  source: [
    url("https://thrysoee.dk/editline/libedit-20250104-3.1.tar.gz", sha256),
    debian("libedit", sha256, { suite: "trixie" }),
  ],
  needs: [ncurses],
  // musl defines it only for wchar_t of 32 bits whose values are Unicode's, which is what it has.
  flags: ["-D__STDC_ISO_10646__=201103L"],
  seconds: 10,
  configure: ["--disable-shared --disable-examples --disable-dependency-tracking"],
  // Upstream has no tests.
  check: ({ source }) => `cat >test.c <<'END_OF_FILE'
${test}END_OF_FILE
"$CC" $CFLAGS $LDFLAGS -I${source}/src -o test test.c src/.libs/libedit.a -lncurses
$EMULATOR ./test`,
})
