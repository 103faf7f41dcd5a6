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
  // Its tests compile hundreds of projects.
  check: ({ source }) => `mkdir project && cd project
printf "project('p')\\ncustom_target('t', output: 't.txt', command: ['cp', '@SOURCE_ROOT@/meson.build', '@OUTPUT@'], build_by_default: true)\\n" >meson.build
python3 ${source}/meson.py setup build && ninja -C build && cmp meson.build build/t.txt`,
})
