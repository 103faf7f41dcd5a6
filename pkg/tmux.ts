import { autotools, debian, tools, url } from "../lib/linux/mod.ts"
import libevent from "./libevent.ts"
import ncurses from "./ncurses.ts"

const sha256 = "16216bd0877170dfcc64157085ba9013610b12b082548c7c9542cc0103198951"

export default autotools({
  name: "tmux",
  version: "3.5a",
  about: "several terminals in one, which stay when one leaves",
  license: "ISC",
  source: [
    url("https://github.com/tmux/tmux/releases/download/3.5a/tmux-3.5a.tar.gz", sha256),
    debian("tmux", sha256, { suite: "trixie" }),
  ],
  tools: [tools.bison, tools.m4, tools.pkgConfig],
  needs: [libevent, ncurses],
  seconds: 40,
  // Its makefile writes below the source.
  inSource: true,
  configure: ["--disable-dependency-tracking --disable-utf8proc"],
  // Its tests want a terminal.
  check: () => "$EMULATOR ./tmux -V",
})
