// The sizes of a disk's partitions, as a person gives them: `256M`, `1G`, `0`. Inside they are MiB: partitions start at whole ones.

import { sizeIn } from "../../base/quantity.ts"
import { sizeValueError, tooLargeDiskError } from "../../graph/errors.ts"
import type { Values, Variable } from "../../graph/variable.ts"

/** The word for what the system says. */
const ofSystem = "system"

const bytesInMiB = 2 ** 20

/** How a size differs from others. */
export interface SizeOptions {
  /** Nothing works without it: `0` is an error. */
  readonly isNeeded?: boolean
}

/** A variable that is a size, in MiB; typed as any size is, or `0` for none. Undefined: what the system says. */
export const size = (about: string, { isNeeded = false }: SizeOptions = {}): Variable<number | undefined> => ({
  about,
  default: ofSystem,
  values: undefined,
  parse(name, typed) {
    if (typed === ofSystem) return undefined
    const found = (sizeIn(typed) ?? Number.NaN) / bytesInMiB
    if (!Number.isSafeInteger(found) || (isNeeded && found === 0)) throw sizeValueError(name, typed, isNeeded)
    return found
  },
  check(name, given) {
    const isSize = given === undefined || (Number.isSafeInteger(given) && Number(given) >= (isNeeded ? 1 : 0))
    if (!isSize) throw sizeValueError(name, String(given), isNeeded)
  },
})

/** The variables of a disk: one size for each of its partitions, and what is left free behind them. */
export const diskSizes = {
  ROOTFS_SIZE: size("the disk's partition with the root file system; system: as large as SYSTEM says", {
    isNeeded: true,
  }),
  RWFS_SIZE: size("its read-write partition, for /var; 0 is none, as for those below"),
  USERFS_SIZE: size("its partition for /home"),
  SWAP_SIZE: size("its swap partition"),
  EXTRA_SIZE: size("what is left free on it, behind the partitions"),
} as const

/** Sizes in MiB. */
export type DiskSizes = Readonly<Record<keyof typeof diskSizes, number>>

/** Sizes that were typed; undefined or not there: what the system says. */
export type TypedSizes = Partial<Values<typeof diskSizes>>

/** Where neither the user nor the system says something else. */
const standardSizes: DiskSizes = { ROOTFS_SIZE: 256, RWFS_SIZE: 0, USERFS_SIZE: 0, SWAP_SIZE: 0, EXTRA_SIZE: 0 }

/** The sizes that were typed, or else those of a system. */
export const sizesOf = (typed: TypedSizes, system: Partial<DiskSizes> = {}): DiskSizes => {
  const standard = { ...standardSizes, ...system }
  const names = Object.keys(diskSizes) as (keyof DiskSizes)[]
  return Object.fromEntries(names.map((name) => [name, typed[name] ?? standard[name]])) as DiskSizes
}

/** Where the first partition starts: the table lies before it. */
export const tableMiB = 1

/** Sectors of 512 bytes are counted in 32 bits. */
const mostMiB = 2 * 1024 ** 2

/** The size of the whole disk. Throws a BuildError for one that a partition table cannot describe. */
export function diskMiB(sizes: DiskSizes): number {
  const sum = tableMiB + Object.values(sizes).reduce((all, one) => all + one, 0)
  if (sum > mostMiB) throw tooLargeDiskError(sum, mostMiB)
  return sum
}
