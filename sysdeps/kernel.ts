// What the kernel of every machine is given: the smallest one that boots the images on a machine of QEMU's, and that looks after itself.

/** Names of options by what they are for. A machine says what its processor and its buses want besides, and takes back what it cannot have. */
export const everyKernel = {
  "What userland expects of any kernel":
    "EXPERT MULTIUSER PRINTK PRINTK_TIME BUG KALLSYMS POSIX_TIMERS FUTEX EPOLL SIGNALFD TIMERFD EVENTFD AIO ADVISE_SYSCALLS MEMBARRIER FILE_LOCKING INOTIFY_USER SHMEM SWAP SYSVIPC CGROUPS HIGH_RES_TIMERS NO_HZ_IDLE BINFMT_ELF BINFMT_SCRIPT",
  "Starting from an initramfs": "BLK_DEV_INITRD RD_GZIP",
  "File systems":
    "BLOCK BLK_DEV EXT4_FS EXT4_USE_FOR_EXT2 DEVTMPFS DEVTMPFS_MOUNT PROC_FS PROC_SYSCTL SYSFS TMPFS ISO9660_FS",
  "Read-only media, and writing over them":
    "MISC_FILESYSTEMS SQUASHFS SQUASHFS_ZSTD BLK_DEV_LOOP OVERLAY_FS TMPFS_XATTR",
  Terminals: "TTY UNIX98_PTYS VIRTIO_CONSOLE",
  Network: "NET UNIX PACKET INET IPV6 SYN_COOKIES NETDEVICES NET_CORE VIRTIO_NET",
  "Buses and devices of QEMU":
    "PCI PCI_MSI VIRTIO_MENU VIRTIO_PCI VIRTIO_BLK SCSI BLK_DEV_SD BLK_DEV_SR HW_RANDOM HW_RANDOM_VIRTIO",
  "The time of day, from the start, and its clock": "RTC_CLASS RTC_HCTOSYS RTC_SYSTOHC RTC_INTF_DEV",
  "Programs that are shut in": "NAMESPACES UTS_NS IPC_NS USER_NS PID_NS NET_NS SECCOMP SECCOMP_FILTER",
  "The kernel's own errors, before they are of use to anybody":
    "STACKPROTECTOR STACKPROTECTOR_STRONG VMAP_STACK FORTIFY_SOURCE HARDENED_USERCOPY SLAB_FREELIST_HARDENED STRICT_KERNEL_RWX",
  "What nobody is to find out or foretell":
    "CPU_MITIGATIONS RELOCATABLE RANDOMIZE_BASE SLAB_FREELIST_RANDOM INIT_STACK_ALL_ZERO SECURITY_DMESG_RESTRICT",
} as const

/** What 32-bit userland expects: musl waits by the old calls as long as a time fits them. */
export const every32BitKernel = { ...everyKernel, "Waiting, in 32 bits": "COMPAT_32BIT_TIME" } as const

/** What x86 processors would tell of other programs' memory, by what they do ahead of time. */
export const x86Kernel = {
  "What the processor lets out":
    "MITIGATION_GDS MITIGATION_L1TF MITIGATION_MDS MITIGATION_MMIO_STALE_DATA MITIGATION_RETBLEED MITIGATION_RETPOLINE MITIGATION_RFDS MITIGATION_SPECTRE_BHI MITIGATION_SPECTRE_V1 MITIGATION_SPECTRE_V2 MITIGATION_SRBDS MITIGATION_SSB MITIGATION_TAA MITIGATION_TSA",
} as const

/** What it takes to find a medium again that the firmware loaded a boot loader from, and to sit before the machine. */
export const mediumKernel = {
  "Media on USB, and CDs of a virtual machine":
    "USB_SUPPORT USB USB_PCI USB_XHCI_HCD USB_EHCI_HCD USB_STORAGE SCSI_LOWLEVEL SCSI_VIRTIO",
  "A keyboard": "HID_SUPPORT HID HID_GENERIC USB_HID",
} as const

/** What starting by UEFI takes; it leaves a picture to draw the console in. */
export const uefiKernel = { ...mediumKernel, UEFI: "EFI FB FB_EFI FRAMEBUFFER_CONSOLE" } as const
