import { machine } from "../lib/linux/mod.ts"
import { every32BitKernel, mediumKernel, x86Kernel } from "./kernel.ts"

export default machine({
  triple: "i386-linux-musl",
  about: "32-bit x86 (Pentium Pro and later); QEMU's q35",
  codegen: ["-march=i686", "-mtune=generic"],
  processor: "i686",
  platform: { architecture: "386" },
  kernel: {
    arch: "i386",
    image: "bzImage",
    path: "arch/x86/boot/bzImage",
    options: {
      ...every32BitKernel,
      ...mediumKernel,
      ...x86Kernel,
      // The first is there in 64 bits only, the second not with clang. Kernel and programs share page tables: apart, they take PAE.
      "What it cannot have": "-VMAP_STACK -FORTIFY_SOURCE",
      "The processor": "SMP HYPERVISOR_GUEST PARAVIRT KVM_GUEST ACPI",
      "QEMU's q35":
        "SERIAL_8250 SERIAL_8250_CONSOLE VT VT_CONSOLE VGA_CONSOLE INPUT_KEYBOARD KEYBOARD_ATKBD ATA SATA_AHCI RTC_DRV_CMOS",
    },
    drivers: { console: "SERIAL_8250 SERIAL_8250_CONSOLE", disk: "VIRTIO_PCI VIRTIO_BLK", cd: "ATA SATA_AHCI" },
  },
  elf: { machine: "Intel 80386", class: "ELF32" },
  console: "ttyS0",
  firmware: { bios: "i386-pc" },
  qemu: {
    system: "qemu-system-i386",
    debian: ["qemu-system-x86"],
    arguments: ["-M", "q35"],
    disk: { device: "virtio-blk-pci,drive=disk", partition: "/dev/vda1" },
    cd: ["ide-cd,drive=disk"],
  },
})
