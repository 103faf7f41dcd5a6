import { files } from "../lib/linux/mod.ts"

export default files({
  name: "clang-config",
  version: "1",
  about: "links statically, with the libraries that clang lies beside",
  license: "MIT",
  seconds: 1,
  // clang reads the file of its own name in its own directory whenever it starts.
  files: () => ({
    "usr/bin/clang++.cfg": "-> clang.cfg",
    "usr/bin/clang.cfg": "--sysroot=<CFGDIR>/../..\n-static",
  }),
})
