// The kernel's own configuration programs, on the machine's record: what is chosen there is written back into it.

import { command } from "../../graph/command.ts"
import { type Target, target } from "../../graph/target.ts"
import type { Tool } from "../../graph/tool.ts"
import type { Machine } from "../machine.ts"
import type { Packages } from "../package.ts"
import { clangMajor } from "../toolchain.ts"
import { bison, clang, flex, gzip, hostLibraries, hostNcurses, lld, llvmTools, m4, make } from "../tools.ts"
import type { Looked } from "./parts.ts"
import { programAt } from "./program.ts"

/** What the program is told: where the kernel's source is, how its makefiles are called, and the record. */
export interface Configured {
  readonly source: string
  readonly make: readonly string[]
  readonly machine: Machine
}

/** What a machine's kernel is configured with. */
export const menuconfigTools = ({ kernel: { tools = [] } }: Machine): readonly Tool[] => [
  ...[bison, clang, flex, gzip, hostLibraries, hostNcurses, lld, llvmTools, m4, make],
  ...tools,
]

/** Lets a person configure the kernel on the terminal; the word after `--` is another of the kernel's programs (nconfig, oldconfig …). */
export function menuconfigTarget(from: Packages, { kernel }: Looked): Target {
  const { machine } = from
  const source = from.builds.source(kernel)?.unpacked.outputs.tree
  return target({
    name: `${machine.triple}/menuconfig`,
    about: "configure the kernel on this terminal; what is chosen is written into the machine's record in sysdeps/",
    inputs: { source: source === undefined ? [] : [source] },
    tools: menuconfigTools(machine),
    session: ({ source: [source = ""] }, words) => {
      const told: Configured = { source, make: makeWords(machine), machine: serializable(machine) }
      return command(process.execPath, programAt("menuconfig"), JSON.stringify(told), ...words)
    },
  })
}

/** Rust and what else the kernel's makefiles would look for is not what the kernel is built with. */
const makeWords = ({ kernel }: Machine): readonly string[] => [
  ...[`ARCH=${kernel.arch}`, `LLVM=-${clangMajor}`, "LLVM_IAS=1", "HOSTLDFLAGS=-fuse-ld=lld"],
  ...["RUSTC=false", "BINDGEN=false", "PAHOLE=false"],
]

const serializable = (machine: Machine): Machine => ({ ...machine, kernel: { ...machine.kernel, tools: [] } })
