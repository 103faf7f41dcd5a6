import { archive, custom, debian, kernelConfig, type Setting, tools, url } from "../lib/linux/mod.ts"

const { bc, bison, clang, flex, gzip, hostLibraries, lld, llvmTools, m4, make } = tools

export const linuxSource = archive([
  url(
    "https://cdn.kernel.org/pub/linux/kernel/v6.x/linux-6.12.107.tar.xz",
    "a5f8c5be3fde2d6d9ca14e9631642cf1f44487143f11059da730dcd5892e307a",
  ),
  // Without a few files that have no free licence: its own digest.
  debian("linux", "efc76d3c78a5d65f42724118c437d11db1c9f6309a5f024ee9a8b1978fdc6919", { suite: "trixie" }),
])

/** What every call of the kernel's makefiles is given; the last four keep user, host and clock out of the image. */
export const makeWords = ({ machine }: Setting): string =>
  [
    `ARCH=${machine.kernel.arch} LLVM=1 LLVM_IAS=1`,
    // The programs that the build itself runs are linked by clang's default linker otherwise, which is not there.
    "HOSTLDFLAGS=-fuse-ld=lld",
    "KBUILD_BUILD_USER=hashmake KBUILD_BUILD_HOST=hashmake KBUILD_BUILD_VERSION=1 KBUILD_BUILD_TIMESTAMP=1980-01-02",
  ].join(" ")

export default custom({
  name: "linux",
  version: "6.12.107",
  about: "the kernel, with what the machine's record asks for",
  license: "GPL-2.0-only",
  licenseText: ["COPYING", "LICENSES/preferred/GPL-2.0"],
  source: linuxSource,
  tools: [bc, bison, clang, flex, gzip, hostLibraries, lld, llvmTools, m4, make],
  toolsFor: ({ kernel }) => kernel.tools ?? [],
  seconds: 330,
  usesToolchain: false,
  phases: (setting) => {
    const { machine, source } = setting
    const call = ["make -C", source, 'O="$PWD"', makeWords(setting), ...(machine.kernel.words ?? [])].join(" ")
    return {
      configure: `cat >wanted <<'END_OF_FILE'\n${kernelConfig(machine)}END_OF_FILE
${call} KCONFIG_ALLCONFIG="$PWD/wanted" allnoconfig
# What the configuration did not take over, for want of something that it depends on, would be missed only at run time.
grep -v '=n$' wanted | sort >asked; sort .config | comm -23 asked - >lost
[ ! -s lost ] || { echo "the kernel did not take over:"; cat lost; exit 1; }`,
      build: `${call} ${machine.kernel.image}`,
      install: `mkdir "$DESTDIR/boot"; cp ${machine.kernel.path} "$DESTDIR/boot/kernel"; cp .config "$DESTDIR/boot/config"; cp System.map "$DESTDIR/boot"`,
    }
  },
})
