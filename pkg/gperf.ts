import { autotools, debian, gnu } from "../lib/linux/mod.ts"
import libcxx from "./libcxx.ts"

const sha256 = "ed5ad317858e0a9badbbada70df40194002e16e8834ac24491307c88f96f9702"

export default autotools({
  name: "gperf",
  version: "3.2.1",
  about: "makes perfect hash functions for sets of words",
  license: "GPL-3.0-or-later",
  source: [gnu("gperf/gperf-3.2.1.tar.gz", sha256), debian("gperf", sha256, { suite: "trixie" })],
  needs: [libcxx],
  seconds: 15,
  // Its own tests start programs that they compile by their path: only where they were compiled for this machine.
  check: () => `printf 'one\\ntwo\\nthree\\n' | $EMULATOR src/gperf -L ANSI-C >words.c
printf '#include <string.h>\\n#include "words.c"\\nint main(void) { return !in_word_set("two", 3) || in_word_set("four", 4); }\\n' >words-test.c
"$CC" $CFLAGS $LDFLAGS -o words-test words-test.c
$EMULATOR ./words-test`,
})
