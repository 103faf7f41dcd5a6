import { machine } from "../lib/linux/mod.ts"

export default machine({
  triple: "x86_64-linux-musl",
  about: "64-bit x86 (any); QEMU's q35",
  codegen: ["-march=x86-64", "-mtune=generic"],
  processor: "x86_64",
  kernel: {
    arch: "x86",
    image: "bzImage",
    path: "arch/x86/boot/bzImage",
    // The smallest kernel that boots the image.
    options: {
      "The processor": "64BIT SMP HYPERVISOR_GUEST KVM_GUEST ACPI X86_X2APIC",
      "What userland expects of any kernel":
        "EXPERT MULTIUSER PRINTK PRINTK_TIME BUG KALLSYMS POSIX_TIMERS FUTEX EPOLL SIGNALFD TIMERFD EVENTFD AIO ADVISE_SYSCALLS MEMBARRIER FILE_LOCKING INOTIFY_USER SHMEM SYSVIPC CGROUPS HIGH_RES_TIMERS NO_HZ_IDLE BINFMT_ELF BINFMT_SCRIPT",
      "Starting from an initramfs": "BLK_DEV_INITRD RD_GZIP",
      "File systems":
        "BLOCK BLK_DEV EXT4_FS EXT4_USE_FOR_EXT2 DEVTMPFS DEVTMPFS_MOUNT PROC_FS PROC_SYSCTL SYSFS TMPFS ISO9660_FS",
      Terminals: "TTY UNIX98_PTYS SERIAL_8250 SERIAL_8250_CONSOLE VT VT_CONSOLE VGA_CONSOLE VIRTIO_CONSOLE",
      Network: "NET UNIX PACKET INET NETDEVICES NET_CORE VIRTIO_NET",
      "Buses and devices of QEMU's q35":
        "PCI PCI_MSI VIRTIO_MENU VIRTIO_PCI VIRTIO_BLK SCSI BLK_DEV_SD BLK_DEV_SR ATA SATA_AHCI HW_RANDOM HW_RANDOM_VIRTIO RTC_CLASS RTC_DRV_CMOS",
    },
  },
  elf: { machine: "Advanced Micro Devices X86-64", class: "ELF64" },
  console: "ttyS0",
  qemu: {
    system: "qemu-system-x86_64",
    debian: "qemu-system-x86",
    arguments: ["-M", "q35", "-m", "256"],
    disk: { device: "virtio-blk-pci,drive=disk", partition: "/dev/vda1" },
  },
})
