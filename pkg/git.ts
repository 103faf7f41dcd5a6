import { debian, emulated, plainMake, tools } from "../lib/linux/mod.ts"
import curl from "./curl.ts"
import expat from "./expat.ts"
import openssl from "./openssl.ts"
import zlib from "./zlib.ts"

// Of the 1100 scripts of its test-suite, which take an hour: one or two for each command that is used every day; in an emulator, the short ones.
const short = [
  "t0001-init t3700-add t4001-diff-rename t4202-log t5000-tar-tree t6120-describe t6404-recursive-merge t7004-tag t7201-co",
  "t7501-commit-basic-functionality t7600-merge t8001-annotate",
]
const long = [
  "t0000-basic t1006-cat-file t1300-config t3200-branch t3400-rebase t3600-rm t3903-stash t4013-diff-various t4014-format-patch t4150-am",
  "t5300-pack-object t5510-fetch t5601-clone t6030-bisect-porcelain t6300-for-each-ref t7400-submodule-basic t7810-grep t9300-fast-import",
]
const wrapped = "git git-receive-pack git-shell git-upload-archive git-upload-pack scalar test-fake-ssh test-tool"
const helpers = "t/helper/test-fake-ssh t/helper/test-tool"

// Its configure would run programs; what it would find out is said here.
const words = [
  'CC="$CC" AR="$AR" CFLAGS="$CFLAGS" LDFLAGS="$LDFLAGS" uname_S=Linux',
  'prefix=/usr sysconfdir=/etc gitexecdir=libexec/git-core CURL_LDFLAGS="-lcurl -lssl -lcrypto -lz" CURL_CFLAGS=',
  "NO_GETTEXT=y NO_INSTALL_HARDLINKS=y NO_PERL=y NO_PYTHON=y NO_TCLTK=y NO_REGEX=NeedsStartEnd",
  "ICONV_OMITS_BOM=y CSPRNG_METHOD=getrandom CURL_CONFIG=false USE_CURL_FOR_IMAP_SEND=y",
  // Without what is only for its own tests: as many programs once more.
  "CLAR_TEST_PROG= FUZZ_OBJS= LINK_FUZZ_PROGRAMS= TEST_PROGRAMS= UNIT_TEST_PROGS= test_bindir_programs=",
]

export default plainMake({
  name: "git",
  version: "2.47.3",
  about: "version control",
  license: "GPL-2.0-only",
  source: [debian("git", "9c2eb1250781b3e5bfef098572d07fdf132d67e6c065e4307332ade9819a1501", { suite: "trixie" })],
  tools: [tools.tar],
  needs: [curl, expat, openssl, zlib],
  // Each of its ten programs would compile most of it once more.
  lto: false,
  without: ["usr/share/gitweb"],
  seconds: 150,
  make: words,
  checkTools: [tools.gzip, tools.perl],
  check: () => `make ${words.join(" ")} TEST_PROGRAMS="${helpers}" ${helpers}
${emulated(`$(grep -d skip -l -a '^.ELF' git git-* scalar ${helpers})`)}for name in ${wrapped}; do make bin-wrappers/$name; done
cd t && for script in ${short.join(" ")}; do sh $script.sh; done
[ -n "$EMULATOR" ] || for script in ${long.join(" ")}; do sh $script.sh; done`,
})
