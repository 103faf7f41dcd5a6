import { debian, plainMake, tools, url } from "../lib/linux/mod.ts"

const sha256 = "5ce12a0fec6b212725ef218735941b2dab76244db7e72646a76021b0537b43ab"
const words = [
  'CC="$CC" HOSTCC="$HOSTCC" AR="$AR" CCOPTS="$CFLAGS" KERNEL_INCLUDE="$SYSROOT/usr/include" SBINDIR=/usr/sbin',
  // Plug-ins are linked in. Without libmnl, what is configured by nothing but netlink's newer interfaces is left out.
  'SHARED_LIBS=n SUBDIRS="lib ip tc bridge genl"',
]

export default plainMake({
  name: "iproute2",
  version: "6.1.0",
  about: "network interfaces, addresses, routes and queues",
  license: "GPL-2.0-or-later",
  source: [
    url("https://cdn.kernel.org/pub/linux/utils/net/iproute2/iproute2-6.1.0.tar.xz", sha256),
    debian("iproute2", sha256),
  ],
  tools: [tools.bison, tools.flex, tools.hostLibraries, tools.m4, tools.pkgConfig],
  // It takes basename() from string.h, where musl no longer has it.
  flags: ["-include libgen.h"],
  without: ["usr/share/bash-completion"],
  seconds: 50,
  // It looks for what can be compiled and linked.
  prepare: () => "./configure",
  make: words,
  // Its tests change the network of the machine that they run on.
  check: () => `$EMULATOR ip/ip -V && $EMULATOR ip/ip -o link show lo | grep LOOPBACK`,
})
