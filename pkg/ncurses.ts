import { autotools, debian, gnu, tools } from "../lib/linux/mod.ts"

const sha256 = "6931283d9ac87c5073f30b6290c4c75f21632bb4fc3603ac8100812bed248159"

export default autotools({
  name: "ncurses",
  version: "6.4",
  about: "drawing on terminals",
  license: "X11-distribute-modifications-variant",
  source: [gnu("ncurses/ncurses-6.4.tar.gz", sha256), debian("ncurses", sha256)],
  tools: [tools.hostLibraries, tools.tic],
  // They look into the database that programs do without.
  without: ["captoinfo", "infocmp", "infotocap", "ncursesw6-config", "tabs", "tic", "toe", "tput", "tset"].map(
    (name) => `usr/bin/${name}`,
  ),
  seconds: 25,
  configure: [
    "--enable-widec --enable-pc-files --with-pkg-config-libdir=/usr/lib/pkgconfig --disable-stripping --disable-home-terminfo",
    "--without-ada --without-cxx --without-cxx-binding --without-debug --without-manpages --without-shared --without-tests",
    // The terminals that a machine meets are compiled in: no database to install, or to miss.
    "--disable-db-install --with-fallbacks=ansi,dumb,linux,screen,screen-256color,tmux,tmux-256color,vt100,vt102,vt220,xterm,xterm-256color",
  ],
  // configure would choose the one that puts the date of every file into the archives.
  answers: { cf_cv_ar_flags: "-curvD" },
  // Programs ask for libncurses whether it can do wide characters or not.
  after: `ln -s libncursesw.a "$DESTDIR/usr/lib/libncurses.a"; ln -s ncursesw "$DESTDIR/usr/include/ncurses"
for header in "$DESTDIR"/usr/include/ncursesw/*.h; do ln -s "ncursesw/\${header##*/}" "$DESTDIR/usr/include/"; done
# toybox has these.
rm "$DESTDIR/usr/bin/clear" "$DESTDIR/usr/bin/reset"`,
  // Upstream has demonstrations, and no test-suite. Terminals' descriptions are the same when what is printed of them is compiled again.
  // A program draws by them as by those compiled in; what a VT100 is sent was read through, and draws what it should.
  check: ({ source }) => `tic="$EMULATOR progs/tic -x" infocmp="$EMULATOR progs/infocmp -x -1"
$tic -o terminals ${source}/misc/terminfo.src
find terminals -type f -path '*/[lsvx]/*' -printf '%i %f\\n' | sort -u -k 1,1n | cut -d ' ' -f 2 >names
[ "$(wc -l <names)" -gt 400 ]
print() { for name in $(cat names); do $infocmp -A $1 $name | grep -v '^#'; done; }
print terminals >printed && $tic -o again printed && print again | cmp - printed
cat >draw.c <<'end'
#include <form.h>
#include <locale.h>
#include <panel.h>
int main(void) {
  setlocale(LC_ALL, ""), newterm(NULL, stdout, stdin), noecho(), keypad(stdscr, TRUE);
  attron(A_BOLD), addstr("bold"), attroff(A_BOLD), addstr(" na\\303\\257ve \\344\\270\\255|\\n"), refresh();
  PANEL *below = new_panel(newwin(3, 6, 3, 4)), *above = new_panel(newwin(3, 6, 2, 2));
  waddstr(panel_window(below), "123456abcdefuvwxyz"), box(panel_window(above), 0, 0), update_panels(), doupdate();
  top_panel(below), update_panels(), doupdate();
  FIELD *fields[] = {new_field(1, 4, 5, 0, 0, 0), NULL};
  set_field_type(fields[0], TYPE_INTEGER, 0, 1L, 100L);
  FORM *form = new_form(fields);
  post_form(form);
  for (int key; (key = getch()) != ERR;)
    if (key != '\\n') form_driver(form, key == KEY_LEFT ? REQ_PREV_CHAR : key == KEY_BACKSPACE ? REQ_DEL_PREV : key);
    else fprintf(stderr, "%d %s\\n", form_driver(form, REQ_VALIDATION), field_buffer(fields[0], 0));
  endwin();
}
end
draws() { printf 'a12\\n\\033OD\\033OD\\0104\\n\\010\\n' | TERM=$1 TERMINFO=$PWD/$2 LC_ALL=C.UTF-8 $EMULATOR ./draw 2>said; }
"$CC" $CFLAGS $LDFLAGS -Iinclude -I${source}/include draw.c -o draw -Llib -lformw -lpanelw -lncursesw
for name in linux xterm-256color vt100; do draws $name none >drawn; draws $name terminals | cmp - drawn; done
[ "$(cat -v drawn)" = '^[(B^[)0^[[1;24r^[[m^O^[[?7h^[[?1h^[=^[[H^[[J^[[0;1m^Obold^[[m^O naM-CM-/ve M-dM-8M--|^M^[[1B^[[1B  ^[[0m^Nlqqqqk^O^M^[[1B  ^[[0m^Nx^O    ^[[0m^Nx^O56^M^[[1B  ^[[0m^Nmqqqqj^Oef^[[1B^[[6Duvwxyz^M^[[3A  ^[[1B^[[2C1234^[[1B^H^H^H^Habcd^[[1By^[[H^[[J^[[5Ba12^H^H^H12 ^M412^H^H^H12 ^M^[[24;1H^M^[[?1l^[>' ]
printf '%s\\n' '-13 a12 ' '-13 412 ' '0 12  ' | diff - said
tput() { TERMINFO=terminals $EMULATOR progs/tput -T "$@"; }
[ "$(tput vt100 cols; tput xterm cup 4 9; tput xterm-256color setaf 200; tput xterm setaf 3)" = "$(printf '80\\n\\033[5;10H\\033[38;5;200m\\033[33m')" ]`,
})
