import { machine, tools } from "../lib/linux/mod.ts"
import { everyKernel, uefiKernel, x86Kernel } from "./kernel.ts"

export default machine({
  triple: "x86_64-linux-musl",
  about: "64-bit x86 (any); QEMU's q35",
  codegen: ["-march=x86-64", "-mtune=generic"],
  processor: "x86_64",
  platform: { architecture: "amd64" },
  kernel: {
    arch: "x86",
    image: "bzImage",
    path: "arch/x86/boot/bzImage",
    // Its objects are looked through by a program of the kernel's own (objtool).
    tools: [tools.hostElfLibrary],
    // A static library does not say what it needs.
    words: ['LIBELF_LIBS="-lelf -lz"'],
    options: {
      ...everyKernel,
      ...uefiKernel,
      ...x86Kernel,
      "What it lets out in 64 bits":
        "MITIGATION_IBPB_ENTRY MITIGATION_IBRS_ENTRY MITIGATION_ITS MITIGATION_PAGE_TABLE_ISOLATION MITIGATION_RETHUNK MITIGATION_SRSO MITIGATION_UNRET_ENTRY",
      "Where its memory lies": "RANDOMIZE_MEMORY",
      "The processor": "64BIT SMP HYPERVISOR_GUEST PARAVIRT KVM_GUEST ACPI X86_X2APIC EFI_STUB",
      "QEMU's q35":
        "SERIAL_8250 SERIAL_8250_CONSOLE VT VT_CONSOLE VGA_CONSOLE INPUT_KEYBOARD KEYBOARD_ATKBD ATA SATA_AHCI RTC_DRV_CMOS",
    },
    drivers: { console: "SERIAL_8250 SERIAL_8250_CONSOLE", disk: "VIRTIO_PCI VIRTIO_BLK", cd: "ATA SATA_AHCI" },
  },
  elf: { machine: "Advanced Micro Devices X86-64", class: "ELF64" },
  console: "ttyS0",
  firmware: { bios: "i386-pc", uefi: { platform: "x86_64-efi", program: "BOOTX64.EFI" } },
  qemu: {
    system: "qemu-system-x86_64",
    debian: ["qemu-system-x86"],
    arguments: ["-M", "q35"],
    disk: { device: "virtio-blk-pci,drive=disk", partition: "/dev/vda1" },
    cd: ["ide-cd,drive=disk"],
    uefi: { file: "/usr/share/ovmf/OVMF.fd", debian: "ovmf" },
  },
})
