// Every recipe, by the name that one asks for it under.

import { tools } from "../lib/linux/mod.ts"
import bash from "./bash.ts"
import bc from "./bc.ts"
import bison from "./bison.ts"
import busybox from "./busybox.ts"
import busyboxCommands from "./busybox-commands.ts"
import busyboxLinks from "./busybox-links.ts"
import bzip2 from "./bzip2.ts"
import caCertificates from "./ca-certificates.ts"
import clangConfig from "./clang-config.ts"
import clangHeaders from "./clang-headers.ts"
import cmake from "./cmake.ts"
import compilerRt from "./compiler-rt.ts"
import curl from "./curl.ts"
import dash from "./dash.ts"
import diffutils from "./diffutils.ts"
import dropbear from "./dropbear.ts"
import e2fsprogs from "./e2fsprogs.ts"
import etc from "./etc.ts"
import expat from "./expat.ts"
import finit from "./finit.ts"
import finitConsole from "./finit-console.ts"
import flex from "./flex.ts"
import git from "./git.ts"
import gperf from "./gperf.ts"
import grep from "./grep.ts"
import grub from "./grub.ts"
import iproute2 from "./iproute2.ts"
import kmod from "./kmod.ts"
import less from "./less.ts"
import libarchive from "./libarchive.ts"
import libcxx from "./libcxx.ts"
import libcxxabi from "./libcxxabi.ts"
import libedit from "./libedit.ts"
import libelf from "./libelf.ts"
import libevent from "./libevent.ts"
import libffi from "./libffi.ts"
import libite from "./libite.ts"
import libuev from "./libuev.ts"
import libunwind from "./libunwind.ts"
import libuuid from "./libuuid.ts"
import linux from "./linux.ts"
import linuxHeaders from "./linux-headers.ts"
import liveInit from "./live-init.ts"
import llvm from "./llvm.ts"
import lua from "./lua.ts"
import lz4 from "./lz4.ts"
import m4 from "./m4.ts"
import make from "./make.ts"
import mawk from "./mawk.ts"
import meson from "./meson.ts"
import mimalloc from "./mimalloc.ts"
import musl from "./musl.ts"
import nano from "./nano.ts"
import ncurses from "./ncurses.ts"
import ninja from "./ninja.ts"
import openssl from "./openssl.ts"
import pcre2 from "./pcre2.ts"
import perl from "./perl.ts"
import pkgconf from "./pkgconf.ts"
import popt from "./popt.ts"
import python from "./python.ts"
import readline from "./readline.ts"
import rsync from "./rsync.ts"
import sqlite from "./sqlite.ts"
import strace from "./strace.ts"
import tmux from "./tmux.ts"
import toybox from "./toybox.ts"
import tzdata from "./tzdata.ts"
import wget from "./wget.ts"
import xz from "./xz.ts"
import zlib from "./zlib.ts"
import zstd from "./zstd.ts"

/** What every other package is built with, in any order. */
export const foundation = [clangHeaders, compilerRt, linuxHeaders, musl]

/** What programs are compiled and linked with. */
export const runtimes = [compilerRt, libcxx, libcxxabi, libunwind, linuxHeaders, musl]

/** What a stage of the bootstrap is made of. The compiler has clang's headers of its own. */
export const stageParts = {
  foundation,
  compiler: llvm,
  beside: [clangConfig, ...runtimes],
  libraries: new Map([[tools.hostElfLibrary, [libelf, zlib]]]),
  // Of an LLVM: its objects and programs with what is installed of them, and one of its links.
  room: { diskBytes: 12e9, memoryBytes: 2 * 2 ** 30 },
}

export const recipes = {
  bash,
  bc,
  bison,
  busybox,
  "busybox-commands": busyboxCommands,
  "busybox-links": busyboxLinks,
  bzip2,
  "ca-certificates": caCertificates,
  "clang-config": clangConfig,
  "clang-headers": clangHeaders,
  cmake,
  "compiler-rt": compilerRt,
  curl,
  dash,
  diffutils,
  dropbear,
  e2fsprogs,
  etc,
  expat,
  finit,
  "finit-console": finitConsole,
  flex,
  git,
  gperf,
  grep,
  grub,
  iproute2,
  kmod,
  less,
  libarchive,
  libcxx,
  libcxxabi,
  libedit,
  libelf,
  libevent,
  libffi,
  libite,
  libuev,
  libunwind,
  libuuid,
  linux,
  "linux-headers": linuxHeaders,
  "live-init": liveInit,
  llvm,
  lua,
  lz4,
  m4,
  make,
  mawk,
  meson,
  mimalloc,
  musl,
  nano,
  ncurses,
  ninja,
  openssl,
  pcre2,
  perl,
  pkgconf,
  popt,
  python,
  readline,
  rsync,
  sqlite,
  strace,
  tmux,
  toybox,
  tzdata,
  wget,
  xz,
  zlib,
  zstd,
} as const
