import { autotools, debian, tools, url } from "../lib/linux/mod.ts"
import bzip2 from "./bzip2.ts"
import ncurses from "./ncurses.ts"
import openssl from "./openssl.ts"
import { upstreamsTests } from "./python/check.ts"
import readline from "./readline.ts"
import xz from "./xz.ts"
import zlib from "./zlib.ts"

const sha256 = "2411c74bda5bbcfcddaf4531f66d1adc73f247f529aee981b029513aefdbf849"

// What needs libraries that are not there, and what is for tests. A static program cannot load modules: they are all linked in, and
// ctypes, which is for loading libraries, is not.
const left = "_dbm _gdbm _scproxy _sqlite3 _test.* _tkinter _uuid _xxtestfuzz nis ossaudiodev"

export default autotools({
  name: "python",
  // That of the build machine, whose Python runs parts of the build: it must be of the same minor version.
  version: "3.11.2",
  about: "the Python language",
  license: "Python-2.0.1",
  source: [url("https://www.python.org/ftp/python/3.11.2/Python-3.11.2.tgz", sha256), debian("python3.11", sha256)],
  patches: ["python/triplet.patch"],
  tools: [tools.pkgConfig, tools.python],
  needs: [bzip2, ncurses, openssl, readline, xz, zlib],
  // musl gives a thread 128 KB, which a regular expression or JSON can use up.
  flags: ["-DTHREAD_STACK_SIZE=0x100000"],
  without: ["usr/bin/2to3*", "usr/bin/idle3*", "usr/bin/pydoc3*", "usr/bin/python3*-config"],
  seconds: 250,
  prepare: ({ source }) => `mkdir Modules
sed -e 's/^#*@MODULE_[A-Z0-9_]*_TRUE@//' -e 's/@MODULE_BUILDTYPE@/static/' -e '/^\\*shared\\*/,$d' ${source}/Modules/Setup.stdlib.in |
  grep -v -E -e "^(${left.replaceAll(" ", "|")}|_ctypes|_curses.*|readline) " >Modules/Setup.local
cat >>Modules/Setup.local <<'END_OF_FILE'
_curses _cursesmodule.c -lncursesw
_curses_panel _curses_panel.c -lpanelw -lncursesw
readline readline.c -lreadline -lncursesw
*disabled*
_ctypes _ctypes_test _dbm _gdbm _sqlite3 _testimportmultiple _testmultiphase _tkinter _uuid nis ossaudiodev xxlimited xxlimited_35
END_OF_FILE`,
  configure: [
    "--with-build-python=python3 --enable-ipv6 --disable-shared --disable-test-modules --without-ensurepip --without-static-libpython",
    '--with-openssl="$SYSROOT/usr" --with-readline=readline OPT="-DNDEBUG -fwrapv"',
  ],
  // configure would run programs, look at this machine's devices, and for numbers in object files, which LTO has none in. Whose mkdir is found
  // would be in the module that knows how Python was built.
  answers: {
    ac_cv_buggy_getaddrinfo: "no",
    ac_cv_file__dev_ptc: "no",
    ac_cv_file__dev_ptmx: "yes",
    ac_cv_path_mkdir: "/usr/bin/mkdir",
    ax_cv_c_float_words_bigendian: "no",
  },
  make: ['LINKFORSHARED=""'],
  check: upstreamsTests,
  after: `find "$DESTDIR" -name '*.opt-[12].pyc' -delete
rm -rf "$DESTDIR"/usr/lib/python3.*/config-* "$DESTDIR"/usr/lib/python3.*/idlelib "$DESTDIR"/usr/lib/python3.*/lib2to3 "$DESTDIR"/usr/lib/python3.*/tkinter`,
})
