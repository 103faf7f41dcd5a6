// A system to begin with: toybox and bash, with finit as process 1.

import { type Step, type SystemSetting, system } from "../lib/linux/mod.ts"
import { recipes } from "../pkg/all.ts"

const { bash, etc, finit, toybox } = recipes

export default system({
  name: "default",
  about: "toybox and bash, with finit as process 1",
  packages: [etc, bash, toybox, finit],
  files: ({ machine }) => ({
    // Nobody is asked for a password: set one with `passwd` before this machine meets others.
    "etc/passwd": "root::0:0:root:/root:/bin/bash\nnobody:x:65534:65534:nobody:/:/bin/false",
    "etc/shells": "/bin/sh\n/bin/bash",
    "etc/profile": "export PATH=/usr/bin:/usr/sbin\nPS1='\\u@\\h:\\w\\$ '",
    // finit mounts what every system has (/proc, /sys, /dev/pts, /dev/shm, /run, /tmp) by itself.
    "etc/fstab": "# device  directory  type  options  dump pass\n",
    "etc/finit.conf": `runlevel 2\n\ntty [12345] ${machine.console} 0 vt100 noclear nowait`,
    "etc/finit.d/": "",
  }),
  talks: { disk: onDisk, initramfs: inMemory, iso: overMedium, qcow2: onDisk, squashfs: onMedium },
})

const arrive: Step = { logIn: "root" }
const leave: Step = { powerOff: "poweroff" }

function onDisk({ machine: { processor, qemu }, partitions }: SystemSetting): readonly Step[] {
  const others = partitions.filter(({ at }) => at !== "/")
  return [
    arrive,
    { run: "uname -m", says: processor.slice(0, 4) },
    { run: "mount", says: " / type ext4" },
    // The machine's clock, not the beginning of time or the day of the image.
    { run: "[ $(date +%Y) -ge 2026 ]" },
    { run: "for i in 1 2 3; do echo $((i * i)); done", says: "1\n4\n9" },
    ...others.flatMap(({ number, at }): readonly Step[] => {
      const device = qemu.disk.partition.replace(/\d+$/, String(number))
      return at === undefined
        ? [{ run: `swapon ${device}` }, { run: "cat /proc/swaps", says: `${device} ` }]
        : [{ run: `mount ${device} ${at}` }, { run: "mount", says: `${device} on ${at} type ext4` }]
    }),
    { run: "echo kept >/root/kept; sync" },
    { restart: "reboot", logIn: "root" },
    { run: "cat /root/kept", says: "kept" },
    leave,
  ]
}

function inMemory(): readonly Step[] {
  return [arrive, { run: "mount", says: "rootfs on / type" }, { run: "ls -l /init /bin/bash" }, leave]
}

function onMedium(): readonly Step[] {
  const places = "lowerdir=/etc,upperdir=/run/etc/upper,workdir=/run/etc/work"
  return [
    arrive,
    { run: "mount", says: " / type squashfs" },
    { run: "touch /etc/new || echo read-only", says: "read-only" },
    { run: "mkdir -p /run/etc/upper /run/etc/work" },
    { run: `mount -t overlay -o ${places} overlay /etc` },
    { run: "echo written >/etc/new; cat /etc/new /etc/hostname", says: "written\nrootfs" },
    leave,
  ]
}

function overMedium(): readonly Step[] {
  return [
    arrive,
    { run: "mount", says: "live on / type overlay" },
    { run: "echo written >/etc/hostname; rm /etc/shells; sync" },
    { run: "cat /etc/hostname", says: "written" },
    { run: "ls /etc/shells || echo gone", says: "gone" },
    leave,
  ]
}
