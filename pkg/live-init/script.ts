// The text of /init, for busybox's shell. It says what it has to say as messages of the kernel: these reach every console.

/** What the kernel starts. */
export const script = `#!/usr/bin/sh
# The first program of a system that was started from a medium. The medium is the one that has live/ID.squashfs, where live=ID on the
# kernel's command line is that file's SHA-256: no other medium, however alike, is taken for it.

PATH=/usr/bin
waits=20

say() { echo "<3>live: $*" >/dev/kmsg; }
fail() { say "$*"; return 1; }

# Disks, partitions and drives by the names that the kernel gave them.
devices() { ls /sys/class/block | grep -v -e '^loop' -e '^ram'; }
is_medium() { [ -f "/medium/live/$id.squashfs" ]; }
look_at() { mount -t iso9660 -o ro "/dev/$1" /medium 2>/dev/null; }

# Devices of USB appear when they like. What is no medium is complained of by the kernel, each time.
find_medium() {
  [ -n "$id" ] || fail "live=ID is missing on the kernel's command line" || return
  say "looking for the medium"
  echo 3 >/proc/sys/kernel/printk
  for second in $(seq "$waits"); do
    for device in $(devices); do
      look_at "$device" || continue
      if is_medium; then break 2; fi
      umount /medium
    done
    sleep 1
  done
  echo 7 >/proc/sys/kernel/printk
  is_medium || missing
}

missing() {
  say "no medium has live/$id.squashfs; looked at for $waits s:"
  [ -n "$(devices)" ] || say "- no device at all: the kernel has no driver for where the medium is"
  for device in $(devices); do
    size=$(($(cat "/sys/class/block/$device/size") / 2048))
    holds="no ISO 9660"
    if look_at "$device"; then
      holds="a medium with $(cd /medium; ls -d live/* 2>/dev/null || echo "no system")"
      umount /medium
    fi
    say "- $device, $size MiB: $holds"
  done
  return 1
}

check_medium() {
  say "reading the whole medium"
  echo "$id  /medium/live/$id.squashfs" | sha256sum -c >/dev/null 2>&1
}

lay_over() {
  mount -t squashfs -o loop,ro "/medium/live/$id.squashfs" /system || fail "the medium's system cannot be mounted" || return
  mount -t tmpfs -o mode=755 live /over && mkdir /over/new /over/work || fail "there is no memory to write to" || return
  mount -t overlay -o lowerdir=/system,upperdir=/over/new,workdir=/over/work live /new ||
    fail "memory cannot be laid over the medium (overlay)"
}

start() {
  find_medium || return
  [ -z "$check" ] || check_medium || fail "the medium is damaged: what was read is not what was written" || return
  lay_over || return
  [ -e /new/sbin/init ] || [ -L /new/sbin/init ] || fail "the medium's system has no /sbin/init" || return
  say "starting the system on $device"
  for directory in dev proc sys; do
    mkdir -p "/new/$directory" && mount --move "/$directory" "/new/$directory"
  done
  exec switch_root /new /sbin/init
}

# A shell on each console, until one of them ends.
rescue() {
  say "a shell follows; when it ends, the medium is looked for again"
  shells=
  for terminal in $(sed 's/tty0/tty1/' /sys/class/tty/console/active); do
    setsid -c sh </dev/"$terminal" >/dev/"$terminal" 2>&1 &
    shells="$shells $!"
  done
  wait -n
  kill -HUP $shells 2>/dev/null
  umount /new /over /system /medium 2>/dev/null
}

busybox mount -t proc processes /proc
busybox --install -s /usr/bin 2>/dev/null
mount -t devtmpfs devices /dev
mount -t sysfs system /sys
for word in $(cat /proc/cmdline); do
  case $word in
    live=*) id=$(echo "$word" | cut -d = -f 2) ;;
    live-check) check=yes ;;
  esac
done
until start; do rescue; done
`
