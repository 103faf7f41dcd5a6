import { autotools, debian, gnu, tools } from "../lib/linux/mod.ts"
import ncurses from "./ncurses.ts"

const sha256 = "3feb7171f16a84ee82ca18a36d7b9be109a52c04f492a053331d7d1095007c35"

export default autotools({
  name: "readline",
  version: "8.2",
  about: "editing of command lines, with a history",
  license: "GPL-3.0-or-later",
  source: [gnu("readline/readline-8.2.tar.gz", sha256), debian("readline", sha256)],
  needs: [ncurses],
  seconds: 10,
  configure: ["--disable-shared --disable-install-examples --with-curses"],
  // configure would run programs to learn these; a cross build cannot.
  answers: { bash_cv_func_sigsetjmp: "present", bash_cv_termcap_lib: "libncurses", bash_cv_wcwidth_broken: "no" },
  // Upstream has no test-suite: its examples edit lines that are typed into a pipe, keep a history, and are interrupted on a terminal.
  checkTools: [tools.python],
  check: () => `make -C examples rlversion rltest histexamp hist_erasedups hist_purgecmd
cd examples
export TERM=vt100 INPUTRC=/dev/null
[ "$($EMULATOR ./rlversion)" = 8.2 ]
touch long-name long-names only-one
types() {
  printf "$1\\n" | $EMULATOR ./rltest 2>messages >screen || [ $? = 1 ]
  tr -d '\\a\\r' <messages >lines
  shift
  printf '%s\\n' "$@" | diff - lines
}
types 'wrold\\001\\006\\006\\024\\none two\\027\\027\\031\\nword\\033b\\033u' world 'one two' WORD
types 'one\\ntwo\\n\\033[A\\033[A\\n\\022wo\\n\\n\\020\\020!' one two one two 'one!'
types 'abc\\037def\\non\\t\\nlon\\ts' def 'only-one ' long-names
LC_ALL=C.UTF-8 types 'caf\\303\\251e\\010\\010\\010\\303\\274' 'caü'
printf 'set editing-mode vi\\nset keymap vi-insert\\n"\\\\C-xm": "a macro"\\n' >inputrc
INPUTRC=inputrc types 'one two\\033bcwthree\\033A!\\n\\030m\\n1 2 3\\03302dw\\033p' 'one three!' 'a macro' '31 2 '
printf 'echo one\\n!!\\n!e:s/one/two/\\n^two^three^\\n!?one?:0 !$ !1*\\n!none\\nsave\\ndelete 0\\nlist\\n' | $EMULATOR ./histexamp >list 2>messages || :
cat list messages
printf '%s\\n' 'echo one' 'echo one' 'echo two' 'echo three' 'echo three one' save | diff - history_file
$EMULATOR ./hist_erasedups history_file
$EMULATOR ./hist_purgecmd -r -f history_file w save
printf '%s\\n' 'echo one' 'echo three' 'echo three one' | diff - history_file
python3 - $EMULATOR ./rltest <<'end'
import os, pty, signal, sys, termios
signal.alarm(300)
child, terminal = pty.fork()
if child == 0:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.execvp(sys.argv[1], sys.argv[1:])
def until(text):
    seen = b""
    while text not in seen:
        seen += os.read(terminal, 1000)
    return bool(termios.tcgetattr(terminal)[3] & termios.ICANON)
assert not until(b"readline$ ")
os.write(terminal, b"worm\\x7fd\\r")
assert not until(b"\\rword\\r\\r\\n\\x1b[?2004hreadline$ ")
os.write(terminal, b"\\x03")
assert os.WTERMSIG(os.waitpid(child, 0)[1]) == 2
assert until(b"")
end`,
})
