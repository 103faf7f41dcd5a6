// A compressed file system that is mounted read-only, as it lies on a medium.

import { epochSeconds } from "../../graph/command.ts"
import { mksquashfs } from "../tools.ts"
import { format, rootDevice } from "./format.ts"

export const squashfs = format({
  name: "squashfs",
  file: "rootfs.squashfs",
  about: "the root file system, compressed, to be mounted read-only",
  tools: [mksquashfs],
  kernel: ({ kernel: { drivers } }) => `${rootDevice} SQUASHFS SQUASHFS_ZSTD ${drivers.disk}`,
  // mksquashfs takes its dates from options or from SOURCE_DATE_EPOCH, and both are an error; the latter leaves earlier dates as they are.
  script: () =>
    `env -u SOURCE_DATE_EPOCH mksquashfs root "$image" -quiet -no-progress -noappend -comp zstd -all-root -no-xattrs -mkfs-time ${epochSeconds} -all-time ${epochSeconds}`,
})
