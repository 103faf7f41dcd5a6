import { debian, plainMake, tools, url } from "../lib/linux/mod.ts"

// finit has its own of these.
const left = ["REBOOT"]

const commands = (...names: readonly string[]) => names.map((name) => `usr/bin/${name}`)

export default plainMake({
  name: "toybox",
  version: "0.8.9",
  about: "some two hundred small commands in one program",
  license: "0BSD",
  source: [
    url(
      "https://landley.net/toybox/downloads/toybox-0.8.9.tar.gz",
      "06913dde3de7139b40f947bd7f23869dfc8796e9c6ff39de02719f8b7b2d47ad",
    ),
    debian("toybox", "16fb5967531e88ca33b8c9142376987617ebe52e34e2b3f3a779603674b7d07c"),
  ],
  tools: [tools.bash, tools.hostLibraries],
  givesWay: {
    bzip2: commands("bunzip2", "bzcat"),
    diffutils: commands("cmp"),
    e2fsprogs: commands("chattr", "lsattr", "uuidgen"),
    grep: commands("egrep", "fgrep", "grep"),
    kmod: commands("insmod", "lsmod", "modinfo", "rmmod"),
    llvm: commands("readelf", "strings"),
    wget: commands("wget"),
  },
  seconds: 20,
  prepare: () => `make defconfig HOSTCC="$HOSTCC"
for name in ${left.join(" ")}; do echo "# CONFIG_$name is not set"; done >left
grep -v ${left.map((name) => `-e "^CONFIG_${name}="`).join(" ")} .config | cat - left >chosen && mv chosen .config`,
  make: () => [
    'HOSTCC="$HOSTCC"',
    'CC="$CC"',
    'STRIP="$STRIP"',
    "CROSS_COMPILE=",
    'CFLAGS="$CFLAGS"',
    'LDFLAGS="$LDFLAGS"',
    "toybox",
  ],
  install: () =>
    'mkdir -p "$DESTDIR/usr/bin"; make CC="$CC" HOSTCC="$HOSTCC" CROSS_COMPILE= PREFIX="$DESTDIR/usr/bin" install_flat',
})
