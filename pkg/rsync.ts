import { autotools, debian, emulated, tools, url } from "../lib/linux/mod.ts"
import zlib from "./zlib.ts"

const sha256 = "4e7d9d3f6ed10878c58c5fb724a67dacf4b6aac7340b13e488fb2dc41346f2bb"

export default autotools({
  name: "rsync",
  version: "3.2.7",
  about: "copies what differs between directories, also of two machines",
  license: "GPL-3.0-or-later",
  source: [url("https://download.samba.org/pub/rsync/src/rsync-3.2.7.tar.gz", sha256), debian("rsync", sha256)],
  needs: [zlib],
  seconds: 25,
  configure: [
    "--disable-debug --disable-locale --disable-lz4 --disable-md2man --disable-openssl --disable-xxhash --disable-zstd",
    "--with-included-popt --with-included-zlib=no",
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
${emulated("rsync", "tls", "getgroups", "getfsdev", "testrun", "trimslash", "t_unsafe", "wildtest")}cat >bin/setfattr <<'END'
import os, sys
for path in sys.argv[5:]:
    os.setxattr(path, sys.argv[2], sys.argv[4].encode())
END
cat >bin/getfattr <<'END'
import os, sys
for path in sys.argv[2:]:
    print(path, [(name, os.getxattr(path, name)) for name in sorted(os.listxattr(path)) if name.startswith("user.")])
END
cat >bin/as-user <<'END'
import ctypes, os, sys
CLONE_NEWUSER = 0x10000000
uid, gid = os.getuid(), os.getgid()
ctypes.CDLL(None).unshare(CLONE_NEWUSER)
for name, text in ("setgroups", "deny"), ("uid_map", f"1 {uid} 1"), ("gid_map", f"1 {gid} 1"):
    with open("/proc/self/" + name, "w") as file:
        file.write(text)
os.execvp(sys.argv[1], sys.argv[1:])
END
sed -i '1i #!/usr/bin/env python3' bin/* && chmod +x bin/*
export rsync_bin="$PWD/rsync" PATH="$PWD/bin:$PATH"
ls suite/testsuite | grep 'test$' | as-user xargs -P 12 -I NAME env whichtests=NAME sh suite/runtests.sh >tests.log || { cat tests.log && false; }
grep '^[A-Z]*    ' tests.log && [ "$(grep -c '^PASS' tests.log)" -ge 34 ]`,
})
