import { debian, emulated, plainMake, tools, url } from "../lib/linux/mod.ts"

// finit has its own reboot; passwd of this version leaves an empty /etc/passwd behind.
const left = ["REBOOT", "PASSWD"]

const commands = (...names: readonly string[]) => names.map((name) => `usr/bin/${name}`)

// What its tests may not ask for here.
const amend = `cd tests
# Root of a sandbox may neither make files immutable nor set up loop devices, and has no other users to give files to.
rm chattr.test losetup.test
sed -i '/"extract dir.file from/s/^testing/:/' tar.test
# They give programs a tenth of a second, which a busy machine needs to start them.
rm timeout.test
# The archive of Debian lacks what these two read.
[ -e files/elf ] || rm file.test readelf.test
# musl's regexec has no REG_STARTEND: it stops at a NUL, and nowhere before it.
sed -i "/'s after NUL'/s/^testcmd/:/" sed.test
sed -i '/"xform trailing slash special case"/s/^testing/:/' tar.test
# There is no group of that name.
sed -i 's/--group sys/&:3/' tar.test
cd ..`

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
  checkTools: [tools.bzip2, tools.gzip, tools.tar],
  check: () => `${emulated("toybox")}${amend}
USER=root VERBOSE=all bash scripts/test.sh`,
})
