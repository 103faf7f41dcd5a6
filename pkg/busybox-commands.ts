import { custom } from "../lib/linux/mod.ts"
import busybox from "./busybox.ts"

export default custom({
  name: "busybox-commands",
  version: "1",
  about: "every command of busybox by its own name, its process 1 among them",
  license: "0BSD",
  needs: [busybox],
  isInit: true,
  seconds: 1,
  // The list says where each command is by tradition.
  phases: ({ sysroot }) => ({
    install: `mkdir -p "$DESTDIR/usr/bin" "$DESTDIR/usr/sbin"
sed -n -e 's|^/usr||' -e 's|^/\\(s\\{0,1\\}bin/.*\\)|\\1|p' ${sysroot}/usr/share/busybox/links | sort -u >commands
while read -r command; do ln -s ../bin/busybox "$DESTDIR/usr/$command"; done <commands`,
  }),
})
