import { autotools, debian, emulated, gnu } from "../lib/linux/mod.ts"

const sha256 = "90e5e93cc724e4ebe12ede80df1634063c7a855692685919bfe60b556c9bd09e"

export default autotools({
  name: "diffutils",
  version: "3.10",
  about: "GNU diff, cmp, diff3 and sdiff",
  license: "GPL-3.0-or-later",
  source: [gnu("diffutils/diffutils-3.10.tar.xz", sha256), debian("diffutils", sha256, { suite: "trixie" })],
  seconds: 40,
  configure: ["--disable-nls --disable-dependency-tracking"],
  check: () => `${emulated("src/cmp", "src/diff", "src/diff3", "src/sdiff")}make -C tests check`,
})
