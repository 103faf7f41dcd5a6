import { files } from "../lib/linux/mod.ts"

export default files({
  name: "etc",
  version: "1",
  about: "the directories of a root file system, its accounts and its configuration",
  license: "MIT",
  modes: { "etc/shadow": "600", root: "700", tmp: "1777", "var/tmp": "1777" },
  seconds: 1,
  files: ({ machine }) => ({
    bin: "-> usr/bin",
    lib: "-> usr/lib",
    sbin: "-> usr/sbin",
    "dev/": "",
    "proc/": "",
    "root/": "",
    "run/": "",
    "sys/": "",
    "tmp/": "",
    "usr/bin/": "",
    "usr/lib/": "",
    "usr/sbin/": "",
    "var/log/": "",
    "var/run": "-> ../run",
    "var/tmp/": "",
    // Nobody is asked for a password: set one with `passwd` before this machine meets others.
    "etc/passwd": "root::0:0:root:/root:/bin/bash\nnobody:x:65534:65534:nobody:/:/bin/false",
    "etc/group": "root:x:0:\ntty:x:5:\ndisk:x:6:\nutmp:x:43:\nnogroup:x:65534:",
    "etc/hostname": "rootfs",
    "etc/hosts": "127.0.0.1 localhost\n::1 localhost",
    "etc/shells": "/bin/sh\n/bin/bash",
    "etc/profile": "export PATH=/usr/bin:/usr/sbin\nPS1='\\u@\\h:\\w\\$ '",
    // finit mounts what every system has (/proc, /sys, /dev/pts, /dev/shm, /run, /tmp) by itself.
    "etc/fstab": "# device  directory  type  options  dump pass\n",
    "etc/finit.conf": `runlevel 2\n\ntty [12345] ${machine.console} 0 vt100 noclear nowait`,
    "etc/finit.d/": "",
  }),
})
