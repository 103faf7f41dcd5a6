// The build machine's programs that packages are built with. A package declares those that it needs besides the base ones.

import { type Tool, tool } from "../graph/tool.ts"

const llvm = "19"
const named = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, [`${name}-${llvm}`]]))

/** clang and lld with the tools around them, and clang's own headers. */
export const clang = tool({
  name: "clang",
  programs: { ...named(["clang", "clang++", "clang-cpp"]), cc: [`clang-${llvm}`] },
  files: [`/usr/lib/llvm-${llvm}/lib/clang/${llvm}/include`],
  debian: [`clang-${llvm}`],
})
export const lld = tool({ name: "lld", programs: named(["ld.lld"]), debian: [`lld-${llvm}`] })
export const llvmTools = tool({
  name: "llvm",
  programs: named([
    "llvm-ar",
    "llvm-ranlib",
    "llvm-nm",
    "llvm-strip",
    "llvm-objcopy",
    "llvm-objdump",
    "llvm-readelf",
    "llvm-size",
    "llvm-strings",
  ]),
  debian: [`llvm-${llvm}`],
})

/** The build machine's own C headers and libraries: only for what runs in the middle of a build. */
export const hostLibraries = tool({
  name: "host-libc",
  programs: [],
  files: [
    "/usr/include",
    "/usr/lib/gcc",
    ...[
      "*crt*.o",
      "libc.*",
      "libc_nonshared.a",
      "libm.*",
      "libm-*",
      "libmvec.*",
      "libpthread.*",
      "libdl.*",
      "librt.*",
      "libgcc_s.so.1",
    ].map((name) => `/usr/lib/*-linux-gnu/${name}`),
  ],
  debian: ["libc6-dev", "libgcc-12-dev"],
})
/** What the kernel's menus are drawn with. */
export const hostNcurses = tool({
  name: "host-ncurses",
  programs: [],
  files: [
    ...["ncurses", "ncurses_dll", "curses", "unctrl", "menu", "panel"].map((name) => `/usr/include/${name}.h`),
    ...["libncurses*", "libtinfo*", "libmenu*", "libpanel*"].map((name) => `/usr/lib/*-linux-gnu/${name}`),
  ],
  debian: ["libncurses-dev"],
})
/** What reads and writes ELF files, for programs that run in the middle of a build. */
export const hostElfLibrary = tool({
  name: "host-libelf",
  programs: [],
  files: [
    "/usr/include/libelf.h",
    "/usr/include/gelf.h",
    ...["libelf.so*", "libelf-*.so", "libz.so*"].map((name) => `/usr/lib/*-linux-gnu/${name}`),
  ],
  debian: ["libelf-dev", "zlib1g-dev"],
})
/** The build machine's C++ library, beside its C library: only for the compiler that the bootstrap starts with. */
export const hostCxxLibrary = tool({
  name: "host-libstdc++",
  programs: [],
  files: ["/usr/include/c++"],
  debian: ["libstdc++-12-dev"],
})

export const coreutils = tool({
  name: "coreutils",
  programs: [
    "[",
    "basename",
    "cat",
    "chgrp",
    "chmod",
    "chown",
    "cksum",
    "comm",
    "cp",
    "cut",
    "date",
    "dd",
    "dirname",
    "echo",
    "env",
    "expand",
    "expr",
    "false",
    "fold",
    "head",
    "id",
    "install",
    "join",
    "ln",
    "ls",
    "md5sum",
    "mkdir",
    "mkfifo",
    "mktemp",
    "mv",
    "nproc",
    "od",
    "paste",
    "pathchk",
    "printenv",
    "printf",
    "pwd",
    "readlink",
    "realpath",
    "rm",
    "rmdir",
    "seq",
    "sha256sum",
    "sleep",
    "sort",
    "split",
    "stat",
    "stty",
    "sync",
    "tail",
    "tee",
    "test",
    "touch",
    "tr",
    "true",
    "truncate",
    "tty",
    "uname",
    "uniq",
    "wc",
    "whoami",
    "yes",
  ],
})
export const nl = tool({ name: "nl", debian: ["coreutils"] })
export const bash = tool({ name: "bash" })
export const sed = tool({ name: "sed" })
export const grep = tool({ name: "grep", programs: ["grep", "egrep", "fgrep"] })
export const awk = tool({ name: "mawk", programs: { awk: ["mawk", "gawk"], mawk: ["mawk", "gawk"] } })
export const findutils = tool({ name: "findutils", programs: ["find", "xargs"] })
export const diffutils = tool({ name: "diffutils", programs: ["diff", "cmp"] })
export const make = tool({ name: "make" })
export const tar = tool({ name: "tar" })
export const gzip = tool({ name: "gzip" })
export const bzip2 = tool({ name: "bzip2" })
export const xz = tool({ name: "xz", debian: ["xz-utils"] })
export const zstd = tool({ name: "zstd" })
export const patch = tool({ name: "patch" })

/** What every package may use without saying so. */
export const baseTools: readonly Tool[] = [coreutils, sed, grep, awk, findutils, diffutils]

export const ninja = tool({ name: "ninja", debian: ["ninja-build"] })
export const cmake = tool({ name: "cmake", files: ["/usr/share/cmake-*"] })
export const python = tool({
  name: "python3",
  programs: ["python3"],
  files: ["/usr/lib/python3", "/usr/lib/python3.*"],
  debian: ["python3"],
})
export const perl = tool({
  name: "perl",
  files: ["/usr/share/perl", "/usr/lib/*-linux-gnu/perl", "/usr/lib/*-linux-gnu/perl-base"],
  debian: ["perl"],
})
export const bison = tool({ name: "bison", programs: ["bison", "yacc"], files: ["/usr/share/bison"] })
export const m4 = tool({ name: "m4" })
export const flex = tool({ name: "flex" })
export const bc = tool({ name: "bc" })
export const rsync = tool({ name: "rsync" })
export const cpio = tool({ name: "cpio" })
export const tcl = tool({ name: "tcl", programs: ["tclsh"], files: ["/usr/share/tcltk"], debian: ["tcl"] })
export const tic = tool({ name: "tic", programs: ["tic", "infocmp"], debian: ["ncurses-bin"] })
/** The framework of C++ programs' tests, as sources. */
export const googletest = tool({ name: "googletest", programs: [], files: ["/usr/src/googletest"] })
/** Gives a program a terminal. */
export const script = tool({ name: "script", debian: ["bsdutils"] })
/** The compiler of time zones. */
export const zic = tool({ name: "zic", debian: ["libc-bin"] })
export const pkgConfig = tool({ name: "pkg-config", programs: ["pkg-config"], debian: ["pkgconf"] })
export const e2fsprogs = tool({ name: "e2fsprogs", programs: ["mke2fs", "debugfs", "e2fsck"] })
export const sfdisk = tool({ name: "sfdisk", debian: ["fdisk"] })
export const mkswap = tool({ name: "mkswap", debian: ["util-linux"] })
export const mksquashfs = tool({
  name: "mksquashfs",
  // Its threads load it when they end.
  files: ["/usr/lib/*-linux-gnu/libgcc_s.so.1"],
  debian: ["squashfs-tools"],
})
/** Logs in to what runs in QEMU, with a key of its own. */
export const ssh = tool({ name: "ssh", programs: ["ssh", "ssh-keygen"], debian: ["openssh-client"] })
export const qemuImg = tool({ name: "qemu-img", debian: ["qemu-utils"] })
export const xorriso = tool({ name: "xorriso" })
export const mtools = tool({
  name: "mtools",
  programs: ["mcopy", "mformat", "mmd"],
  // Names on a FAT are in the letters of DOS.
  files: ["/usr/lib/*-linux-gnu/gconv"],
})
