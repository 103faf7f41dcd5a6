import { machine } from "../lib/linux/mod.ts"

export default machine({
  triple: "armv7-linux-musleabihf",
  about: "32-bit ARM with NEON and hard float (Cortex-A7, A15 and later); QEMU's virt",
  codegen: ["-march=armv7-a", "-mfpu=neon-vfpv4", "-mfloat-abi=hard"],
  processor: "armv7",
  kernel: {
    arch: "arm",
    image: "zImage",
    path: "arch/arm/boot/zImage",
    // The smallest kernel that boots the image. COMPAT_32BIT_TIME: musl waits by the old calls as long as
    // a time fits them. ARCH_MULTIPLATFORM: without it the image does not find out where it was loaded.
    options: {
      "The processor":
        "ARCH_MULTIPLATFORM ARCH_MULTI_V7 ARCH_VIRT AEABI VFP VFPv3 NEON MMU HIGHMEM ARM_PATCH_PHYS_VIRT ARM_PSCI",
      "What userland expects of any kernel":
        "EXPERT MULTIUSER PRINTK PRINTK_TIME BUG KALLSYMS COMPAT_32BIT_TIME POSIX_TIMERS FUTEX EPOLL SIGNALFD TIMERFD EVENTFD AIO ADVISE_SYSCALLS MEMBARRIER FILE_LOCKING INOTIFY_USER SHMEM SYSVIPC CGROUPS HIGH_RES_TIMERS NO_HZ_IDLE BINFMT_ELF BINFMT_SCRIPT",
      "Starting from an initramfs": "BLK_DEV_INITRD RD_GZIP",
      "File systems":
        "BLOCK BLK_DEV EXT4_FS EXT4_USE_FOR_EXT2 DEVTMPFS DEVTMPFS_MOUNT PROC_FS PROC_SYSCTL SYSFS TMPFS ISO9660_FS",
      Terminals: "TTY UNIX98_PTYS SERIAL_AMBA_PL011 SERIAL_AMBA_PL011_CONSOLE VIRTIO_CONSOLE",
      Network: "NET UNIX PACKET INET NETDEVICES NET_CORE VIRTIO_NET",
      "Buses and devices of QEMU's virt":
        "PCI PCI_MSI PCI_HOST_GENERIC VIRTIO_MENU VIRTIO_PCI VIRTIO_MMIO VIRTIO_BLK SCSI BLK_DEV_SD BLK_DEV_SR HW_RANDOM HW_RANDOM_VIRTIO RTC_CLASS RTC_DRV_PL031",
    },
  },
  elf: { machine: "ARM", class: "ELF32" },
  console: "ttyAMA0",
  qemu: {
    system: "qemu-system-arm",
    user: "qemu-arm",
    debian: "qemu-system-arm",
    // Without LPAE the kernel cannot reach what virt puts above 4 GB.
    arguments: ["-M", "virt,highmem=off", "-cpu", "cortex-a15", "-m", "256"],
    disk: { device: "virtio-blk-device,drive=disk", partition: "/dev/vda1" },
  },
})
