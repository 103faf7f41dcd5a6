import { autotools, debian, emulated, emulatingCompilers, gnu } from "../lib/linux/mod.ts"
import libcxx from "./libcxx.ts"

const sha256 = "ed5ad317858e0a9badbbada70df40194002e16e8834ac24491307c88f96f9702"

export default autotools({
  name: "gperf",
  version: "3.2.1",
  about: "makes perfect hash functions for sets of words",
  license: "GPL-3.0-or-later",
  source: [gnu("gperf/gperf-3.2.1.tar.gz", sha256), debian("gperf", sha256, { suite: "trixie" })],
  needs: [libcxx],
  seconds: 15,
  check: () => `${emulated("src/gperf")}${emulatingCompilers}make -C tests check`,
})
