import { debian, plainMake, tools, url } from "../lib/linux/mod.ts"

const sha256 = "3311dff32e746499f4df0d5df04d7eb396382d7e108bb9250e7b519b837043a4"

const words =
  'CC="$CC" HOSTCC="$HOSTCC" AR="$AR" NM="$NM" STRIP="$STRIP" OBJCOPY="$OBJCOPY" LD="$LD" SKIP_STRIP=y CONFIG_EXTRA_CFLAGS="$CFLAGS" CONFIG_EXTRA_LDFLAGS="$LDFLAGS" LDFLAGS='

// tc wants a scheduler that kernels no longer have, nor their headers; the others are assembler of x86 and ARM that clang does not take.
const left = ["FEATURE_TC_INGRESS", "SHA1_HWACCEL", "SHA256_HWACCEL", "TC"]

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
  check:
    () => `$EMULATOR ./busybox --list | sort >has && sed 's|.*/||' busybox.links | sort | comm -23 - has >lacks && cat lacks && [ ! -s lacks ]
[ "$($EMULATOR ./busybox sh -c 'echo one two | { read -r a b; echo "$b $a"; }')" = "two one" ]
[ "$(printf '3\\n1\\n2\\n' | $EMULATOR ./busybox sort | $EMULATOR ./busybox tr '\\n' ' ')" = "1 2 3 " ]
echo kept | $EMULATOR ./busybox svlogd .
[ "$(cat current)" = kept ]`,
})
