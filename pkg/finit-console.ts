import { files, kernelOptions } from "../lib/linux/mod.ts"

export default files({
  name: "finit-console",
  version: "1",
  about: "has finit start a shell on the console",
  license: "MIT",
  seconds: 1,
  files: ({ machine }) => ({
    // Nobody is asked for a password. Before this machine meets others, put what `mkpasswd -m sha512` prints after `root:`.
    "etc/passwd": "root::0:0:root:/root:/bin/bash\nnobody:x:65534:65534:nobody:/:/bin/false",
    "etc/shells": "/bin/sh\n/bin/bash",
    "etc/profile": "export PATH=/usr/bin:/usr/sbin\nPS1='\\u@\\h:\\w\\$ '",
    // finit mounts what every system has (/proc, /sys, /dev/pts, /dev/shm, /run, /tmp) by itself.
    "etc/fstab": "# device  directory  type  options  dump pass\n",
    // Of a kernel with a console on a screen, there as well.
    "etc/finit.conf": `runlevel 2\n\ntty [12345] ${machine.console} 0 vt100 noclear nowait${kernelOptions(machine).has("VT") ? "\ntty [12345] tty1 0 linux noclear nowait" : ""}`,
    "etc/finit.d/": "",
  }),
})
