import { clangMajor, custom, tools } from "../lib/linux/mod.ts"

export default custom({
  name: "clang-headers",
  version: clangMajor,
  about: "the headers that come with clang itself",
  license: "Apache-2.0 WITH LLVM-exception",
  tools: [tools.clang],
  isFoundation: true,
  givesWay: { llvm: [`usr/lib/clang/${clangMajor}/include`] },
  seconds: 1,
  usesToolchain: false,
  phases: () => ({
    install: `to="$DESTDIR/usr/lib/clang/${clangMajor}"; mkdir -p "$to"; cp -R "$(clang -print-resource-dir)/include" "$to"`,
  }),
})
