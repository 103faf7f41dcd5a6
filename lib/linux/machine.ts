// A machine is where code runs. sysdeps/TRIPLE.ts holds one record for each: the facts that a cross build cannot find out.

import { unknownMachineError } from "../graph/errors.ts"
import type { Variable } from "../graph/variable.ts"

/** One machine. */
export interface Machine {
  readonly triple: string
  readonly about: string
  /** How clang is told to emit for it, `--target=` apart. */
  readonly codegen: readonly string[]
  /** What `uname -m` says there, as CMAKE_SYSTEM_PROCESSOR and the like want it. */
  readonly processor: string
  readonly kernel: {
    /** ARCH= of the kernel's makefiles. */
    readonly arch: string
    /** The make target of the image that boots. */
    readonly image: string
    /** Its path below the kernel's build directory. */
    readonly path: string
    /** What is set on top of allnoconfig: option names (without CONFIG_, separated by blanks) by what they are for. */
    readonly options: Readonly<Record<string, string>>
  }
  readonly elf: {
    /** `Machine:` as llvm-readelf prints it. */
    readonly machine: string
    readonly class: "ELF32" | "ELF64"
  }
  /** The device of its serial console. */
  readonly console: string
  readonly qemu: {
    readonly system: string
    /** Runs single programs: the one of qemu-user. Without it, the build machine runs them as they are. */
    readonly user?: string
    readonly debian: string
    readonly arguments: readonly string[]
    /** Of a disk with the id `disk`, and the name under which Linux sees its first partition. */
    readonly disk: { readonly device: string; readonly partition: string }
  }
}

/** A variable that is one of these machines, by its triple; the first is the default. */
export const oneMachine = (machines: readonly Machine[], about: string): Variable<Machine> => {
  const values = machines.map(({ triple }) => triple)
  return {
    about,
    default: values[0] ?? "",
    values,
    parse(_, typed) {
      const found = machines.find(({ triple }) => triple === typed)
      if (found === undefined) throw unknownMachineError(typed, values)
      return found
    },
  }
}

/** Declares a machine. */
export const machine = (record: Machine): Machine => record

/** The kernel's options as a configuration file. */
export const kernelConfig = ({ kernel }: Machine): string =>
  Object.values(kernel.options)
    .flatMap((names) => names.split(/\s+/))
    .map((name) => `CONFIG_${name}=y\n`)
    .join("")

/** What a user asks for with CONFIG=. */
export type Config = "Release" | "Debug" | "RelWithDebInfo" | "MinSizeRel"
export const configs = ["Release", "Debug", "RelWithDebInfo", "MinSizeRel"] as const

/** Compiler flags of a configuration. */
export const optimisation: Readonly<Record<Config, readonly string[]>> = {
  Release: ["-O2"],
  Debug: ["-O0", "-g"],
  RelWithDebInfo: ["-O2", "-g"],
  MinSizeRel: ["-Os"],
}

export const isStripped = (config: Config): boolean => config === "Release" || config === "MinSizeRel"
