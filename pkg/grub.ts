import { custom, debian, type Platform, platformsOf, tools, url } from "../lib/linux/mod.ts"
import { kinds, modules } from "./grub/kinds.ts"

const { bison, clang, flex, hostLibraries, lld, llvmTools, m4, make, python } = tools
const sha256 = "f3c97391f7c4eaa677a78e090c7e97e6dc47b16f655f04683ebd37bef7fe0faa"

/** A GRUB for one platform. What its configure calls the host's runs here, and is linked statically: it runs where another step uses it. */
const configure = (platform: Platform, source: string): string => {
  const { cpu, firmware, flags = "" } = kinds[platform]
  return `mkdir ${platform}; (cd ${platform}; ${source}/configure --target=${cpu} --with-platform=${firmware} \\
  AR=llvm-ar LD=ld.lld RANLIB=llvm-ranlib BUILD_CC="clang -fuse-ld=lld" CC=clang CFLAGS=-O2 LDFLAGS="-fuse-ld=lld -static" \\
  TARGET_CC="clang --target=${cpu}-linux-musl -fno-pic -fno-pie --start-no-unused-arguments -fuse-ld=lld -static -no-pie --end-no-unused-arguments" \\
  TARGET_CFLAGS="-Os ${flags}" TARGET_NM=llvm-nm TARGET_OBJCOPY=llvm-objcopy TARGET_RANLIB=llvm-ranlib TARGET_STRIP=llvm-strip \\
  --disable-efiemu --disable-werror --disable-nls --disable-device-mapper --disable-grub-mkfont --disable-grub-mount \\
  --disable-grub-themes --disable-liblzma --disable-libzfs)`
}

/** What the makefile makes before the rest only where that is `all`. */
const generated = "grub_script.tab.h grub_script.yy.h"

/** Its modules, and what loads the first of them. */
const build = (platform: Platform): string => {
  const names = `${modules} ${kinds[platform].modules}`.split(/\s+/)
  const all = (ending: string) => names.map((name) => `${name}.${ending}`).join(" ")
  const images = kinds[platform].firmware === "pc" ? "boot_hybrid.img cdboot.img diskboot.img lzma_decompress.img" : ""
  return `make -C ${platform}/grub-core ${generated} rs_decoder.h
make -C ${platform}/grub-core MARKER_FILES="${all("marker")}" MODULE_FILES="${all("module")}" kernel.img ${images} ${all("mod")}`
}

/** Programs that run here. */
const forHere = (platform: Platform, names: string): string => `make -C ${platform}/grub-core/lib/gnulib
make -C ${platform} ${generated}
make -C ${platform} ${names}`

const install = (platform: Platform): string => `mkdir -p "$DESTDIR/boot/grub/${platform}"
(cd ${platform}/grub-core; cp *.img *.mod moddep.lst "$DESTDIR/boot/grub/${platform}")`

const tests = "cmp_test date_test example_unit_test printf_test"

export default custom({
  name: "grub",
  version: "2.12",
  about: "GRUB: what a medium's firmware starts, and the program that puts it together",
  license: "GPL-3.0-or-later",
  source: [url("https://ftp.gnu.org/gnu/grub/grub-2.12.tar.xz", sha256), debian("grub2", sha256, { suite: "trixie" })],
  patches: ["grub/arm64.patch", "grub/build.patch"],
  tools: [bison, clang, flex, hostLibraries, lld, llvmTools, m4, make, python],
  wants: { what: "BIOS or UEFI", has: (machine) => platformsOf(machine).length > 0 },
  seconds: 60,
  usesToolchain: false,
  // As a kernel it is in no root file system.
  phases: ({ machine, source }) => {
    const platforms = platformsOf(machine)
    return {
      configure: platforms.map((platform) => configure(platform, source)).join("\n"),
      build: [...platforms.map(build), ...platforms.slice(0, 1).map((any) => forHere(any, "grub-mkimage"))].join("\n"),
      install: [
        ...platforms.map(install),
        ...platforms.slice(0, 1).map((any) => `cp ${any}/grub-mkimage "$DESTDIR/boot/grub/mkimage"`),
      ].join("\n"),
    }
  },
  check: ({ machine }) =>
    platformsOf(machine)
      .slice(0, 1)
      .map((any) => `${forHere(any, tests)}\nfor name in ${tests}; do ${any}/$name; done`)
      .join("\n"),
})
