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
})
