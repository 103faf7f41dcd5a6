import { autotools, debian, tools } from "../lib/linux/mod.ts"
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
    "--disable-load-extension --disable-shared --disable-tcl --with-readline-inc=-DHAVE_READLINE=1 --with-readline-lib='-lreadline -lncursesw'",
  ],
  // Its tests need Tcl for the machine.
  check:
    () => `$EMULATOR ./sqlite3 a.db 'create table t (a, b); insert into t values (1, 2), (3, 4); create index i on t (a)'
[ "$($EMULATOR ./sqlite3 a.db 'select sum(a), avg(b) from t; pragma integrity_check' | tr '\\n' ' ')" = "4|3.0 ok " ]`,
})
