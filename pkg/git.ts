import { debian, plainMake, tools } from "../lib/linux/mod.ts"
import curl from "./curl.ts"
import expat from "./expat.ts"
import openssl from "./openssl.ts"
import zlib from "./zlib.ts"

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
  // Its tests run hundreds of programs each; these few steps go through what matters.
  check: () => `export HOME="$SCRATCH" GIT_EXEC_PATH="$PWD" GIT_TEMPLATE_DIR="$PWD/templates/blt"
git() { $EMULATOR ./git -C "$SCRATCH/one" -c user.name=me -c user.email=me@localhost "$@"; }
mkdir "$SCRATCH/one" && git init -q -b main && echo one >"$SCRATCH/one/file"
git add file && git commit -q -m first && echo two >>"$SCRATCH/one/file" && git commit -q -a -m second
[ "$(git log --format=%s)" = "$(printf 'second\\nfirst')" ]
git diff HEAD~1 | grep '^+two$' && git fsck --strict`,
})
