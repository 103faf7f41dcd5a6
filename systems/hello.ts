// The smallest system that boots: one program, a kernel, a disk. doc/tutorial.md makes it from nothing.

import { custom, type Step, system } from "../lib/linux/mod.ts"

const program = `#include <stdio.h>
#include <sys/reboot.h>
#include <unistd.h>

int main(void) {
  puts("Hello, World!");
  fflush(stdout);
  sync();
  return reboot(RB_POWER_OFF);
}`

const hello = custom({
  name: "hello",
  version: "1",
  about: "a program that says hello, and powers the machine off",
  license: "0BSD",
  isInit: true,
  seconds: 1,
  where: "systems/hello.ts",
  phases: () => ({
    prepare: `cat >hello.c <<'END'\n${program}\nEND`,
    build: "$CC $CFLAGS $LDFLAGS -o init hello.c",
    install: 'mkdir -p "$DESTDIR/sbin" "$DESTDIR/dev"; cp init "$DESTDIR/sbin"',
  }),
})

const talk = (): readonly Step[] => [{ shows: "Hello, World!" }]

export default system({
  name: "hello",
  about: "one program that says hello",
  packages: [hello],
  sizes: { ROOTFS_SIZE: 8 },
  talks: { disk: talk, initramfs: talk, qcow2: talk, squashfs: talk },
})
