// A root file system: the runtime files of some packages laid over each other, checked, and made into images.

import { shell } from "../graph/command.ts"
import { cannotStartError, kernelOptionsError, severalInitsError, unfitImageError } from "../graph/errors.ts"
import { file, group, layers, type Target, target } from "../graph/target.ts"
import { type Bootable, bootCheck, qemuSession } from "./boot.ts"
import type { Step } from "./conversation.ts"
import { initramfs } from "./image/archive.ts"
import { disk, partitionsOf } from "./image/disk.ts"
import type { Format } from "./image/format.ts"
import { formats, type ImageName } from "./image/formats.ts"
import { Images, kernelImage } from "./image/images.ts"
import { iso } from "./image/iso.ts"
import { diskMiB, sizesOf, type TypedSizes } from "./image/size.ts"
import { isoCheck } from "./iso-boot.ts"
import { lookingAt } from "./look/looking.ts"
import { kernelOptions, type Machine } from "./machine.ts"
import { type Network, standardNetwork } from "./network.ts"
import type { Packages } from "./package.ts"
import { closure, type Recipe } from "./recipe.ts"
import { configuration, type Medium, type System, type SystemSetting } from "./system.ts"
import { baseTools, llvmTools } from "./tools.ts"

/** What can be asked for of a system. */
export type SystemTargets = Readonly<Record<"rootfs" | "qemu" | "check-boot", Target>> & ReturnType<typeof lookingAt>

/** What a system is made with, and how it is to be had. */
export interface SystemOptions {
  /** Packages besides the system's own. */
  readonly packages?: readonly Recipe[]
  readonly kernel: Recipe
  /** What a medium that boots by itself (`iso`) starts before the system: it has /init. Without it such an image is an error. */
  readonly live?: Recipe
  readonly images: readonly ImageName[]
  readonly sizes?: TypedSizes
  readonly network?: Network
}

/** The packages of a system: its own, others, and its configuration. Throws a BuildError if several bring a process 1. */
export function packagesOf(system: System, besides: readonly Recipe[], setting: SystemSetting): readonly Recipe[] {
  const all = [...new Set([...system.packages, ...besides]), ...configuration(system, setting)]
  const inits = closure(all).filter(({ isInit }) => isInit)
  if (inits.length > 1)
    throw severalInitsError(
      system.name,
      whereOf(system),
      inits.map(({ name, where }) => [name, where]),
    )
  return all
}

/**
 * The targets of a system for one machine. Throws a BuildError for sizes that make no disk, for a kernel that cannot start from an image,
 * for a system that does not, and for a medium without what starts the system on it.
 */
export function systemTargets(from: Packages, system: System, options: SystemOptions): SystemTargets {
  const { packages: besides = [], kernel, live, images: asked, sizes: typed = {}, network = standardNetwork } = options
  const { machine } = from
  const sizes = sizesOf(typed, system.sizes)
  const setting = { machine, network, partitions: partitionsOf(sizes) }
  const packages = packagesOf(system, besides, setting)
  const { root, modes } = rootOf(from, packages)
  diskMiB(sizes)
  const formatsAsked = formats.filter(({ name }) => asked.includes(name))
  for (const format of formatsAsked) checkKernel(machine, format)
  const start = live && {
    kernel: from.tree(kernel),
    live: new Images({ machine, ...rootOf(from, [live]), sizes }, "live-").made(initramfs),
  }
  const images = new Images({ machine, root, modes, sizes, ...(start && { start }) })
  const kernelFile = kernelImage(machine, from.tree(kernel))
  const members = [
    ...packages.map((recipe) => from.install(recipe)),
    staticCheck(machine, root),
    ...formatsAsked.map((format) => images.placed(format)),
    kernelFile,
  ]
  const bootable = media(system, asked).map((name): Bootable => {
    const format = formats.find((one) => one.name === name) ?? disk
    return { name, image: images.made(format), steps: stepsOf(system, name, setting) }
  })
  const { memoryMiB = standardMemoryMiB, isReadOnly = false, hasNetwork = false } = system
  const booted = {
    machine,
    memoryMiB,
    kernel: kernelFile.outputs.kernel,
    isReadOnly,
    network: hasNetwork ? network : undefined,
  }
  const checkBoot = bootCheck(booted, bootable)
  const checkIso =
    start !== undefined && asked.includes(iso.name)
      ? [isoCheck(booted, images.made(iso), start, stepsOf(system, iso.name, setting))]
      : []
  return {
    rootfs: group(
      `${machine.triple}/rootfs`,
      members,
      `the root file system and its images for ${machine.triple}`,
      `out/${machine.triple}`,
    ),
    qemu: qemuSession(booted, images.made(disk)),
    "check-boot":
      checkIso.length === 0
        ? checkBoot
        : group(`${machine.triple}/check-boots`, [checkBoot, ...checkIso], checkBoot.about),
    ...lookingAt(from, { packages, kernel }),
  }
}

const standardMemoryMiB = 256

const whereOf = ({ name }: System): string => `systems/${name}.ts`

/** What a system is started from: the disk and the initramfs if it can be, and what is asked for. */
function media(system: System, asked: readonly ImageName[]): readonly Medium[] {
  const others = (["qcow2", "squashfs"] as const).filter((name) => asked.includes(name))
  return [...(["disk", "initramfs"] as const).filter((name) => system.talks[name] !== undefined), ...others]
}

/** What is said to a system that was started from an image. Throws a BuildError if it is not. */
function stepsOf(system: System, image: Medium | "iso", setting: SystemSetting): readonly Step[] {
  const talk = system.talks[image]
  if (talk === undefined) throw cannotStartError(system.name, whereOf(system), image, Object.keys(system.talks))
  return talk(setting)
}

/** The runtime files of packages and of what they need, laid over each other, with their modes. */
function rootOf(from: Packages, packages: readonly Recipe[]) {
  const { trees, without } = from.runtime(packages)
  const modes = Object.assign({}, ...closure(packages).map((recipe) => recipe.modes)) as Record<string, string>
  return { root: layers(trees, without), modes }
}

/** Throws a BuildError for a machine that no image of this format starts, and for a kernel without what starting from one takes. */
function checkKernel(machine: Machine, { name, kernel: needed = "", wants }: Format): void {
  if (wants?.has(machine) === false) throw unfitImageError(machine.triple, name, wants.what)
  const options = kernelOptions(machine)
  const missing = (typeof needed === "string" ? needed : needed(machine))
    .split(" ")
    .filter((option) => option !== "" && options.get(option) !== "y")
  if (missing.length > 0) throw kernelOptionsError(machine.triple, name, missing)
}

/** Looks at every ELF file: for the right machine, static, without an interpreter. Gives the list of what it looked at. */
const staticCheck = ({ triple, elf }: Machine, root: ReturnType<typeof layers>): Target =>
  target({
    name: `${triple}/check-static`,
    about: "every program is for the machine, and static",
    inputs: { root },
    outputs: { report: file() },
    tools: [...baseTools, llvmTools],
    run: ({ root }, { report }) => shell(checkScript(root, report, elf), "check-static"),
  })

const checkScript = (root: string, report: string, { machine, class: width }: Machine["elf"]): string => `
bad=0
complain() { echo "$1: $2"; bad=1; }
find ${root} -type f | sort >"$SCRATCH/files"
while read -r path; do
  [ "$(head -c 4 "$path" | tail -c 3)" = ELF ] || continue
  name=\${path#${root}/}
  header=$(llvm-readelf --file-header --program-headers "$path")
  case $header in *"Class:                             ${width}"*) ;; *) complain "$name" "is not ${width}";; esac
  case $header in *"Machine:                           ${machine}"*) ;; *) complain "$name" "is not for ${machine}";; esac
  case $header in *INTERP*) complain "$name" "asks for an interpreter";; esac
  case $header in *DYNAMIC*) complain "$name" "has a dynamic section";; esac
  echo "$name" >>${report}
done <"$SCRATCH/files"
[ -s ${report} ] || { echo "there is no program in it"; exit 1; }
exit $bad
`
