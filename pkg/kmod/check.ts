// Runs kmod's own tests. They replace functions of the C library by libraries that are preloaded, which a static program cannot do:
// here the replacements are linked in.

import { emulated } from "../../lib/linux/mod.ts"

// What is replaced, and how a replacement finds the C library's own. Where times were once of 32
// bits, some have another name in it.
const faked = ["access", "fopen", "mkdir", "open", "opendir", "uname"]
const real = `#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>
${faked.map((name) => `extern __typeof__(${name}) __real_${name};\n`).join("")}
static int real_lstat(const char *path, struct stat *found) { return fstatat(AT_FDCWD, path, found, AT_SYMLINK_NOFOLLOW); }
static int real_stat(const char *path, struct stat *found) { return fstatat(AT_FDCWD, path, found, 0); }

void *dlsym(void *library, const char *name) {
${faked.map((name) => `  if (strcmp(name, "${name}") == 0) return (void *)__real_${name};\n`).join("")}  if (strcmp(name, "lstat") == 0) return (void *)real_lstat;
  if (strcmp(name, "stat") == 0) return (void *)real_stat;
  return NULL;
}
extern void *__dlsym_time64(void *, const char *) __attribute__((alias("dlsym")));

__attribute__((constructor)) static void start(void) {
  struct utsname now;
  __real_uname(&now);
  setenv("TESTSUITE_UNAME_R", now.release, 0);
  setenv("TESTSUITE_ROOTFS", "", 0);
  setenv("TESTSUITE_INIT_MODULE_RETCODES", "", 0);
  setenv("TESTSUITE_DELETE_MODULE_RETCODES", "", 0);
}
`

/** The modules come compiled: no kernel is needed. */
export const upstreamsTests = ({
  source,
}: {
  readonly source: string
}): string => `playground=${source}/testsuite/module-playground
mkdir tools modules testsuite && cp -R ${source}/testsuite/rootfs-pristine testsuite/rootfs && chmod -R u+w testsuite/rootfs
cp $playground/*.ko $playground/dummy.* $playground/cache/* modules
bash ${source}/testsuite/populate-modules.sh modules testsuite/rootfs config.h && touch testsuite/stamp-rootfs
cat >real.c <<'END'
${real}END
# Under an emulator the fakes are not the host's to preload, and two seconds can be too few.
sed -e 's/"LD_PRELOAD"/"FAKES"/' -e 's/2 \\* USEC_PER_SEC/60 * USEC_PER_SEC/' ${source}/testsuite/testsuite.c >testsuite.c
wraps=$(printf ' -Wl,--wrap=%s' ${faked.join(" ")})
wrapped=$(printf ' -D%s' ${faked.map((name) => `${name}=__wrap_${name}`).join(" ")} fopen64=one open64=two stat64=three lstat64=four)
cc() {
  "$CC" $CFLAGS -std=gnu11 -D_GNU_SOURCE -include config.h -I. -I${source} -I${source}/testsuite \\
    -DABS_TOP_BUILDDIR="\\"$PWD\\"" -DTESTSUITE_ROOTFS="\\"$PWD/testsuite/rootfs/\\"" "$@"
}
link() { cc $LDFLAGS -Wl,-z,nostart-stop-gc $wraps -o "$@" real.o init_module.o delete_module.o path.o uname.o libkmod.a -lzstd -llzma -lz; }
cc -c testsuite.c real.c ${source}/testsuite/init_module.c
cc -c -Dfree_resources=free_others ${source}/testsuite/delete_module.c
cc -c $wrapped ${source}/testsuite/path.c ${source}/testsuite/uname.c
link tools/kmod depmod.o insert.o insmod.o kmod.o log.o lsmod.o modinfo.o modprobe.o remove.o rmmod.o static-nodes.o
for test in ${source}/testsuite/test-*.c; do link "testsuite/$(basename $test .c)" $test testsuite.o; done
rm testsuite/test-tools
${emulated("tools/kmod", "testsuite/test-*")}for tool in depmod modinfo modprobe; do ln -s kmod tools/$tool; done
for test in testsuite/test-*; do case $test in *.real) ;; *) echo $test && $test ;; esac; done`
