import { autotools, debian, emulated, tools } from "../lib/linux/mod.ts"

const sha256 = "f586e35d320ff537aab3ffeca37e9ecd482ccbe013590db4429a414d8aa6a728"

export default autotools({
  name: "libuuid",
  version: "2.41.5",
  about: "identifiers that are unlike all others (of util-linux)",
  license: "BSD-3-Clause",
  licenseText: ["Documentation/licenses/COPYING.BSD-3-Clause"],
  source: [debian("util-linux", sha256, { suite: "trixie" })],
  seconds: 30,
  configure: ["--disable-all-programs --enable-libuuid --disable-shared --disable-nls --disable-dependency-tracking"],
  // Both are links in a root file system.
  after: 'rmdir "$DESTDIR/bin" "$DESTDIR/sbin"',
  // Its tests in util-linux's test-suite look at it by programs that are not built otherwise, and by what these are made of.
  checkTools: [tools.bash],
  check: ({ source }) => `make test_uuid_parser test_uuid_namespace test_uuid_time
mkdir common columns
cc() { "$CC" $CFLAGS -include config.h -D_GNU_SOURCE -D_PATH_RUNSTATEDIR='"/run"' -I. -I${source}/include -Ilibsmartcols/src "$@"; }
common="buffer color-names colors cpuset env fileutils idcache jsonwrt mbsalign monotonic path procfs randutils"
for name in $common strutils strv timer timeutils ttyutils; do cc -c -o common/$name.o ${source}/lib/$name.c; done
for file in ${source}/libsmartcols/src/*.c; do cc -c -o "columns/$(basename $file .c).o" $file; done
"$AR" rc common.a common/*.o columns/*.o
for name in uuidd uuidgen uuidparse; do
  cc $LDFLAGS -I${source}/libuuid/src -o $name ${source}/misc-utils/$name.c .libs/libuuid.a common.a
done
${emulated("test_uuid_*[a-z]", "uuidd", "uuidgen", "uuidparse")}bash ${source}/tests/run.sh --srcdir=${source} --builddir="$PWD" uuid | tee tests.log
[ "$(grep -c '\\.\\.\\. OK' tests.log)" = 7 ]`,
})
