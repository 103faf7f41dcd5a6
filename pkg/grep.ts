import { autotools, debian, emulated, gnu } from "../lib/linux/mod.ts"

const sha256 = "1db2aedde89d0dea42b16d9528f894c8d15dae4e190b59aecc78f5a951276eab"

export default autotools({
  name: "grep",
  version: "3.11",
  about: "GNU grep: prints lines that match",
  license: "GPL-3.0-or-later",
  source: [gnu("grep/grep-3.11.tar.xz", sha256), debian("grep", sha256, { suite: "trixie" })],
  seconds: 40,
  configure: ["--disable-nls --disable-dependency-tracking --disable-perl-regexp SHELL=/bin/sh"],
  check: () => `${emulated("src/grep")}make -C tests check`,
})
