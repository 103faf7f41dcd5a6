// A system: plain data that says what it is made of, and what is said to it to see that it works. systems/NAME.ts holds one each.

import type { Step } from "./conversation.ts"
import {
  aFunction,
  aText,
  aWholeNumber,
  aWord,
  checkFields,
  holderOf,
  type Kinds,
  listOf,
  modesByPath,
  named,
  needed,
  ofKind,
  yesOrNo,
} from "./fields.ts"
import type { Placed } from "./image/disk.ts"
import { type DiskSizes, diskSizes } from "./image/size.ts"
import type { Machine } from "./machine.ts"
import type { Network } from "./network.ts"
import type { Recipe } from "./recipe.ts"
import { files } from "./styles.ts"

/** The images that a machine can be started with. */
export const media = ["disk", "initramfs", "qcow2", "squashfs", "iso"] as const

export type Medium = (typeof media)[number]

/** What a system's texts may refer to. */
export interface SystemSetting {
  readonly machine: Machine
  readonly network: Network
  readonly partitions: readonly Placed[]
}

/** One system. */
export interface System {
  /** `systems/NAME.ts`. */
  readonly name: string
  /** One line, without a full stop. */
  readonly about: string
  /** One of them is its process 1, where it starts from an image at all. */
  readonly packages: readonly Recipe[]
  /** Its configuration: files by path, in the form of the style `files`. */
  readonly files?: (setting: SystemSetting) => Readonly<Record<string, string>>
  /** Their modes (octal), where 644 and 755 are not right; what starts with `#!` is executable. */
  readonly modes?: Readonly<Record<string, string>>
  /** Sizes of its disk's partitions, in MiB, where they are not the standard ones. */
  readonly sizes?: Partial<DiskSizes>
  /** Those of them without which it does not work: none of them can be 0. */
  readonly needsSizes?: readonly (keyof DiskSizes)[]
  /** What the machine has where it is tried, in MiB; default: 256. */
  readonly memoryMiB?: number
  /** What is there to build with is installed, too: headers, libraries, and what every package is built with. */
  readonly isComplete?: boolean
  /** Its root is never written to. */
  readonly isReadOnly?: boolean
  /** It has a network, and SSH. */
  readonly hasNetwork?: boolean
  /** What is said to it when it was started from each of the images that it can be started from, and expected. */
  readonly talks: Partial<Readonly<Record<Medium, (setting: SystemSetting) => readonly Step[]>>>
}

const sizes = Object.keys(diskSizes)

const systemKinds: Kinds<System> = {
  name: needed(aText),
  about: needed(aText),
  packages: needed(listOf("a list of recipes", ofKind("recipe"))),
  files: aFunction,
  modes: modesByPath,
  sizes: named(`whole numbers of MiB, by ${sizes.join(", ")}`, aWholeNumber, sizes),
  needsSizes: listOf(`a list of ${sizes.join(", ")}`, aWord(sizes)),
  memoryMiB: aWholeNumber,
  isComplete: yesOrNo,
  isReadOnly: yesOrNo,
  hasNetwork: yesOrNo,
  talks: needed(named(`functions, by ${media.join(", ")}`, aFunction, media)),
}

/** Declares a system. Throws a BuildError for a field that it does not have, and for one that holds something else. */
export function system(record: System): System {
  checkFields("system", record, systemKinds, holderOf(record, "system"))
  return record
}

/** Where it is declared. */
export const whereOf = (system: System): string => holderOf(system, "system").where

/** A system's configuration as a recipe. */
export const configuration = (system: System, setting: SystemSetting): readonly Recipe[] => {
  const { name, files: texts, modes = {} } = system
  if (texts === undefined) return []
  return [
    files({
      name: `system-${name}`,
      version: "1",
      about: `the configuration of the system ${name}`,
      license: "MIT",
      where: whereOf(system),
      modes,
      seconds: 1,
      files: () => texts(setting),
    }),
  ]
}
