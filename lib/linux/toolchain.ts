// What a package is compiled with: a tree with the compiler under the machine's name, so that no recipe need know that it builds
// for another machine. `$SYSROOT` says where headers and libraries are.

import { type Command, inOrder, write } from "../graph/command.ts"
import { type Target, target, tree } from "../graph/target.ts"
import type { Tool } from "../graph/tool.ts"
import type { Machine } from "./machine.ts"
import type { Setting } from "./recipe.ts"
import { clang, lld, llvmTools } from "./tools.ts"

/** The programs that a toolchain's scripts start. */
export const toolchainTools: readonly Tool[] = [clang, lld, llvmTools]

/** The major version of clang, which its headers' and runtimes' directory is named after. */
export const clangMajor = "19"

/** The build machine's clang, emitting for `machine`. */
export const toolchainTarget = (machine: Machine): Target<{ tree: ReturnType<typeof tree> }> =>
  target({
    name: `${machine.triple}/toolchain`,
    about: `clang for ${machine.triple}`,
    outputs: { tree: tree() },
    run: (_, { tree }) => toolchainFiles(machine, tree),
  })

function toolchainFiles(machine: Machine, tree: string): Command {
  const { triple } = machine
  const executable = { executable: true }
  return inOrder([
    write(`${tree}/bin/${triple}-clang`, compiler("clang", machine, "-unwindlib=none"), executable),
    write(
      `${tree}/bin/${triple}-clang++`,
      compiler("clang++", machine, "-unwindlib=libunwind -stdlib=libc++"),
      executable,
    ),
    write(`${tree}/toolchain.cmake`, cmakeFile(machine)),
  ])
}

// Flags between the two markers are for linking: clang would warn of each where it only compiles.
const compiler = (program: string, { triple, codegen }: Machine, runtimes: string): string => `#!/bin/sh
exec ${program} --target=${triple} ${codegen.join(" ")} --sysroot="$SYSROOT" -resource-dir="$SYSROOT/usr/lib/clang/${clangMajor}" -fno-pic -fno-pie \\
  --start-no-unused-arguments -fuse-ld=lld -rtlib=compiler-rt ${runtimes} -static -no-pie --end-no-unused-arguments "$@"
`

const cmakeFile = ({ triple, processor }: Machine): string => `set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR ${processor})
set(CMAKE_SYSROOT $ENV{SYSROOT})
foreach(language C CXX ASM)
  set(CMAKE_\${language}_COMPILER_TARGET ${triple})
endforeach()
find_program(CMAKE_C_COMPILER NAMES ${triple}-clang REQUIRED)
find_program(CMAKE_CXX_COMPILER NAMES ${triple}-clang++ REQUIRED)
set(CMAKE_ASM_COMPILER \${CMAKE_C_COMPILER})
foreach(tool AR RANLIB NM STRIP OBJCOPY OBJDUMP READELF)
  string(TOLOWER llvm-\${tool} name)
  find_program(CMAKE_\${tool} NAMES \${name} REQUIRED)
endforeach()
set(CMAKE_FIND_ROOT_PATH $ENV{SYSROOT})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
`

/** The environment of a package's phases: what builds expect to find there. PATH goes before that of the tools. */
export function environmentFor(
  { tree, sysroot, machine, flags, linkFlags }: Setting,
  toolchain: string | undefined,
): Record<string, string> {
  if (toolchain === undefined) return { DESTDIR: tree }
  const { triple } = machine
  const compileFlags = flags.join(" ")
  const tools = ["AR", "NM", "OBJCOPY", "OBJDUMP", "RANLIB", "READELF", "STRIP"].map((name) => [
    name,
    `llvm-${name.toLowerCase()}`,
  ])
  return {
    ...{ DESTDIR: tree, SYSROOT: sysroot, TOOLCHAIN: toolchain, PATH: `${toolchain}/bin` },
    ...{ CC: `${triple}-clang`, CXX: `${triple}-clang++`, LD: "ld.lld", ...Object.fromEntries(tools) },
    ...{ CFLAGS: compileFlags, CXXFLAGS: compileFlags, LDFLAGS: linkFlags.join(" ") },
    ...{ PKG_CONFIG_LIBDIR: `${sysroot}/usr/lib/pkgconfig`, PKG_CONFIG_SYSROOT_DIR: sysroot },
    ...{ BUILD_CC: hostCompiler, CC_FOR_BUILD: hostCompiler, HOSTCC: hostCompiler },
  }
}

// clang's default linker is not there.
const hostCompiler = "clang -fuse-ld=lld"
