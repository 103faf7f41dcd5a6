import type { Platform } from "../../lib/linux/mod.ts"

/** How a GRUB is made: what its configure calls the processor and the firmware, how it is compiled, and the modules that only it has. */
export interface Kind {
  readonly cpu: string
  readonly firmware: string
  readonly flags?: string
  readonly modules: string
}

export const kinds: Readonly<Record<Platform, Kind>> = {
  "i386-pc": { cpu: "i386", firmware: "pc", modules: "acpi biosdisk mmap pci relocator serial terminfo vbe" },
  "x86_64-efi": {
    cpu: "x86_64",
    firmware: "efi",
    modules: "acpi all_video efi_gop efi_uga mmap relocator video_bochs video_cirrus",
  },
  "arm64-efi": {
    cpu: "aarch64",
    firmware: "efi",
    // GRUB's loader pairs each load of an address with what comes before it, which is not so where the ends of two branches are merged.
    flags: "-mllvm -enable-tail-merge=0",
    modules: "all_video efi_gop fdt",
  },
}

/** What it takes to read a medium, show a menu and start a kernel, and what that takes. One that is missing is named where it is linked. */
export const modules = `boot bufio cat configfile crypto datetime echo extcmd fshelp gcry_crc gettext gzio halt help iso9660 linux ls minicmd
net normal part_gpt part_msdos priority_queue reboot search search_fs_file search_fs_uuid search_label terminal test video video_fb`
