import { autotools, debian, url } from "../lib/linux/mod.ts"
import ncurses from "./ncurses.ts"

const sha256 = "2819f55564d86d542abbecafd82ff61e819a3eec967faa36cd3e68f1596a44b8"

export default autotools({
  name: "less",
  version: "668",
  about: "shows texts page by page",
  license: "GPL-3.0-or-later OR BSD-2-Clause",
  source: [
    url("https://www.greenwoodsoftware.com/less/less-668.tar.gz", sha256),
    debian("less", sha256, { suite: "trixie" }),
  ],
  needs: [ncurses],
  seconds: 10,
  // Its tests want a terminal.
  check: () => `echo hello >text && [ "$($EMULATOR ./less text)" = hello ]`,
})
