import { autotools, debian, emulated, tools, url } from "../lib/linux/mod.ts"
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
  checkTools: [tools.perl],
  // Its test-suite plays sessions to a less that is built for it, which takes pipes for a terminal.
  check: ({ source }) => `echo hello >text && [ "$($EMULATOR ./less text)" = hello ]
make clean && make LESSTEST=1
cp ${source}/*.uni . && cp -R ${source}/lesstest . && chmod -R u+w lesstest && make -C lesstest
${emulated("less", "lesstest/lesstest", "lesstest/lt_screen")}cd lesstest && perl runtest -l ../less lt`,
})
