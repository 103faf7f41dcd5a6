import { autotools, debian, emulated, url } from "../lib/linux/mod.ts"

const sha256 = "0b54f79df85912504de0b14aec7971e3f964491af1812d83447005807513cd9e"

export default autotools({
  name: "xz",
  version: "5.8.1",
  about: "compression by LZMA, as a library and a command",
  license: "0BSD AND GPL-2.0-or-later AND LGPL-2.1-or-later",
  source: [
    url("https://github.com/tukaani-project/xz/releases/download/v5.8.1/xz-5.8.1.tar.xz", sha256),
    debian("xz-utils", sha256, { suite: "trixie" }),
  ],
  seconds: 30,
  configure: ["--disable-shared --disable-nls --disable-doc --disable-dependency-tracking"],
  answers: { gl_cv_posix_shell: "/bin/sh" },
  // Its test programs are made before they are run.
  check: () => `${emulated("src/xz/xz", "src/xzdec/xzdec")}make -C tests check TESTS=
${emulated("$(find tests -maxdepth 1 -type f -perm -100)")}make -C tests check`,
})
