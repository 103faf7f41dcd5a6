import { autotools, debian, emulated, tools, url } from "../lib/linux/mod.ts"

const sha256 = "6dcd67ff9d8b13274ba3f088e4318be4f5b71412cd863524423fc49d39a6371f"

const tested = [
  ...["debugfs/debugfs", "e2fsck/e2fsck", "resize/resize2fs", "tests/progs/crcsum", "tests/progs/test_icount"],
  ...["misc/dumpe2fs", "misc/e2image", "misc/e2undo", "misc/mke2fs", "misc/tune2fs"],
]

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
  // Upstream leaves out by itself what takes long, and what wants loop devices or libarchive, or ACLs.
  checkTools: [tools.bzip2, tools.gzip, tools.perl, tools.tar],
  check: () => `mkdir bin && export PATH="$PWD/bin:$PATH"
printf '#!/bin/sh\\nexec bzip2 -d "$@"\\n' >bin/bunzip2 && printf '#!/bin/sh\\nexec gzip -d "$@"\\n' >bin/gunzip
chmod +x bin/*
make -C tests/progs
${emulated(...tested)}make -k -C tests check || { head -n 40 tests/*.failed; false; }`,
})
