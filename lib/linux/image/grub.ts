// GRUB as a medium carries it: one program for each kind of firmware that the machine has.

import type { Machine } from "../machine.ts"

/** How GRUB calls what it runs on. */
export type Platform = "i386-pc" | "x86_64-efi" | "arm64-efi"

/** The platforms that a machine's firmware makes, and what it looks for. */
export const platformsOf = ({ firmware: { bios, uefi } = {} }: Machine): readonly Platform[] =>
  [bios, uefi?.platform].filter((platform) => platform !== undefined)

/** Where the files of a platform are in `$loader`, the tree of GRUB's package. */
export const grubFiles = (platform: Platform): string => `"$loader"/boot/grub/${platform}`

/** A line of the shell that writes `to`: all that the package has for `platform` in one program, which starts as `early.cfg` says. */
export const makeGrub = (platform: Platform, to: string): string => {
  const files = grubFiles(platform)
  const modules = `$(cd ${files}; ls *.mod | sed 's/\\.mod$//')`
  return `"$loader"/boot/grub/mkimage -O ${platform} -d ${files} -p /boot/grub -c early.cfg -o ${to} ${modules}`
}
