// Every recipe, by the name that one asks for it under.

import bash from "./bash.ts"
import clangConfig from "./clang-config.ts"
import clangHeaders from "./clang-headers.ts"
import compilerRt from "./compiler-rt.ts"
import etc from "./etc.ts"
import finit from "./finit.ts"
import libcxx from "./libcxx.ts"
import libcxxabi from "./libcxxabi.ts"
import libite from "./libite.ts"
import libuev from "./libuev.ts"
import libunwind from "./libunwind.ts"
import linux from "./linux.ts"
import linuxHeaders from "./linux-headers.ts"
import llvm from "./llvm.ts"
import musl from "./musl.ts"
import ncurses from "./ncurses.ts"
import readline from "./readline.ts"
import toybox from "./toybox.ts"

/** What every other package is built with, in any order. */
export const foundation = [clangHeaders, compilerRt, linuxHeaders, musl]

/** What a stage of the bootstrap is made of. The compiler has clang's headers of its own. */
export const stageParts = {
  foundation,
  compiler: llvm,
  beside: [clangConfig, compilerRt, libcxx, libcxxabi, libunwind, linuxHeaders, musl],
}

export const recipes = {
  bash,
  "clang-config": clangConfig,
  "clang-headers": clangHeaders,
  "compiler-rt": compilerRt,
  etc,
  finit,
  libcxx,
  libcxxabi,
  libite,
  libuev,
  libunwind,
  linux,
  "linux-headers": linuxHeaders,
  llvm,
  musl,
  ncurses,
  readline,
  toybox,
} as const
