// Archives of a root file system. Everything in them belongs to root, is sorted and bears one date.

import { epochSeconds } from "../../graph/command.ts"
import { cpio, gzip, tar, zstd } from "../tools.ts"
import { format } from "./format.ts"

/** What has tar give the same bits for the same files, of the format that every tar reads. */
export const sameTar = `--create --format=ustar --sort=name --owner=0 --group=0 --numeric-owner --mtime=@${epochSeconds}`

export const tarball = format({
  name: "tar",
  file: "rootfs.tar",
  about: "the root file system as a tar archive",
  tools: [tar],
  script: () => `tar ${sameTar} --file "$image" --directory root .`,
})

/** One thread: with more, the bits would depend on how many. */
export const zstdTarball = format({
  name: "tar.zst",
  file: "rootfs.tar.zst",
  about: "the root file system as a compressed tar archive",
  tools: [zstd],
  from: tarball,
  script: () => 'zstd --quiet --single-thread -19 --stdout <"$from" >"$image"',
})

/**
 * The kernel unpacks it into memory, and starts /init. How many links a directory has is told by the build machine's file system, and
 * btrfs tells otherwise than ext4: each is given 2, as cpio does by itself from version 2.14 on. That number is at 38 in a member's header
 * of 110 bytes; header and name, and the content, are padded to 4.
 */
export const initramfs = format({
  name: "initramfs",
  file: "initramfs.cpio.gz",
  about: "the root file system for the kernel to unpack into memory",
  tools: [cpio, gzip],
  kernel: "BLK_DEV_INITRD RD_GZIP",
  script: () => `
[ -e root/init ] || [ -L root/init ] || ln -s sbin/init root/init
find root -exec touch --no-dereference --date=@${epochSeconds} {} +
cd root
find . -mindepth 1 -printf '%P\\t%y\\t%s\\n' | sort >../members
cut -f 1 ../members | cpio --quiet --create --format=newc --reproducible --owner=0:0 >../archive
awk -F '\\t' '
  function padded(bytes) { return int((bytes + 3) / 4) * 4 }
  $2 == "d" { printf "%.0f\\n", at + 38 }
  { at += padded(110 + length($1) + 1) + ($2 == "d" ? 0 : padded($3)) }' ../members |
  while read -r at; do printf 00000002 | dd of=../archive bs=1 seek="$at" conv=notrunc status=none; done
gzip -9n <../archive >"$image"`,
})
