import { machine } from "../lib/linux/mod.ts"
import { every32BitKernel } from "./kernel.ts"

export default machine({
  triple: "i386-linux-musl",
  about: "32-bit x86 (Pentium Pro and later); QEMU's q35",
  codegen: ["-march=i686", "-mtune=generic"],
  processor: "i386",
  platform: { architecture: "386" },
  kernel: {
    arch: "i386",
    image: "bzImage",
    path: "arch/x86/boot/bzImage",
    options: {
      ...every32BitKernel,
      "The processor": "SMP HYPERVISOR_GUEST PARAVIRT KVM_GUEST ACPI",
      "QEMU's q35": "SERIAL_8250 SERIAL_8250_CONSOLE VT VT_CONSOLE VGA_CONSOLE ATA SATA_AHCI RTC_DRV_CMOS",
    },
  },
  elf: { machine: "Intel 80386", class: "ELF32" },
  console: "ttyS0",
  qemu: {
    system: "qemu-system-i386",
    debian: ["qemu-system-x86"],
    arguments: ["-M", "q35", "-m", "256"],
    disk: { device: "virtio-blk-pci,drive=disk", partition: "/dev/vda1" },
  },
})
