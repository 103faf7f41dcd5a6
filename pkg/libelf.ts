import { custom, debian, tools, url } from "../lib/linux/mod.ts"
import zlib from "./zlib.ts"

const sha256 = "fb8b0e8d0802005b9a309c60c1d8de32dd2951b56f0c3a3cb56d21ce01595dff"

// Of elfutils the library alone: its programs call much that musl does not have, and configure asks for it. What it asks for thread-local
// variables is whether a shared library may have them.
const answers = [
  ...["_obstack_free", "argp_parse", "fts_close"].map((name) => `ac_cv_search_${name}="none required"`),
  "ac_cv_tls=yes",
]
const left = [
  "--disable-debuginfod --disable-libdebuginfod --disable-nls --without-bzlib --without-lzma --without-zstd",
]

// Of elfutils' tests those of libelf alone, which are programs, and scripts that start other programs. The other scripts start programs of
// elfutils.
const programs =
  "elfshphehdr elfstrtab emptyfile fillfile hash msg_tst newdata newfile newscn system-elf-libelf-test test-nlist update1 update2 vendorelf"
const scripts =
  "arextract arsymtest bug1-test early-offscn ecp-test elf_cntl_gelf_getshdr elfgetzdata elfputzdata strptr test-flag-nobits xlate-note zstrptr"
const started =
  "arextract arsymtest rdwrmmap early-offscn ecp test-elf_cntl_gelf_getshdr elfgetzdata elfputzdata strptr test-flag-nobits xlate_notes zstrptr"

export default custom(
  {
    name: "libelf",
    version: "0.188",
    about: "reads and writes ELF files",
    license: "GPL-2.0-or-later OR LGPL-3.0-or-later",
    licenseText: ["COPYING", "COPYING-GPLV2", "COPYING-LGPLV3"],
    source: [
      url("https://sourceware.org/elfutils/ftp/0.188/elfutils-0.188.tar.bz2", sha256),
      debian("elfutils", sha256),
    ],
    tools: [tools.m4],
    needs: [zlib],
    seconds: 20,
    // One looks for its own symbols, which are to be neither optimised away nor stripped.
    checkTools: [tools.bzip2],
    check: ({ source }) => `mkdir commands
printf '#!/bin/sh\\nexec bzip2 -d "$@"\\n' >commands/bunzip2
printf '#!/bin/sh\\necho; exec llvm-nm --print-armap "$2"\\n' >commands/nm
chmod +x commands/*
export PATH="$PWD/commands:$PATH" NM=nm VALGRIND_CMD="$EMULATOR" elfutils_testrun=built
export srcdir=${source}/tests abs_srcdir=${source}/tests abs_builddir="$PWD/tests" abs_top_builddir="$PWD"
cd tests
for test in ${programs} ${started}; do
  "$CC" $CFLAGS -fno-lto -w -D_GNU_SOURCE -DHAVE_CONFIG_H -I.. -I${source}/lib -I${source}/libelf -include config.h -o $test ${source}/tests/$test.c ${source}/lib/error.c ../libelf/libelf.a -lz
done
for test in ${programs}; do echo "$test"; $EMULATOR ./$test; done
for test in ${scripts}; do echo "$test"; sh ${source}/tests/run-$test.sh; done`,
    phases: ({ source, machine }) => ({
      configure: `${source}/configure --build="$(clang -dumpmachine)" --host=${machine.triple} --prefix=/usr ${[...left, ...answers].join(" ")}`,
      build: "make -C libelf libelf.a",
      install: 'make -C libelf DESTDIR="$DESTDIR" install-includeHEADERS install-libLIBRARIES',
    }),
  },
  [tools.make],
)
