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

/** The kernel unpacks it into memory, and starts /init. */
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
find . -mindepth 1 | sort | cpio --quiet --create --format=newc --reproducible --owner=0:0 >../archive
gzip -9n <../archive >"$image"`,
})
