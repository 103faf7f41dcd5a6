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
