import { autotools, debian, emulated, tools } from "../lib/linux/mod.ts"
import ncurses from "./ncurses.ts"
import readline from "./readline.ts"

export default autotools({
  name: "sqlite",
  version: "3.46.1",
  about: "a database in a file, as a library and a command",
  license: "blessing",
  source: [debian("sqlite3", "d0cdd2ece271b29e7ce18095745d892517ee26d0f270065b3a25c2e9eb11639c", { suite: "trixie" })],
  tools: [tools.hostLibraries, tools.tcl],
  needs: [ncurses, readline],
  seconds: 90,
  configure: [
    "--enable-fts3 --enable-fts5 --enable-rtree --disable-load-extension --disable-shared --disable-tcl --with-readline-inc=-DHAVE_READLINE=1 --with-readline-lib='-lreadline -lncursesw'",
  ],
  // Most of its tests need Tcl for the machine. These are in C: the queries that its fuzzers once found something with, and processes that
  // write one file at once, and crash; their program knows how to load extensions, which this library does not.
  check: ({
    source,
  }) => `$EMULATOR ./sqlite3 a.db 'create table t (a, b); insert into t values (1, 2), (3, 4); create index i on t (a)'
[ "$($EMULATOR ./sqlite3 a.db 'select sum(a), avg(b) from t; pragma integrity_check' | tr '\\n' ' ')" = "4|3.0 ok " ]
echo 'int sqlite3_enable_load_extension() { return 1; }' >extension.c
make fuzzcheck CFLAGS="$CFLAGS -O1 -fno-lto"
make mptester CFLAGS="$CFLAGS -fno-lto" LIBS=extension.c
${emulated("fuzzcheck", "mptester")}./fuzzcheck ${source}/test/fuzzdata?.db
for mode in DELETE PERSIST TRUNCATE WAL; do
  for part in crash01 multiwrite01; do ./mptester mptest.db ${source}/mptest/$part.test --journalmode $mode; done
done`,
})
