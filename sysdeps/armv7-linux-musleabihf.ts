import { machine } from "../lib/linux/mod.ts"
import { every32BitKernel } from "./kernel.ts"

export default machine({
  triple: "armv7-linux-musleabihf",
  about: "32-bit ARM with NEON and hard float (Cortex-A7, A15 and later); QEMU's virt",
  codegen: ["-march=armv7-a", "-mfpu=neon-vfpv4", "-mfloat-abi=hard"],
  processor: "armv7",
  platform: { architecture: "arm", variant: "v7" },
  kernel: {
    arch: "arm",
    image: "zImage",
    path: "arch/arm/boot/zImage",
    options: {
      ...every32BitKernel,
      // ARCH_MULTIPLATFORM: without it the image does not find out where it was loaded.
      "The processor":
        "ARCH_MULTIPLATFORM ARCH_MULTI_V7 ARCH_VIRT AEABI VFP VFPv3 NEON MMU HIGHMEM ARM_PATCH_PHYS_VIRT ARM_PSCI SMP SMP_ON_UP NR_CPUS=8",
      "What the processor lets out, and lets in":
        "HARDEN_BRANCH_PREDICTOR HARDEN_BRANCH_HISTORY ARM_PAN STACKPROTECTOR_PER_TASK",
      // It runs where it was linked.
      "What it cannot have": "-RELOCATABLE -RANDOMIZE_BASE",
      "QEMU's virt": "SERIAL_AMBA_PL011 SERIAL_AMBA_PL011_CONSOLE PCI_HOST_GENERIC VIRTIO_MMIO RTC_DRV_PL031",
    },
    drivers: { console: "SERIAL_AMBA_PL011 SERIAL_AMBA_PL011_CONSOLE", disk: "VIRTIO_MMIO VIRTIO_BLK" },
  },
  elf: { machine: "ARM", class: "ELF32" },
  console: "ttyAMA0",
  qemu: {
    system: "qemu-system-arm",
    user: "qemu-arm",
    debian: ["qemu-system-arm"],
    // Without LPAE the kernel cannot reach what virt puts above 4 GB.
    arguments: ["-M", "virt,highmem=off", "-cpu", "cortex-a15"],
    disk: { device: "virtio-blk-device,drive=disk", partition: "/dev/vda1" },
  },
})
