import { debian, emulated, plainMake, tools, url } from "../lib/linux/mod.ts"

const sha256 = "3311dff32e746499f4df0d5df04d7eb396382d7e108bb9250e7b519b837043a4"

const words =
  'CC="$CC" HOSTCC="$HOSTCC" AR="$AR" NM="$NM" STRIP="$STRIP" OBJCOPY="$OBJCOPY" LD="$LD" SKIP_STRIP=y CONFIG_EXTRA_CFLAGS="$CFLAGS" CONFIG_EXTRA_LDFLAGS="$LDFLAGS" LDFLAGS='

// tc wants a scheduler that kernels no longer have, nor their headers; the others are assembler of x86 and ARM that clang does not take.
const left = ["FEATURE_TC_INGRESS", "SHA1_HWACCEL", "SHA256_HWACCEL", "TC"]

// Left out of its test-suite, besides what it takes for bugs of its own.
const leftOut = `# They make devices, and mount them: root of a sandbox may not.
rm mdev.tests makedevs.tests mount.tests
# They ask for www.google.com, and for the name of this machine.
rm -r wget hostname/hostname-d-works
# They compare it with other programs, which are not here.
rm -r du/du-works du/du-s-works hostname/hostname-works hostname/hostname-s-works strings
sed -i '/^testing "unzip (subdir only)"/s/testing/:/' unzip.tests
# musl's strptime reads no time zones, and its regexec no REG_STARTEND, for want of which upstream says that this one fails.
rm date/date-timezone
sed -i "/^testing 'awk gsub erroneous word start match'/s/testing/:/" awk.tests`

// It compiles a program for the build machine, and wants two more programs than there are.
const tests = `cd testsuite
${leftOut}
mkdir programs && ln -s ../../busybox programs/bunzip2 && ln -s ../../busybox programs/which
printf '#!/bin/sh\\nexec $HOSTCC "$@"\\n' >programs/gcc && chmod +x programs/gcc
PATH="$PWD/programs:$PATH" SKIP_KNOWN_BUGS=1 SHELL=/bin/sh sh ./runtest -v`

export default plainMake({
  name: "busybox",
  version: "1.37.0",
  about: "some four hundred small commands in one program",
  license: "GPL-2.0-only",
  source: [
    url("https://busybox.net/downloads/busybox-1.37.0.tar.bz2", sha256),
    debian("busybox", sha256, { suite: "trixie" }),
  ],
  tools: [tools.bzip2, tools.hostLibraries],
  // It is linked in several steps.
  lto: false,
  // Its pointers to what changes are declared constant, and clang believes it: some commands would read one before it is set.
  flags: ["-DBB_GLOBAL_CONST="],
  seconds: 70,
  prepare: () => `make defconfig HOSTCC="$HOSTCC"
for name in ${left.join(" ")}; do echo "# CONFIG_$name is not set"; done >chosen
echo CONFIG_STATIC=y >>chosen
grep -v ${[...left, "STATIC"].map((name) => `-e "CONFIG_${name}[= ]"`).join(" ")} .config >>chosen
mv chosen .config
# The list of its commands would be that of the configuration before: make knows that file by another name.
make silentoldconfig HOSTCC="$HOSTCC"`,
  make: [words, "busybox busybox.links"],
  // Without links: which of its commands a system takes from it is for the system to say.
  install: () =>
    'mkdir -p "$DESTDIR/usr/bin" "$DESTDIR/usr/share/busybox"; cp busybox "$DESTDIR/usr/bin"; cp busybox.links "$DESTDIR/usr/share/busybox/links"',
  checkTools: [tools.gzip, tools.tar],
  check:
    () => `$EMULATOR ./busybox --list | sort >has && sed 's|.*/||' busybox.links | sort | comm -23 - has >lacks && cat lacks && [ ! -s lacks ]
mkdir svlogd && echo kept | $EMULATOR ./busybox svlogd svlogd && [ "$(cat svlogd/current)" = kept ]
${emulated("busybox")}${tests}`,
})
