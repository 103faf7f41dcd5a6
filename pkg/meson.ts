import { custom, debian, tools, url } from "../lib/linux/mod.ts"
import python from "./python.ts"

const sha256 = "d926b730de6f518728cc7c57bc5e701667bae0c3522f9e369427b2cc7839d3c1"

export default custom({
  name: "meson",
  version: "1.0.1",
  about: "describes how something is built, for ninja",
  license: "Apache-2.0",
  source: [
    url("https://github.com/mesonbuild/meson/releases/download/1.0.1/meson-1.0.1.tar.gz", sha256),
    debian("meson", sha256),
  ],
  tools: [tools.ninja, tools.python],
  needs: [python],
  seconds: 2,
  usesToolchain: false,
  // It runs from where it lies; setuptools, which would install it, only copies.
  phases: ({ source }) => ({
    install: `to="$DESTDIR/usr/share/meson"; mkdir -p "$to" "$DESTDIR/usr/bin"
cp -R ${source}/meson.py ${source}/mesonbuild "$to"
ln -s ../share/meson/meson.py "$DESTDIR/usr/bin/meson"`,
  }),
  checkTools: [tools.clang, tools.hostLibraries, tools.lld, tools.llvmTools, tools.pkgConfig],
  // By the build machine's Python and compiler, as it is the same for all machines. Upstream's tests compile hundreds of projects: the
  // classes and projects that are not named here are left out for the time that they take, besides SubprojectsCommandTests, which want
  // git, and DataTests, which want documentation that a release does not have.
  check: ({ source }) => `cp -R ${source} meson; chmod -R u+w meson; cd meson
export CC=clang CXX=clang++ CC_LD=lld CXX_LD=lld AR=llvm-ar
python3 run_unittests.py InternalTests NativeFileTests PlatformAgnosticTests RewriterTests TAPParserTests
python3 run_project_tests.py --backend ninja --only "common/1 trivial" "common/3 static" "common/6 linkshared" "common/8 install" \\
  "common/14 configure file" "common/33 run program" "common/50 custom target chain" "common/56 array methods"`,
})
