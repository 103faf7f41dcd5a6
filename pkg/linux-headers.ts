import { custom, tools } from "../lib/linux/mod.ts"
import { linuxSource, makeWords } from "./linux.ts"

const { clang, hostLibraries, lld, llvmTools, make, rsync } = tools

export default custom({
  name: "linux-headers",
  version: "6.12.107",
  about: "the kernel's interface to programs, as C headers",
  license: "GPL-2.0-only WITH Linux-syscall-note",
  licenseText: ["COPYING", "LICENSES/exceptions/Linux-syscall-note", "LICENSES/preferred/GPL-2.0"],
  source: linuxSource,
  tools: [clang, hostLibraries, lld, llvmTools, make, rsync],
  isFoundation: true,
  seconds: 10,
  usesToolchain: false,
  phases: (setting) => ({
    install: `make -C ${setting.source} O="$PWD" ${makeWords(setting)} INSTALL_HDR_PATH="$DESTDIR/usr" headers_install`,
  }),
})
