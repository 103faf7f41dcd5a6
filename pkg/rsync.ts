import { autotools, debian, emulated, tools, url } from "../lib/linux/mod.ts"
import popt from "./popt.ts"
import { helpers } from "./rsync/check.ts"
import zlib from "./zlib.ts"

export default autotools({
  name: "rsync",
  version: "3.4.1",
  about: "copies what differs between directories, also of two machines",
  license: "GPL-3.0-or-later",
  source: [
    url(
      "https://download.samba.org/pub/rsync/src/rsync-3.4.1.tar.gz",
      "2924bcb3a1ed8b551fc101f740b9f0fe0a202b115027647cf69850d65fd88c52",
    ),
    // Without the copies of popt and zlib: its own digest.
    debian("rsync", "bb9e2dda7e79d9639bc04bdafff6bb0b06a606ed915358b574696384215c9e5c", { suite: "trixie" }),
  ],
  needs: [popt, zlib],
  seconds: 25,
  // configure looks for them, which Debian's archive lacks.
  prepare: () => "mkdir popt zlib && touch popt/dummy.in zlib/dummy.in",
  configure: [
    "--disable-debug --disable-locale --disable-lz4 --disable-md2man --disable-openssl --disable-xxhash --disable-zstd",
    "--enable-ipv6 --with-included-popt=no --with-included-zlib=no",
  ],
  // configure would run programs to learn these; a cross build cannot.
  answers: {
    rsync_cv_HAVE_C99_VSNPRINTF: "yes",
    rsync_cv_HAVE_SECURE_MKSTEMP: "yes",
    rsync_cv_HAVE_SOCKETPAIR: "yes",
    rsync_cv_can_hardlink_special: "yes",
    rsync_cv_can_hardlink_symlink: "yes",
    rsync_cv_chown_modifies_symlink: "no",
    rsync_cv_MKNOD_CREATES_FIFOS: "yes",
    rsync_cv_MKNOD_CREATES_SOCKETS: "yes",
  },
  // Its daemon asks root for setgroups(), which one user's sandbox refuses: the tests run as another user than root. They leave out
  // acls and acls-default (there is no libacl), crtimes (Linux lacks what it wants), chown and devices (for root; with --fake-super they
  // run), and protected-regular where the kernel's fs.protected_regular is 0. Most of their time they sleep: many run at once.
  checkTools: [tools.python],
  check: ({ source }) => `cp -R ${source} suite && mkdir bin testtmp
sed 's,/[a-z/]*/whoami,whoami,' ${source}/runtests.sh >suite/runtests.sh
for name in chown devices; do ln -s $name.test suite/testsuite/$name-fake.test; done
ln -s xattrs.test suite/testsuite/xattrs-hlink.test
make tls getgroups getfsdev testrun trimslash t_unsafe wildtest
${emulated("rsync", "tls", "getgroups", "getfsdev", "testrun", "trimslash", "t_unsafe", "wildtest")}${helpers}sed -i '1i #!/usr/bin/env python3' bin/* && chmod +x bin/*
export rsync_bin="$PWD/rsync" PATH="$PWD/bin:$PATH"
ls suite/testsuite | grep 'test$' | as-user xargs -P 12 -I NAME env whichtests=NAME sh suite/runtests.sh >tests.log || { cat tests.log && false; }
grep '^[A-Z]*    ' tests.log && [ "$(grep -c '^PASS' tests.log)" -ge 34 ]`,
})
