// What a package is compiled with: a tree with the compiler under the machine's name, so that no recipe need know that it builds
// for another machine. `$SYSROOT` says where headers and libraries are.

import { type Command, inOrder, write } from "../graph/command.ts"
import { type Layers, type Output, type Target, target, tree } from "../graph/target.ts"
import type { Tool } from "../graph/tool.ts"
import type { Machine } from "./machine.ts"
import type { Setting } from "./recipe.ts"
import { clang, hostCxxLibrary, hostLibraries, lld, llvmTools } from "./tools.ts"

/** What packages of one machine are compiled with. */
export interface Toolchain {
  /** `bin/TRIPLE-clang`, `bin/TRIPLE-clang++` and `toolchain.cmake`. */
  readonly scripts: Target<{ tree: ReturnType<typeof tree> }>
  /** What the scripts start, and what they read besides the sysroot. */
  readonly tools: readonly Tool[]
  /** Packages are linked with what the tools bring: there is no sysroot. */
  readonly isAlone: boolean
  /** Trees laid over each other that hold the compiler with all that it needs; undefined: the tools are the compiler. */
  readonly compiler: Layers | undefined
  /** Tools of the build machine that the compiler, or the root, takes the place of. */
  readonly replaces: readonly Tool[]
  /** Packages that take the place of other tools: libraries of what a build itself runs, which that compiler finds beside itself. */
  readonly libraries?: ReadonlyMap<Tool, readonly Output[]>
  /** What packages are built in, where that is not the build machine. The compiler is in it. */
  readonly root?: Layers
}

/** The build machine's compiler. */
const hostTools: readonly Tool[] = [clang, lld, llvmTools]

/** The major version of clang, which its headers' and runtimes' directory is named after. */
export const clangMajor = "19"

/** The build machine's clang, emitting for `machine`; targets are named below `name`. */
export const hostToolchain = (machine: Machine, name: string): Toolchain => ({
  scripts: scriptsFor(machine, name),
  tools: hostTools,
  isAlone: false,
  compiler: undefined,
  replaces: [],
})

/** A compiler of our own, emitting for `machine`. What the build itself runs is compiled by it, too: for the machine that it lies in. */
export const ownToolchain = (
  machine: Machine,
  name: string,
  { compiler, libraries }: Required<Pick<Toolchain, "libraries">> & { readonly compiler: Layers },
): Toolchain => ({
  scripts: scriptsFor(machine, name, nativeTools),
  tools: [],
  isAlone: false,
  compiler,
  replaces: [...hostTools, hostLibraries, ...libraries.keys()],
  libraries,
})

/** The compiler of a whole system: packages are built in that system, by the programs that it has in the place of these tools. */
export const rootToolchain = (machine: Machine, name: string, root: Layers, provided: readonly Tool[]): Toolchain => ({
  scripts: scriptsFor(machine, name, nativeTools),
  tools: [],
  isAlone: false,
  compiler: undefined,
  replaces: [...hostTools, hostLibraries, ...provided],
  root,
})

/** The build machine's clang, emitting for the build machine, with its headers and libraries. */
export const buildMachineToolchain = (machine: Machine, name: string): Toolchain => ({
  scripts: target({
    name: `${name}/build-machine`,
    about: "clang for the build machine",
    outputs: { tree: tree() },
    run: (_, { tree }) =>
      toolchainFiles(machine.triple, tree, {
        c: buildMachineCompiler("clang", machine),
        cxx: buildMachineCompiler("clang++", machine),
        cmake: cmakeCompilers(machine),
      }),
  }),
  tools: [...hostTools, hostLibraries, hostCxxLibrary],
  isAlone: true,
  compiler: undefined,
  replaces: [],
})

/** Scripts that call clang, whichever is found, for a machine. */
const scriptsFor = (machine: Machine, name: string, besides = ""): Toolchain["scripts"] =>
  target({
    name: `${name}/toolchain`,
    about: `clang for ${machine.triple}`,
    outputs: { tree: tree() },
    run: (_, { tree }) =>
      toolchainFiles(machine.triple, tree, {
        c: compiler("clang", machine, "-unwindlib=none"),
        cxx: compiler("clang++", machine, "-unwindlib=libunwind -stdlib=libc++"),
        cmake: cmakeFile(machine) + besides,
      }),
  })

// LLVM runs some of its own programs while it is built. Where it takes that for a cross build, the compiler brings them.
const nativeTools = `find_program(LLVM_TABLEGEN NAMES llvm-tblgen REQUIRED)
get_filename_component(native_tools \${LLVM_TABLEGEN} DIRECTORY)
set(LLVM_NATIVE_TOOL_DIR \${native_tools} CACHE PATH "")
`

interface ToolchainTexts {
  readonly c: string
  readonly cxx: string
  readonly cmake: string
}

const toolchainFiles = (triple: string, tree: string, { c, cxx, cmake }: ToolchainTexts): Command =>
  inOrder([
    write(`${tree}/bin/${triple}-clang`, c, { executable: true }),
    write(`${tree}/bin/${triple}-clang++`, cxx, { executable: true }),
    write(`${tree}/toolchain.cmake`, cmake),
  ])

// Flags between the two markers are for linking: clang would warn of each where it only compiles. Debian's asks for a build ID, others do not.
const compiler = (program: string, { triple, codegen }: Machine, runtimes: string): string => `#!/bin/sh
exec ${program} --target=${triple} ${codegen.join(" ")} --sysroot="$SYSROOT" -resource-dir="$SYSROOT/usr/lib/clang/${clangMajor}" -fno-pic -fno-pie \\
  --start-no-unused-arguments -fuse-ld=lld -rtlib=compiler-rt ${runtimes} -static -no-pie -Wl,--build-id=none --end-no-unused-arguments "$@"
`

// Without a target or a sysroot of its own it finds what the build machine has.
const buildMachineCompiler = (program: string, { codegen }: Machine): string => `#!/bin/sh
exec ${program} ${codegen.join(" ")} -fno-pic -fno-pie --start-no-unused-arguments -fuse-ld=lld -static -no-pie --end-no-unused-arguments "$@"
`

const cmakeFile = (machine: Machine): string => `set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR ${machine.processor})
set(CMAKE_SYSROOT $ENV{SYSROOT})
foreach(language C CXX ASM)
  set(CMAKE_\${language}_COMPILER_TARGET ${machine.triple})
endforeach()
${cmakeCompilers(machine)}set(CMAKE_FIND_ROOT_PATH $ENV{SYSROOT})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
`

// A function, and so known to what is above it.
function cmakeCompilers({ triple }: Machine): string {
  return `find_program(CMAKE_C_COMPILER NAMES ${triple}-clang REQUIRED)
find_program(CMAKE_CXX_COMPILER NAMES ${triple}-clang++ REQUIRED)
set(CMAKE_ASM_COMPILER \${CMAKE_C_COMPILER})
foreach(tool AR RANLIB NM STRIP OBJCOPY OBJDUMP READELF)
  string(TOLOWER llvm-\${tool} name)
  find_program(CMAKE_\${tool} NAMES \${name} REQUIRED)
endforeach()
`
}

/** The environment of a package's phases: what builds expect to find there. PATH goes before that of the tools. */
export function environmentFor(
  { tree, sysroot, machine, flags, linkFlags }: Setting,
  { toolchain, compiler }: { readonly toolchain: string | undefined; readonly compiler: string | undefined },
): Record<string, string> {
  const path = [toolchain === undefined ? [] : `${toolchain}/bin`, compiler === undefined ? [] : `${compiler}/usr/bin`]
  const PATH = path.flat().join(":")
  if (toolchain === undefined) return { DESTDIR: tree, ...(PATH === "" ? {} : { PATH }) }
  const { triple } = machine
  const compileFlags = flags.join(" ")
  const tools = ["AR", "NM", "OBJCOPY", "OBJDUMP", "RANLIB", "READELF", "STRIP"].map((name) => [
    name,
    `llvm-${name.toLowerCase()}`,
  ])
  return {
    ...{ DESTDIR: tree, TOOLCHAIN: toolchain, PATH },
    ...{ CC: `${triple}-clang`, CXX: `${triple}-clang++`, LD: "ld.lld", ...Object.fromEntries(tools) },
    ...{ CFLAGS: compileFlags, CXXFLAGS: compileFlags, LDFLAGS: linkFlags.join(" ") },
    ...(sysroot === "" ? {} : sysrootVariables(sysroot)),
    ...{ BUILD_CC: hostCompiler, CC_FOR_BUILD: hostCompiler, HOSTCC: hostCompiler },
  }
}

const sysrootVariables = (sysroot: string): Record<string, string> => ({
  SYSROOT: sysroot,
  PKG_CONFIG_LIBDIR: `${sysroot}/usr/lib/pkgconfig`,
  PKG_CONFIG_SYSROOT_DIR: sysroot,
})

// clang's default linker is not there.
const hostCompiler = "clang -fuse-ld=lld"
