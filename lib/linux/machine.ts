// A machine is where code runs. sysdeps/TRIPLE.ts holds one record for each: the facts that a cross build cannot find out.

import { onlyForError, shapeError, unknownMachineError } from "../graph/errors.ts"
import { said, tick } from "../graph/shape.ts"
import { group, refused, type Target } from "../graph/target.ts"
import { type Tool, tool } from "../graph/tool.ts"
import type { Variable } from "../graph/variable.ts"
import {
  aText,
  aWord,
  checkFields,
  holderOf,
  type Kinds,
  needed,
  texts,
  textsByName,
  toolList,
  withFields,
} from "./fields.ts"

/** One machine. */
export interface Machine {
  readonly triple: string
  readonly about: string
  /** How clang is told to emit for it, `--target=` apart. */
  readonly codegen: readonly string[]
  /** What `uname -m` says there, as CMAKE_SYSTEM_PROCESSOR and the like want it. */
  readonly processor: string
  /** What container images call it: an architecture and a variant as Go knows them. */
  readonly platform: { readonly architecture: string; readonly variant?: string }
  readonly kernel: {
    /** ARCH= of the kernel's makefiles. */
    readonly arch: string
    /** The make target of the image that boots. */
    readonly image: string
    /** Its path below the kernel's build directory. */
    readonly path: string
    /** What its build needs of the build machine that others' do not. */
    readonly tools?: readonly Tool[]
    /** Words that its makefiles are given for that. */
    readonly words?: readonly string[]
    /**
     * What is set on top of allnoconfig: option names (without CONFIG_, separated by blanks) by what they are for. `NAME=value` sets
     * another value than y; `-NAME` takes back one that is named elsewhere here.
     */
    readonly options: Readonly<Record<string, string>>
    /** Those of them that are the drivers of its console, of the disk that QEMU gives it, and of the CD. */
    readonly drivers: { readonly console: string; readonly disk: string; readonly cd?: string }
  }
  readonly elf: {
    /** `Machine:` as llvm-readelf prints it. */
    readonly machine: string
    readonly class: "ELF32" | "ELF64"
  }
  /** The device of its serial console. */
  readonly console: string
  /** What its firmware starts from a medium, by the kinds of firmware that it has; without one it starts from none. */
  readonly firmware?: {
    /** GRUB's name for the platform. */
    readonly bios?: "i386-pc"
    /** The same, and the program that is looked for in EFI/BOOT. */
    readonly uefi?: { readonly platform: "x86_64-efi" | "arm64-efi"; readonly program: string }
  }
  readonly qemu: {
    readonly system: string
    /** Runs single programs: the one of qemu-user. Without it, the build machine runs them as they are. */
    readonly user?: string
    readonly debian: readonly string[]
    readonly arguments: readonly string[]
    /** Of a disk with the id `disk`, and the name under which Linux sees its first partition. */
    readonly disk: { readonly device: string; readonly partition: string }
    /** The devices that make a CD drive, of a CD with the id `disk`. */
    readonly cd?: readonly string[]
    /** Its UEFI, a file of the build machine, and the package that brings it. */
    readonly uefi?: { readonly file: string; readonly debian: string }
  }
}

/** A variable that is some of these machines, by their triples, or `all`; the first is the default. */
export const someMachines = (machines: readonly Machine[], about: string): Variable<readonly Machine[]> => {
  const triples = machines.map(({ triple }) => triple)
  return {
    about,
    default: triples[0] ?? "",
    values: [...triples, "all"],
    parse(_, typed) {
      const words = [...new Set(typed.split(/[\s,]+/).filter(Boolean))]
      const unknown = words.find((word) => word !== "all" && !triples.includes(word))
      if (unknown !== undefined || words.length === 0) throw unknownMachineError(unknown ?? typed, triples)
      return words.includes("all")
        ? machines
        : words.flatMap((word) => machines.find(({ triple }) => triple === word) ?? [])
    },
    check(name, given) {
      if (!Array.isArray(given) || given.length === 0)
        throw shapeError(tick(name), said(given), "give a list of machines, as sysdeps/ declares them")
      const unknown = given.findIndex((one) => !machines.includes(one))
      if (unknown >= 0) throw unknownMachineError(given[unknown]?.triple ?? said(given[unknown]), triples)
    },
  }
}

/** What there is for one machine only, when these are asked for: without it among them, a build of any of it throws a BuildError. */
export function forMachine<T extends Readonly<Record<string, Target>>>(
  { triple }: Machine,
  asked: readonly Machine[],
  targets: T,
): T {
  if (asked.some((machine) => machine.triple === triple)) return targets
  const triples = asked.map((machine) => machine.triple)
  const none = Object.entries(targets).map(([name, { about }]) => [
    name,
    refused(`${triple}/${name}`, () => onlyForError(name, triple, triples), about),
  ])
  return Object.fromEntries(none) as T
}

/** What each of several machines has, by the same names, in one graph: of several, each name is a group. */
export function sideBySide<T extends Readonly<Record<string, Target>>>(each: readonly T[]): T {
  const [first] = each
  if (first === undefined || each.length === 1) return first ?? ({} as T)
  const together = Object.entries(first).map(([name, { about }]) => [
    name,
    group(
      name,
      each.flatMap((one) => one[name] ?? []),
      `${about} (${each.length} machines)`,
    ),
  ])
  return Object.fromEntries(together) as T
}

/** What is not for every machine: what a machine must have to get it. */
export interface Wants {
  /** Follows "wants". */
  readonly what: string
  readonly has: (machine: Machine) => boolean
}

/** Whether a machine has what something wants of it. */
export const isFor = (machine: Machine, { wants }: { readonly wants?: Wants | undefined }): boolean =>
  wants === undefined || wants.has(machine)

type Firmware = NonNullable<Machine["firmware"]>

const machineKinds: Kinds<Machine> = {
  triple: needed(aText),
  about: needed(aText),
  codegen: needed(texts),
  processor: needed(aText),
  platform: needed(withFields<Machine["platform"]>({ architecture: needed(aText), variant: aText })),
  kernel: needed(
    withFields<Machine["kernel"]>({
      arch: needed(aText),
      image: needed(aText),
      path: needed(aText),
      tools: toolList,
      words: texts,
      options: needed(textsByName),
      drivers: needed(
        withFields<Machine["kernel"]["drivers"]>({ console: needed(aText), disk: needed(aText), cd: aText }),
      ),
    }),
  ),
  elf: needed(withFields<Machine["elf"]>({ machine: needed(aText), class: needed(aWord(["ELF32", "ELF64"])) })),
  console: needed(aText),
  firmware: withFields<Firmware>({
    bios: aWord(["i386-pc"]),
    uefi: withFields<NonNullable<Firmware["uefi"]>>({
      platform: needed(aWord(["x86_64-efi", "arm64-efi"])),
      program: needed(aText),
    }),
  }),
  qemu: needed(
    withFields<Machine["qemu"]>({
      system: needed(aText),
      user: aText,
      debian: needed(texts),
      arguments: needed(texts),
      disk: needed(withFields<Machine["qemu"]["disk"]>({ device: needed(aText), partition: needed(aText) })),
      cd: texts,
      uefi: withFields<NonNullable<Machine["qemu"]["uefi"]>>({ file: needed(aText), debian: needed(aText) }),
    }),
  ),
}

/** Declares a machine. Throws a BuildError for a field that it does not have, and for one that holds something else. */
export function machine(record: Machine): Machine {
  checkFields("machine", record, machineKinds, holderOf({ name: record.triple }, "machine"))
  return record
}

/** The words of a list of options; a value may be a text between double quotes. */
export const optionWords = (names: string): readonly string[] => names.match(/(?:[^\s"]|"(?:[^"\\]|\\.)*")+/g) ?? []

/** What the kernel's options are set to, by their names. */
export function kernelOptions({ kernel }: Pick<Machine, "kernel">): ReadonlyMap<string, string> {
  const words = Object.values(kernel.options).flatMap(optionWords)
  const without = new Set(words.flatMap((word) => (word.startsWith("-") ? [word.slice(1)] : [])))
  const set = words.filter((word) => !word.startsWith("-")).map((word) => word.split(/=(.*)/s))
  return new Map(set.flatMap(([name = "", value = "y"]) => (without.has(name) ? [] : [[name, value]])))
}

/** The kernel's options as a configuration file. */
export const kernelConfig = (machine: Pick<Machine, "kernel">): string =>
  [...kernelOptions(machine)].map(([name, value]) => `CONFIG_${name}=${value}\n`).join("")

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

/** What runs a machine's programs here, one by one; nothing for a machine whose programs this processor runs. */
export const emulatorOf = ({ qemu: { user } }: Machine): readonly Tool[] =>
  user === undefined ? [] : [tool({ name: user, debian: ["qemu-user"] })]
