// A machine that serves: busybox and dropbear, services that are watched, a root that is never written to, /var and /home on partitions of
// their own. Who may log in by SSH is in /home/root/.ssh/authorized_keys; there are no passwords, and SSH takes none.

import { nameServerOf, type Service, type Step, type SystemSetting, serviceFiles, system } from "../lib/linux/mod.ts"
import { recipes } from "../pkg/all.ts"

const { "busybox-commands": commands, busybox, dropbear, etc } = recipes

/** Each reads its log from a directory below /var/log, which svlogd keeps small. */
const logged = (name: string): string => `exec svlogd -tt /var/log/${name}`
const keep = "s20000\nn4"

const services = ({ machine, network }: SystemSetting): Readonly<Record<string, Service>> => ({
  getty: { run: `exec getty -L 0 ${machine.console} vt100` },
  klogd: { run: "exec klogd -n" },
  network: {
    run:
      network.USE_DHCP === "yes"
        ? "ip link set eth0 up\nexec udhcpc -f -i eth0 -s /etc/network/dhcp"
        : `echo nameserver ${nameServerOf(network)} >/run/resolv.conf
ip link set eth0 up
ip addr replace ${network.LOCAL_IP} dev eth0
ip route replace default via ${network.ROUTER_IP}
exec sleep inf`,
    log: logged("network"),
  },
  sshd: {
    run: `key=/var/lib/dropbear/key
[ -s $key ] || dropbearkey -t ed25519 -f $key
exec dropbear -F -E -s -r $key`,
    log: logged("sshd"),
    finish: 'echo "ended: status $1, signal $2"',
  },
  // Without -L this version would drop what others send it.
  syslogd: { run: "exec syslogd -n -L -O -", log: "exec svlogd /var/log/syslog" },
})

const boot = `#!/bin/sh
mkdir /dev/pts
ln -s /proc/self/fd /dev/fd
ln -s fd/0 /dev/stdin
ln -s fd/1 /dev/stdout
ln -s fd/2 /dev/stderr
mount -a
hostname -F /etc/hostname
ip link set lo up
# Supervisors write beside what they watch.
cp -R /etc/service /run/service`

// Whoever is logged in on the console would not leave by himself.
const shutdown = `#!/bin/sh
killall -HUP runsvdir
sv hup getty
for i in $(seq 50); do pidof runsv >/dev/null || break; sleep 0.1; done
umount -a -r`

const dhcp = `#!/bin/sh
case $1 in
  deconfig) ip -4 addr flush dev "$interface" ;;
  bound | renew)
    ip addr replace "$ip/$mask" dev "$interface"
    [ -z "$router" ] || ip route replace default via "\${router%% *}"
    for server in $dns; do echo "nameserver $server"; done >/run/resolv.conf ;;
esac`

export default system({
  name: "server",
  about: "busybox and dropbear, services that are watched, a read-only root",
  packages: [etc, busybox, commands, dropbear],
  files: (setting) => ({
    "etc/passwd": "root::0:0:root:/home/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false",
    "etc/profile": "export PATH=/usr/bin:/usr/sbin\nPS1='\\u@\\h:\\w\\$ '",
    "etc/fstab": `proc /proc proc defaults 0 0
sysfs /sys sysfs defaults 0 0
devpts /dev/pts devpts gid=5,mode=620 0 0
tmpfs /run tmpfs mode=755 0 0
tmpfs /tmp tmpfs mode=1777 0 0
LABEL=rw /var ext4 defaults 0 0
LABEL=user /home ext4 defaults 0 0`,
    "etc/inittab": `::sysinit:/etc/boot\n::respawn:/usr/bin/runsvdir /run/service\n::shutdown:/etc/shutdown`,
    "etc/boot": boot,
    "etc/shutdown": shutdown,
    "etc/network/dhcp": dhcp,
    "etc/resolv.conf": "-> ../run/resolv.conf",
    "home/root/.ssh/": "",
    "var/lib/dropbear/": "",
    "var/service": "-> ../run/service",
    ...serviceFiles("etc/service", services(setting)),
    ...Object.fromEntries(["network", "sshd", "syslog"].map((name) => [`var/log/${name}/config`, keep])),
  }),
  modes: { "home/root": "700", "home/root/.ssh": "700", "var/lib/dropbear": "700" },
  sizes: { ROOTFS_SIZE: 32, RWFS_SIZE: 32, USERFS_SIZE: 32 },
  needsSizes: ["RWFS_SIZE", "USERFS_SIZE"],
  isReadOnly: true,
  hasNetwork: true,
  talks: { disk: talk, qcow2: talk },
})

const listens: Step = {
  run: "until netstat -ltn | grep -q ':22 ' && ip addr show eth0 | grep -q 'inet '; do sleep 1; done",
}

function talk({ machine, network }: SystemSetting): readonly Step[] {
  return [
    { logIn: "root" },
    { run: "uname -m", says: machine.processor.slice(0, 4) },
    { run: "touch /etc/new || echo read-only", says: "read-only" },
    { run: "echo seen >/dev/stdout", says: "seen" },
    { run: "mount", says: " on /var type ext4 (rw" },
    { run: "mount", says: " on /home type ext4 (rw" },
    { run: "echo kept >/var/kept; echo kept >/home/kept" },
    listens,
    { trust: "/home/root/.ssh/authorized_keys" },
    { ssh: "whoami; ip addr show eth0", says: network.USE_DHCP === "yes" ? "inet " : `inet ${network.LOCAL_IP}` },
    ...(network.USE_DHCP === "yes"
      ? []
      : [{ run: "cat /etc/resolv.conf", says: `nameserver ${nameServerOf(network)}` }]),
    // `scp -O` starts it here.
    { ssh: "command -v scp" },
    { run: "was=$(cat /run/service/sshd/supervise/pid); kill -9 $was" },
    { run: `until sv status sshd | grep -v "(pid $was)" | grep "^run: sshd:"; do sleep 1; done` },
    listens,
    { ssh: "cat /var/log/sshd/current", says: "ended: status -1, signal 9" },
    { ssh: "yes 'many words' | head -n 1500 | logger" },
    { ssh: "until ls /var/log/syslog/@*; do sleep 1; done" },
    { restart: "reboot", logIn: "root" },
    listens,
    { ssh: "cat /var/kept /home/kept", says: "kept\nkept" },
    { powerOff: "poweroff" },
  ]
}
