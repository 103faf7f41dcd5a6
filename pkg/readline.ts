import { autotools, debian, gnu } from "../lib/linux/mod.ts"
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
})
