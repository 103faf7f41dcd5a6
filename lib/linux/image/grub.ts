// GRUB as a medium carries it: one program for each kind of firmware, made of the build machine's own GRUB (an x86 one has nothing for
// other processors, so what starts those comes out of Debian's package for them).

import { shell } from "../../graph/command.ts"
import { target, tree } from "../../graph/target.ts"
import type { Tool } from "../../graph/tool.ts"
import { foreignPackage } from "../foreign.ts"
import type { Machine } from "../machine.ts"
import { baseTools, dpkgDeb, grubForBios, grubForUefi, tar } from "../tools.ts"

/** How GRUB calls what it runs on. */
export type Platform = "i386-pc" | "x86_64-efi" | "arm64-efi"

/** The platforms that a machine's firmware makes, and what it looks for. */
export const platformsOf = ({ firmware: { bios, uefi } = {} }: Machine): readonly Platform[] =>
  [bios, uefi?.platform].filter((platform) => platform !== undefined)

/** Every file that may be needed to read a medium, show a menu, and start a kernel. */
const modules =
  "normal configfile linux search search_fs_file part_gpt part_msdos iso9660 gzio echo test ls cat help reboot halt terminal minicmd"

const platformModules: Readonly<Record<Platform, string>> = {
  "i386-pc": "biosdisk serial",
  "x86_64-efi": "all_video efi_gop efi_uga",
  "arm64-efi": "all_video efi_gop fdt",
}

/** What GRUB for a machine is taken from, as tools of the build machine. */
export const grubTools = (machine: Machine): readonly Tool[] =>
  platformsOf(machine).flatMap((platform) => toolOf[platform] ?? [])

const toolOf: Readonly<Record<Platform, Tool | undefined>> = {
  "i386-pc": grubForBios,
  "x86_64-efi": grubForUefi,
  "arm64-efi": undefined,
}

/** Where the files of a platform are; `$modules` is where there is no tool for it. */
export const grubFiles = (platform: Platform): string =>
  platform === "arm64-efi" ? '"$modules"' : `/usr/lib/grub/${platform}`

/** A line of the shell that writes `to`, a GRUB for `platform` that starts as `early.cfg` says. */
export const makeGrub = (platform: Platform, to: string): string => {
  const words = `${modules} ${platformModules[platform]}`
  return `grub-mkimage -O ${platform} -d ${grubFiles(platform)} -p /boot/grub -c early.cfg -o ${to} ${words}`
}

/** Debian's GRUB for 64-bit ARM: a package of bookworm. */
const armPackage = {
  name: "grub-efi-arm64-bin",
  architecture: "arm64",
  digest: "04e469e0221a357bfe0a1f0fc558f08a92edf99ef13c321aa9ea1e04951a2914",
} as const

/** GRUB's modules for 64-bit ARM, as a tree. */
export const grubForArm = target({
  name: "source/grub-arm64-efi/unpack",
  about: "GRUB's modules for 64-bit ARM",
  inputs: { archive: foreignPackage(armPackage).outputs.archive },
  outputs: { tree: tree() },
  tools: [...baseTools, dpkgDeb, tar],
  run: ({ archive }, { tree }) => shell(unpack(archive, tree), "unpack"),
})

const unpack = (archive: string, to: string): string =>
  `dpkg-deb --fsys-tarfile '${archive}' | tar --extract --directory '${to}' --strip-components 5 ./usr/lib/grub/arm64-efi`
