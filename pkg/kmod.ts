import { custom, debian, tools } from "../lib/linux/mod.ts"
import { upstreamsTests } from "./kmod/check.ts"
import xz from "./xz.ts"
import zlib from "./zlib.ts"
import zstd from "./zstd.ts"

const sha256 = "00bc9ae4f1f9e1bbc1266d838452865bc7c24271d0853939edbe3029ad22af4e"

const has = ["HAVE_LINUX_MODULE_H", "HAVE_NORETURN", "HAVE_SECURE_GETENV", "HAVE_STATIC_ASSERT"]
const settings = [
  ...[...has, "HAVE_STRUCT_STAT_ST_MTIM", "HAVE___BUILTIN_UADDLL_OVERFLOW", "HAVE___BUILTIN_UADDL_OVERFLOW"],
  ...["HAVE_DECL_BE32TOH", "ENABLE_LOGGING", "ENABLE_XZ", "ENABLE_ZLIB", "ENABLE_ZSTD"],
]

export default custom({
  name: "kmod",
  version: "30+20221128",
  about: "loads and removes the kernel's modules, and says what they need",
  license: "GPL-2.0-or-later AND LGPL-2.1-or-later",
  // What Debian took of upstream's repository: it has no configure, which here would have little to find out.
  source: [debian("kmod", sha256)],
  tools: [tools.sed],
  needs: [xz, zlib, zstd],
  // It takes basename() from string.h, where musl no longer has it.
  flags: ["-include libgen.h"],
  seconds: 10,
  phases: ({ source }) => ({
    configure: `for name in ${settings.join(" ")}; do echo "#define $name 1"; done >config.h
cat >>config.h <<'END'
#define HAVE_DECL_STRNDUPA 0
#define KMOD_FEATURES "+ZSTD +XZ +ZLIB -LIBCRYPTO"
#define PACKAGE "kmod"
#define SYSCONFDIR "/etc"
#define VERSION "30"
END`,
    build: `for file in ${source}/shared/*.c ${source}/libkmod/*.c ${source}/tools/*.c; do
  "$CC" $CFLAGS -std=gnu11 -D_GNU_SOURCE -include config.h -I. -I${source} -c "$file"
done
rm -f libkmod.a && "$AR" rcD libkmod.a libkmod*.o array.o hash.o scratchbuf.o strbuf.o util.o
"$CC" $CFLAGS $LDFLAGS -o kmod depmod.o insert.o insmod.o kmod.o log.o lsmod.o modinfo.o modprobe.o remove.o rmmod.o static-nodes.o libkmod.a -lzstd -llzma -lz`,
    install: `mkdir -p "$DESTDIR/usr/bin" "$DESTDIR/usr/sbin" "$DESTDIR/usr/lib/pkgconfig" "$DESTDIR/usr/include"
cp kmod "$DESTDIR/usr/bin" && ln -s kmod "$DESTDIR/usr/bin/lsmod"
for name in depmod insmod modinfo modprobe rmmod; do ln -s ../bin/kmod "$DESTDIR/usr/sbin/$name"; done
cp libkmod.a "$DESTDIR/usr/lib" && cp ${source}/libkmod/libkmod.h "$DESTDIR/usr/include"
sed -e 's|@prefix@|/usr|; s|@exec_prefix@|/usr|; s|@libdir@|/usr/lib|; s|@includedir@|/usr/include|; s|@VERSION@|30|' -e 's|@lib.*@|-lzstd -llzma -lz|' ${source}/libkmod/libkmod.pc.in >"$DESTDIR/usr/lib/pkgconfig/libkmod.pc"`,
  }),
  // Without upstream's `test-tools`, which is for commands that are built only where configure is told --enable-experimental.
  checkTools: [tools.bash, tools.gzip, tools.xz, tools.zstd],
  check: upstreamsTests,
})
