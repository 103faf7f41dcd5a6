// A system to begin with: toybox and bash, with finit as process 1.

import { type Step, type SystemSetting, system } from "../lib/linux/mod.ts"
import { recipes } from "../pkg/all.ts"

const { bash, etc, finit, "finit-console": console, toybox } = recipes

export default system({
  name: "default",
  about: "toybox and bash, with finit as process 1",
  packages: [etc, console, bash, toybox, finit],
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
    { run: "cat <(echo by a pipe); echo seen >/dev/stdout", says: "by a pipe\nseen" },
    ...others.flatMap(({ number, at }): readonly Step[] => {
      const device = qemu.disk.partition.replace(/\d+$/, String(number))
      return at === undefined
        ? [{ run: `swapon ${device}` }, { run: "cat /proc/swaps", says: `${device} ` }]
        : [{ run: `mount ${device} ${at}` }, { run: "mount", says: `${device} on ${at} type ext4` }]
    }),
    { run: "echo kept >/root/kept" },
    { run: 'sed -i "s|^root:[^:]*|root:$(echo secret | mkpasswd -P 0 -m sha512)|" /etc/passwd; sync' },
    { restart: "reboot", logIn: "root", password: "secret" },
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
