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

// Counts the sections of the program that it is.
const look = `
#include <fcntl.h>
#include <gelf.h>
int main(int count, char **words) {
  size_t sections = 0;
  elf_version(EV_CURRENT);
  Elf *elf = elf_begin(open(words[0], O_RDONLY), ELF_C_READ, 0);
  return elf_getshdrnum(elf, &sections) == 0 && sections > 5 ? 0 : 1;
}
`

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
    check: ({ source }) => `printf '%s' '${look}' >look.c
"$CC" $CFLAGS $LDFLAGS -I${source}/libelf -o look look.c libelf/libelf.a -lz
$EMULATOR ./look`,
    phases: ({ source, machine }) => ({
      configure: `${source}/configure --build="$(clang -dumpmachine)" --host=${machine.triple} --prefix=/usr ${[...left, ...answers].join(" ")}`,
      build: "make -C libelf libelf.a",
      install: 'make -C libelf DESTDIR="$DESTDIR" install-includeHEADERS install-libLIBRARIES',
    }),
  },
  [tools.make],
)
