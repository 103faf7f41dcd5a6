// A medium that boots by itself: a CD, or the same bytes written to a disk. Its firmware starts GRUB, GRUB the kernel with an initramfs,
// and that finds the medium again by the digest of the root file system that is on it. Formats: ISO 9660 with Rock Ridge, El Torito for
// CDs, a GPT (with GRUB's own boot sector) for disks.

import { epochSeconds } from "../../graph/command.ts"
import { noStartError } from "../../graph/errors.ts"
import type { Machine } from "../machine.ts"
import { mtools, xorriso } from "../tools.ts"
import { format, type ImageOf } from "./format.ts"
import { grubFiles, makeGrub, platformsOf } from "./grub.ts"
import { squashfs } from "./squashfs.ts"

const kernelOptions =
  "BLOCK SQUASHFS SQUASHFS_ZSTD BLK_DEV_INITRD RD_GZIP BLK_DEV_LOOP ISO9660_FS OVERLAY_FS TMPFS BINFMT_SCRIPT SCSI BLK_DEV_SR BLK_DEV_SD USB_XHCI_HCD USB_STORAGE"

/** YYYYMMDDhhmmsscc. What SOURCE_DATE_EPOCH says is that of the volume only. */
const date = new Date(epochSeconds * 1000).toISOString().replace(/\D/g, "").slice(0, 16)

/** Any fixed number does: it tells this file system from others. */
const fatSerial = "68617368"

export const iso = format({
  name: "iso",
  file: "system.iso",
  about: "a medium (CD or USB disk) that starts the root file system by itself, with what is written kept in memory",
  tools: [mtools, xorriso],
  kernel: ({ firmware, kernel: { drivers } }) =>
    [kernelOptions, drivers.cd, firmware?.uefi && "EFI"].filter(Boolean).join(" "),
  wants: { what: "BIOS or UEFI", has: (machine) => platformsOf(machine).length > 0 },
  from: squashfs,
  with: ({ machine, start }: ImageOf) => {
    if (start === undefined) throw noStartError(machine.triple, "iso")
    return { ...start }
  },
  script: ({ machine }: ImageOf) => `
id=$(sha256sum <"$from" | cut -c 1-64)
mkdir -p medium/boot/grub
cat >early.cfg <<END
search --no-floppy --file --set=root /live/$id.squashfs
set prefix=(\\$root)/boot/grub
END
cat >medium/boot/grub/grub.cfg <<END
${menu(machine)}
END
${biosScript(machine)}
${uefiScript(machine)}
xorriso -as mkisofs -quiet -o "$image" -volid LIVE -iso-level 3 -rational-rock --set_all_file_dates ${date} ${bootWords(machine)} \\
  -graft-points medium "boot/kernel=$kernel/boot/kernel" "boot/initramfs=$live" "live/$id.squashfs=$from"`,
})

/** GRUB's menu, as text of the shell, which puts in `$id`. The serial line is the last console: what is asked there can be answered. */
const menu = ({ console, firmware }: Machine): string => {
  const consoles = `console=tty0 console=${console}`
  const entry = (title: string, words: string) => `menuentry "${title}" {
  linux /boot/kernel live=$id ${consoles}${words}
  initrd /boot/initramfs
}`
  const serial = `if [ "\\$grub_platform" = pc ]; then
  if serial --unit=0 --speed=115200; then
    terminal_input console serial
    terminal_output console serial
  fi
fi`
  return [
    "set timeout=2",
    ...(firmware?.bios === undefined ? [] : [serial]),
    entry("Start", ""),
    entry("Read the whole medium first, to see that it is sound, and start", " live-check"),
  ].join("\n")
}

/** From a CD the BIOS loads the whole of this file; from a disk, a boot sector loads what follows its first 2048 bytes. */
const biosScript = ({ firmware }: Machine): string =>
  firmware?.bios === undefined
    ? ""
    : `${makeGrub(firmware.bios, "core.img")}
cat ${grubFiles(firmware.bios)}/cdboot.img core.img >medium/boot/grub/bios.img`

/** UEFI reads a FAT file system, with a program under a name that it knows. */
const uefiScript = ({ firmware }: Machine): string =>
  firmware?.uefi === undefined
    ? ""
    : `${makeGrub(firmware.uefi.platform, firmware.uefi.program)}
truncate --size=$(($(stat -c %s ${firmware.uefi.program}) / 1048576 + 2))M medium/boot/grub/uefi.img
mformat -i medium/boot/grub/uefi.img -N ${fatSerial} -v UEFI ::
mmd -i medium/boot/grub/uefi.img ::/EFI ::/EFI/BOOT
mcopy -i medium/boot/grub/uefi.img ${firmware.uefi.program} ::/EFI/BOOT`

const bootWords = ({ firmware }: Machine): string =>
  [
    ...(firmware?.bios === undefined
      ? []
      : [
          `--grub2-mbr ${grubFiles(firmware.bios)}/boot_hybrid.img -eltorito-boot boot/grub/bios.img`,
          "-no-emul-boot -boot-load-size 4 -boot-info-table --grub2-boot-info -eltorito-catalog boot/catalog",
        ]),
    ...(firmware?.uefi === undefined ? [] : ["-efi-boot-part --efi-boot-image --efi-boot boot/grub/uefi.img"]),
    "--protective-msdos-label",
  ].join(" ")
