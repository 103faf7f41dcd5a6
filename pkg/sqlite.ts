import { autotools, debian, emulated, tools, url } from "../lib/linux/mod.ts"
import ncurses from "./ncurses.ts"
import readline from "./readline.ts"

const archive = "sqlite3_3.53.4.orig.tar.xz"
const sha256 = "05366adc8ee80c6b1faa71285b49d133c2121238ca58934b077fdeb95934abd4"

export default autotools({
  name: "sqlite",
  version: "3.53.4",
  about: "a database in a file, as a library and a command",
  license: "blessing",
  source: [
    url(`https://snapshot.debian.org/archive/debian/20261123T000000Z/pool/main/s/sqlite3/${archive}`, sha256),
    debian("sqlite3", sha256, { suite: "forky" }),
  ],
  tools: [tools.hostLibraries, tools.tcl],
  needs: [ncurses, readline],
  seconds: 90,
  configure: [
    "--disable-load-extension --disable-rpath --disable-shared --disable-tcl --fts3 --fts5 --rtree",
    "--with-readline-cflags=-I. --with-readline-ldflags='-lreadline -lncursesw'",
  ],
  // Most of its tests need Tcl for the machine. These are in C: the queries that its fuzzers once found something with, and processes that
  // write one file at once, and crash; their program knows how to load extensions, which this library does not.
  check: ({
    source,
  }) => `$EMULATOR ./sqlite3 a.db 'create table t (a, b); insert into t values (1, 2), (3, 4); create index i on t (a)'
[ "$($EMULATOR ./sqlite3 a.db 'select sum(a), avg(b) from t; pragma integrity_check' | tr '\\n' ' ')" = "4|3.0 ok " ]
echo 'int sqlite3_enable_load_extension() { return 1; }' >extension.c
make fuzzcheck CFLAGS="$CFLAGS -O1 -fno-lto"
make mptester CFLAGS="$CFLAGS -fno-lto" LDFLAGS.libsqlite3=extension.c
${emulated("fuzzcheck", "mptester")}./fuzzcheck ${source}/test/fuzzdata?.db
for mode in DELETE PERSIST TRUNCATE WAL; do
  for part in crash01 multiwrite01; do ./mptester mptest.db ${source}/mptest/$part.test --journalmode $mode; done
done`,
})
