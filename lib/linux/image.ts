// Images of a root file system. Everything in them belongs to root, is sorted and bears one date; no step needs to be root, or a
// loop device: the sandbox maps the user to root, and each format has a tool that writes it as a file.

import { epochSeconds, shell } from "../graph/command.ts"
import { type Layers, type Output, type Target, target } from "../graph/target.ts"
import type { Tool } from "../graph/tool.ts"
import type { Machine } from "./machine.ts"
import { baseTools, cpio, e2fsprogs, gzip, sfdisk, tar } from "./tools.ts"

/** What an image is made of. */
export interface ImageOf {
  readonly machine: Machine
  readonly root: Layers
  /** Modes (octal) by path, where 644 and 755 are not right. */
  readonly modes: Readonly<Record<string, string>>
}

/** The disk's size; what is not used takes no space on the build machine. */
const diskMegabytes = 256
const partitionStartSectors = 2048
const sectorBytes = 512
/** Any fixed value does: they tell one file system from another. */
const fileSystemId = "7f3a1c52-6b0e-4d2f-9a58-0c1d2e3f4a5b"
const hashSeed = "1b2c3d4e-5f60-4718-8293-a4b5c6d7e8f9"
const diskId = "0x68617368"

/** rootfs.tar, of the format that every tar reads. */
export const tarball = (of: ImageOf) =>
  image(
    of,
    "rootfs.tar",
    "the root file system as a tar archive",
    [tar],
    (path) =>
      `tar --create --file ${path} --format=ustar --sort=name --owner=0 --group=0 --numeric-owner --mtime=@${epochSeconds} --directory root .`,
  )

/** initramfs.cpio.gz, which the kernel unpacks into memory; it starts /init. */
export const initramfs = (of: ImageOf) =>
  image(
    of,
    "initramfs.cpio.gz",
    "the root file system for the kernel to unpack into memory",
    [cpio, gzip],
    (path) => `
[ -e root/init ] || ln -s sbin/init root/init
find root -exec touch --no-dereference --date=@${epochSeconds} {} +
cd root && find . -mindepth 1 | sort | cpio --quiet --create --format=newc --reproducible --owner=0:0 | gzip -9n >"$OLDPWD/image" && cd .. && cp image ${path}`,
  )

/** disk.img: a DOS partition table and one ext4 file system, which starts at 1 MiB. */
export const diskImage = (of: ImageOf) =>
  image(
    of,
    "disk.img",
    "the root file system on a partitioned disk",
    [e2fsprogs, sfdisk],
    (path) => `
truncate --size=${diskMegabytes - 1}M fs
E2FSPROGS_FAKE_TIME=${epochSeconds} mke2fs -q -t ext4 -F -L root -U ${fileSystemId} -E hash_seed=${hashSeed},root_owner=0:0,lazy_itable_init=0,lazy_journal_init=0,nodiscard -O ^metadata_csum_seed fs
{
  echo "set_current_time @${epochSeconds}"
  (cd root && find . -mindepth 1 | sort | cut -c2-) >paths
  while read -r p; do
    if [ -L "root$p" ]; then echo "symlink \\"$p\\" \\"$(readlink "root$p")\\""
    elif [ -d "root$p" ]; then echo "mkdir \\"$p\\""; echo "set_inode_field \\"$p\\" mode 04$(stat -c %04a "root$p")"
    else echo "write \\"root$p\\" \\"$p\\""; echo "set_inode_field \\"$p\\" mode 010$(stat -c %04a "root$p")"
    fi
  done <paths
  while read -r p; do for time in atime ctime mtime crtime; do echo "set_inode_field \\"$p\\" $time @${epochSeconds}"; done; done <paths
  for p in / /lost+found; do for time in atime ctime mtime crtime; do echo "set_inode_field $p $time @${epochSeconds}"; done; done
  for field in mtime wtime lastcheck mkfs_time; do echo "set_super_value $field @${epochSeconds}"; done
  echo "set_super_value kbytes_written 0"
} >commands
debugfs -w -f commands fs >said 2>&1
! grep -v -e '^debugfs' -e '^Allocated inode' -e '^Setting current time' said
e2fsck -f -n fs
truncate --size=${diskMegabytes}M ${path}
echo 'start=${partitionStartSectors}, type=83, bootable' | sfdisk --quiet --label dos --no-tell-kernel ${path}
sfdisk --quiet --disk-id ${path} ${diskId}
dd if=fs of=${path} bs=1M seek=${(partitionStartSectors * sectorBytes) >> 20} conv=notrunc,sparse status=none`,
  )

/** The kernel's image beside the others. */
export const kernelImage = (machine: Machine, kernel: Output) =>
  target({
    name: `${machine.triple}/kernel-image`,
    about: "the kernel",
    inputs: { kernel },
    outputs: { kernel: `image/${machine.triple}/kernel` },
    tools: baseTools,
    run: ({ kernel: from }, { kernel }) => shell(`cp ${from}/boot/kernel ${kernel}`, "kernel-image"),
  })

function image(
  { machine, root, modes }: ImageOf,
  name: string,
  about: string,
  tools: readonly Tool[],
  script: (path: string) => string,
): Target<{ image: string }> {
  const { triple } = machine
  return target({
    name: `${triple}/${name}`,
    about,
    inputs: { root },
    outputs: { image: `image/${triple}/${name}` },
    tools: [...baseTools, ...tools],
    run: ({ root }, { image }) =>
      shell(`image=$PWD/${image}; cd "$SCRATCH"\n${rootScript(root, modes)}\n${script('"$image"')}`, name),
  })
}

/** A copy of the root tree with its modes; files that are not there need none. */
const rootScript = (root: string, modes: Readonly<Record<string, string>>): string =>
  [
    `cp -R --no-dereference --preserve=timestamps ${root} root`,
    "find root -type d -exec chmod 755 {} +",
    "find root -type f -perm -100 -exec chmod 755 {} +",
    "find root -type f ! -perm -100 -exec chmod 644 {} +",
    ...Object.entries(modes).map(([path, mode]) => `[ ! -e root/${path} ] || chmod ${mode} root/${path}`),
  ].join("\n")
