// The boots of one system on one machine: from which of its images it starts, in which ways, and what is said to it then.

import { cannotStartError, heldFieldError } from "../graph/errors.ts"
import type { Output, Target } from "../graph/target.ts"
import { type Booted, bootCheck, qemuSession, type Way } from "./boot.ts"
import { strangeWord } from "./conversation.ts"
import { holderOf } from "./fields.ts"
import { disk } from "./image/disk.ts"
import type { Format } from "./image/format.ts"
import { formats, type ImageName } from "./image/formats.ts"
import type { Images } from "./image/images.ts"
import { iso } from "./image/iso.ts"
import { type Medium, media, type System, type SystemSetting, whereOf } from "./system.ts"
import { byAnotherMedium, byFirmware, byKernel } from "./ways.ts"

/** What is booted. */
export interface BootsOf {
  /** What the names of targets start with. */
  readonly name: string
  readonly system: System
  readonly setting: SystemSetting
  readonly images: Images
  /** The kernel's tree. */
  readonly kernel: Output
  /** What a medium that boots by itself starts before the system. */
  readonly live?: Output | undefined
}

const standardMemoryMiB = 256

/** The boots of a system, each made once. */
export class Boots {
  readonly #booted: Booted
  readonly #of: BootsOf
  readonly #made = new Map<Medium, readonly Target[]>()

  constructor(of: BootsOf) {
    const { system, setting } = of
    const { memoryMiB = standardMemoryMiB, hasNetwork = false } = system
    const network = hasNetwork ? setting.network : undefined
    this.#booted = { machine: setting.machine, system: system.name, memoryMiB, network }
    this.#of = of
  }

  /** On a person's terminal, from the disk. */
  session = (): Target => qemuSession(this.#of.name, this.#booted, this.#byKernel("disk", disk))

  /** Those from these images. Throws a BuildError for an image from which the system does not start. */
  for = (images: readonly ImageName[]): readonly Target[] =>
    media.filter((medium) => images.includes(medium)).flatMap((medium) => this.#from(medium))

  #from(medium: Medium): readonly Target[] {
    let made = this.#made.get(medium)
    if (made === undefined) {
      made = this.#make(medium)
      this.#made.set(medium, made)
    }
    return made
  }

  #make(medium: Medium): readonly Target[] {
    const { name, system, setting, images, kernel, live } = this.#of
    const steps = system.talks[medium]?.(setting)
    if (steps === undefined) throw cannotStartError(system.name, whereOf(system), medium, Object.keys(system.talks))
    const strange = strangeWord(steps)
    if (strange !== undefined) throw heldFieldError(holderOf(system, "system"), "talks", strange)
    const boot = (way: Way, said = steps) => bootCheck(name, this.#booted, way, said)
    if (medium !== "iso")
      return formats.filter(({ name }) => name === medium).map((format) => boot(this.#byKernel(medium, format)))
    const made = images.made(iso)
    const firmware = byFirmware(setting.machine, made).map((way) => boot(way))
    return live === undefined
      ? firmware
      : [...firmware, boot(...byAnotherMedium(setting.machine, { iso: made, kernel, live }))]
  }

  #byKernel(medium: Exclude<Medium, "iso">, format: Format): Way {
    const { setting, images, kernel, system } = this.#of
    const { machine } = setting
    return byKernel(medium, { machine, kernel, image: images.made(format), isReadOnly: system.isReadOnly ?? false })
  }
}
