import { custom } from "../lib/linux/mod.ts"
import busybox from "./busybox.ts"

const commands = (...names: readonly string[]) => names.map((name) => `usr/bin/${name}`)
const forRoot = (...names: readonly string[]) => names.map((name) => `usr/sbin/${name}`)

export default custom({
  name: "busybox-commands",
  version: "1",
  about: "every command of busybox by its own name, its process 1 among them",
  license: "0BSD",
  needs: [busybox],
  isInit: true,
  givesWay: {
    bash: commands("sh"),
    bc: commands("bc", "dc"),
    bzip2: commands("bunzip2", "bzcat", "bzip2"),
    diffutils: commands("cmp", "diff"),
    e2fsprogs: [...commands("chattr", "lsattr"), ...forRoot("blkid", "findfs", "fsck", "mke2fs", "mkfs.ext2")],
    grep: commands("egrep", "fgrep", "grep"),
    iproute2: forRoot("ip"),
    kmod: [...commands("lsmod"), ...forRoot("depmod", "insmod", "modinfo", "modprobe", "rmmod")],
    less: commands("less"),
    mawk: commands("awk"),
    wget: commands("wget"),
    xz: commands("lzcat", "lzma", "unlzma", "unxz", "xz", "xzcat"),
  },
  seconds: 1,
  // The list says where each command is by tradition.
  phases: ({ sysroot }) => ({
    install: `mkdir -p "$DESTDIR/usr/bin" "$DESTDIR/usr/sbin"
sed -n -e 's|^/usr||' -e 's|^/\\(s\\{0,1\\}bin/.*\\)|\\1|p' ${sysroot}/usr/share/busybox/links | sort -u >commands
while read -r command; do ln -s ../bin/busybox "$DESTDIR/usr/$command"; done <commands`,
  }),
})
