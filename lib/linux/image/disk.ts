// A disk: a DOS partition table, and partitions that start at whole MiB. Each has its number whether or not the others are there, so
// that what mounts them can say /dev/vda4 as well as the label. What is not used takes no space on the build machine.

import type { Machine } from "../machine.ts"
import { e2fsprogs, mkswap, qemuImg, sfdisk } from "../tools.ts"
import { ext4Functions } from "./ext4.ts"
import { format, type ImageOf, rootDevice } from "./format.ts"
import { type DiskSizes, diskMiB, tableMiB } from "./size.ts"

interface Partition {
  readonly number: number
  readonly size: keyof DiskSizes
  readonly label: string
  /** Any fixed one does: it tells this one from others. */
  readonly uuid: string
  /** The directory that fills it; swap has none. */
  readonly from?: string
  /** Where it is meant to be mounted. */
  readonly at?: string
}

const partitions: readonly Partition[] = [
  {
    number: 1,
    size: "ROOTFS_SIZE",
    label: "root",
    uuid: "7f3a1c52-6b0e-4d2f-9a58-0c1d2e3f4a5b",
    from: "root",
    at: "/",
  },
  {
    number: 2,
    size: "RWFS_SIZE",
    label: "rw",
    uuid: "0d6c3b7e-91a4-4f5e-8b27-6e5f4d3c2b1a",
    from: "root/var",
    at: "/var",
  },
  {
    number: 3,
    size: "USERFS_SIZE",
    label: "user",
    uuid: "c4b8e9d1-2f36-4a70-b5c9-1a2b3c4d5e6f",
    from: "root/home",
    at: "/home",
  },
  { number: 4, size: "SWAP_SIZE", label: "swap", uuid: "5e8d2a90-73cb-4e16-8d4f-9f8e7d6c5b4a" },
]

const kernel = ({ kernel: { drivers } }: Machine) => `${rootDevice} EXT4_FS ${drivers.disk}`
const diskId = "0x68617368"
const sectorsPerMiB = 2048

/** A partition with its place on a disk. */
export interface Placed extends Partition {
  readonly startMiB: number
  readonly sizeMiB: number
}

/** The partitions that have a size, one behind the other. */
export function partitionsOf(sizes: DiskSizes): readonly Placed[] {
  let end = tableMiB
  return partitions.flatMap((partition) => {
    const sizeMiB = sizes[partition.size]
    if (sizeMiB === 0) return []
    const startMiB = end
    end += sizeMiB
    return [{ ...partition, startMiB, sizeMiB }]
  })
}

export const disk = format({
  name: "disk",
  file: "disk.img",
  about: "the root file system on a partitioned disk",
  tools: [e2fsprogs, mkswap, sfdisk],
  kernel,
  script: ({ sizes }: ImageOf) => {
    const placed = partitionsOf(sizes)
    // What is mounted later needs a directory to be mounted at.
    const mounted = placed.flatMap(({ from }) => from ?? [])
    return `${ext4Functions}
truncate --size=${diskMiB(sizes)}M "$image"
sfdisk --quiet --no-tell-kernel "$image" <<END
${tableOf(placed)}
END
mkdir -p -m 755 ${mounted.join(" ")}
${placed.map(contentOf).join("\n")}`
  },
})

/** What sfdisk is told. Format: sfdisk(8), "Header lines" and "Named-fields format"; a device's last digits are the number. */
const tableOf = (placed: readonly Placed[]): string =>
  [
    "label: dos",
    `label-id: ${diskId}`,
    ...placed.map(({ number, startMiB, sizeMiB, from }) => {
      const [start, size] = [startMiB, sizeMiB].map((mebibytes) => mebibytes * sectorsPerMiB)
      return `disk${number}: start=${start}, size=${size}, type=${from === undefined ? 82 : 83}${number === 1 ? ", bootable" : ""}`
    }),
  ].join("\n")

const contentOf = ({ size, sizeMiB, startMiB, label, uuid, from }: Placed): string =>
  `${
    from === undefined
      ? `rm -f part; truncate --size=${sizeMiB}M part; mkswap --quiet --pagesize 4096 --label ${label} --uuid ${uuid} part`
      : `ext4 part ${sizeMiB} ${label} ${uuid} ${from} ${size}`
  }
dd if=part of="$image" bs=1M seek=${startMiB} conv=notrunc,sparse status=none`

/** One request at a time: clusters lie in the order in which they are written. */
export const qcow2 = format({
  name: "qcow2",
  file: "disk.qcow2",
  about: "the disk for QEMU, which holds what is used only",
  tools: [qemuImg],
  kernel,
  from: disk,
  script: () => 'qemu-img convert -m 1 -f raw -O qcow2 "$from" "$image"',
})
