import { autotools, debian, tools, url } from "../lib/linux/mod.ts"

const sha256 = "6dcd67ff9d8b13274ba3f088e4318be4f5b71412cd863524423fc49d39a6371f"

export default autotools({
  name: "e2fsprogs",
  version: "1.47.2",
  about: "makes, checks and changes ext4 file systems",
  license: "GPL-2.0-only AND LGPL-2.0-only AND BSD-3-Clause AND MIT",
  source: [
    url(
      "https://mirrors.edge.kernel.org/pub/linux/kernel/people/tytso/e2fsprogs/v1.47.2/e2fsprogs-1.47.2.tar.gz",
      sha256,
    ),
    debian("e2fsprogs", sha256, { suite: "trixie" }),
  ],
  tools: [tools.hostLibraries, tools.pkgConfig],
  seconds: 80,
  configure: [
    "--disable-defrag --disable-fuse2fs --disable-nls --disable-uuidd --enable-symlink-install --without-libarchive",
  ],
  // musl has it as a macro, which configure does not see.
  answers: { ac_cv_func_lseek64: "yes" },
  check: () => `truncate -s 4M image && $EMULATOR misc/mke2fs -q -t ext4 image && $EMULATOR e2fsck/e2fsck -fn image`,
})
