import { autotools, debian, emulated, url } from "../lib/linux/mod.ts"
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
  check: () => `${emulated("rsync")}./rsync --version
mkdir from && echo one >from/one && echo two >from/two && ./rsync -a from/ to && echo three >from/two
[ "$(./rsync -ac --out-format=%n --delete from/ to)" = two ]
diff -r from to`,
})
