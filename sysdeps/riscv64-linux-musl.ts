import { machine } from "../lib/linux/mod.ts"
import { everyKernel } from "./kernel.ts"

export default machine({
  triple: "riscv64-linux-musl",
  about: "64-bit RISC-V with what Linux distributions expect (RV64GC); QEMU's virt",
  codegen: ["-march=rv64gc", "-mabi=lp64d"],
  processor: "riscv64",
  platform: { architecture: "riscv64" },
  kernel: {
    arch: "riscv",
    image: "Image",
    path: "arch/riscv/boot/Image",
    options: {
      ...everyKernel,
      // RISCV_ISA_FALLBACK: before version 8.2 QEMU says what the processor has only in the way that Linux took first.
      "The processor": "ARCH_VIRT MMU FPU RISCV_ISA_C RISCV_ISA_FALLBACK RISCV_SBI SMP",
      // It is switched off and reset by two registers (SYSCON).
      "QEMU's virt":
        "SERIAL_8250 SERIAL_8250_CONSOLE SERIAL_OF_PLATFORM PCI_HOST_GENERIC VIRTIO_MMIO GOLDFISH RTC_DRV_GOLDFISH POWER_RESET POWER_RESET_SYSCON POWER_RESET_SYSCON_POWEROFF",
    },
    drivers: {
      console: "SERIAL_8250 SERIAL_8250_CONSOLE SERIAL_OF_PLATFORM",
      disk: "PCI_HOST_GENERIC VIRTIO_PCI VIRTIO_BLK",
    },
  },
  elf: { machine: "RISC-V", class: "ELF64" },
  console: "ttyS0",
  qemu: {
    system: "qemu-system-riscv64",
    user: "qemu-riscv64",
    // OpenSBI is the firmware below the kernel.
    debian: ["qemu-system-misc", "opensbi"],
    arguments: ["-M", "virt"],
    disk: { device: "virtio-blk-pci,drive=disk", partition: "/dev/vda1" },
  },
})
