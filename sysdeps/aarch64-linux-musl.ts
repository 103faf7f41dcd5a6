import { machine } from "../lib/linux/mod.ts"
import { everyKernel, uefiKernel } from "./kernel.ts"

export default machine({
  triple: "aarch64-linux-musl",
  about: "64-bit ARM (any); QEMU's virt",
  codegen: ["-march=armv8-a"],
  processor: "aarch64",
  platform: { architecture: "arm64", variant: "v8" },
  kernel: {
    arch: "arm64",
    image: "Image",
    path: "arch/arm64/boot/Image",
    options: {
      ...everyKernel,
      ...uefiKernel,
      "The processor": "SMP ACPI",
      "What the processor lets out, and lets in":
        "UNMAP_KERNEL_AT_EL0 ARM64_E0PD MITIGATE_SPECTRE_BRANCH_HISTORY ARM64_PAN",
      "What ARM's processors do wrong":
        "ARM64_ERRATUM_819472 ARM64_ERRATUM_824069 ARM64_ERRATUM_826319 ARM64_ERRATUM_827319 ARM64_ERRATUM_832075 ARM64_ERRATUM_843419 ARM64_ERRATUM_858921 ARM64_ERRATUM_1024718 ARM64_ERRATUM_1165522 ARM64_ERRATUM_1319367 ARM64_ERRATUM_1463225 ARM64_ERRATUM_1508412 ARM64_ERRATUM_1530923 ARM64_ERRATUM_2051678 ARM64_ERRATUM_2054223 ARM64_ERRATUM_2067961 ARM64_ERRATUM_2077057 ARM64_ERRATUM_2645198 ARM64_ERRATUM_2658417 ARM64_ERRATUM_2966298 ARM64_ERRATUM_3117295 ARM64_ERRATUM_3194386 ARM64_ERRATUM_4118414",
      "QEMU's virt":
        "SERIAL_AMBA_PL011 SERIAL_AMBA_PL011_CONSOLE PCI_HOST_GENERIC VIRTIO_MMIO RTC_DRV_PL031 VT VT_CONSOLE",
    },
    drivers: {
      console: "SERIAL_AMBA_PL011 SERIAL_AMBA_PL011_CONSOLE",
      disk: "PCI_HOST_GENERIC VIRTIO_PCI VIRTIO_BLK",
      cd: "SCSI_VIRTIO",
    },
  },
  elf: { machine: "AArch64", class: "ELF64" },
  console: "ttyAMA0",
  firmware: { uefi: { platform: "arm64-efi", program: "BOOTAA64.EFI" } },
  qemu: {
    system: "qemu-system-aarch64",
    user: "qemu-aarch64",
    debian: ["qemu-system-arm"],
    arguments: ["-M", "virt", "-cpu", "cortex-a57"],
    disk: { device: "virtio-blk-pci,drive=disk", partition: "/dev/vda1" },
    cd: ["virtio-scsi-pci", "scsi-cd,drive=disk"],
    uefi: { file: "/usr/share/qemu-efi-aarch64/QEMU_EFI.fd", debian: "qemu-efi-aarch64" },
  },
})
