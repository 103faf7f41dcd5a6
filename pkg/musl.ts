import { autotools } from "../lib/linux/mod.ts"
import clangHeaders from "./clang-headers.ts"
import compilerRt from "./compiler-rt.ts"
import linuxHeaders from "./linux-headers.ts"
import { muslSource } from "./musl-headers.ts"

export default autotools({
  name: "musl",
  version: "1.2.5",
  about: "the C library",
  license: "MIT",
  source: muslSource,
  needs: [clangHeaders, compilerRt, linuxHeaders],
  isFoundation: true,
  // The compiler emits calls to memcpy and its like after symbols are resolved: they must not be in files that LTO may drop.
  lto: false,
  seconds: 35,
  configure: ["--syslibdir=/usr/lib --disable-shared --disable-wrapper"],
})
