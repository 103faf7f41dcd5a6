// A root file system: the runtime files of some packages laid over each other, checked, made into images, and booted.

import { shell } from "../graph/command.ts"
import {
  kernelOptionsError,
  neededSizeError,
  noInitError,
  noTalkError,
  severalInitsError,
  unfitImageError,
  unfitPackageError,
} from "../graph/errors.ts"
import { file, group, layers, refused, type Target, target } from "../graph/target.ts"
import { Boots } from "./boots.ts"
import { initramfs } from "./image/archive.ts"
import { partitionsOf } from "./image/disk.ts"
import type { Format } from "./image/format.ts"
import { formats, formatsFor, type ImageName, type ImageWord, standardImages } from "./image/formats.ts"
import { Images, kernelImage } from "./image/images.ts"
import { iso } from "./image/iso.ts"
import { diskMiB, sizesOf, type TypedSizes } from "./image/size.ts"
import { lookingAt } from "./look/looking.ts"
import { isFor, kernelOptions, type Machine, optionWords } from "./machine.ts"
import { checkNetwork, type Network, networkOptions, standardNetwork } from "./network.ts"
import type { Packages } from "./package.ts"
import { closure, type Recipe } from "./recipe.ts"
import { configuration, media, type System, type SystemSetting, whereOf } from "./system.ts"
import { baseTools, llvmTools } from "./tools.ts"

/** What can be asked for of a system; `check-all` is for every image that the machine can have. */
export type SystemTargets = Readonly<Record<"rootfs" | "qemu" | "check-boot" | "check-all", Target>> &
  ReturnType<typeof lookingAt>

/** What a medium starts one after the other, besides the kernel between them. */
export interface Live {
  /** What the firmware starts: it brings what pkg/grub.ts does. */
  readonly loader: Recipe
  /** What the kernel starts: it has /init, which finds the medium again. */
  readonly init: Recipe
}

/** What a system is made with, and how it is to be had. */
export interface SystemOptions {
  /** Packages besides the system's own. */
  readonly packages?: readonly Recipe[]
  readonly kernel: Recipe
  /** What a medium that boots by itself (`iso`) starts before the system. Without it such an image is an error. */
  readonly live?: Live
  /** `system` is what the system is made into where nothing else is asked for. */
  readonly images: readonly ImageWord[]
  readonly sizes?: TypedSizes
  readonly network?: Network
}

/** The packages of a system: its own, others, and its configuration. Throws a BuildError unless one brings the process 1 that it starts. */
export function packagesOf(system: System, besides: readonly Recipe[], setting: SystemSetting): readonly Recipe[] {
  const all = [...new Set([...system.packages, ...besides]), ...configuration(system, setting)]
  const { machine } = setting
  for (const recipe of closure(all)) if (!isFor(machine, recipe)) throw unfitPackageError(recipe, machine.triple)
  const inits = closure(all).filter(({ isInit }) => isInit)
  if (inits.length === 0 && Object.keys(system.talks).length > 0) throw noInitError(system.name, whereOf(system))
  if (inits.length > 1)
    throw severalInitsError(
      system.name,
      whereOf(system),
      inits.map(({ name, where }) => [name, where]),
    )
  return all
}

/**
 * The targets of a system for one machine. Throws a BuildError for sizes that make no disk or that the system does not work with, for
 * addresses that make no net, for a kernel that cannot start from an image, for a system that does not, and for a medium without what
 * starts the system on it.
 */
export function systemTargets(from: Packages, system: System, options: SystemOptions): SystemTargets {
  const { packages: besides = [], live, images: words, sizes: typed = {}, network = standardNetwork } = options
  const { machine, name } = from
  const sizes = sizesOf(typed, system.sizes)
  const none = system.needsSizes?.find((size) => sizes[size] === 0)
  if (none !== undefined) throw neededSizeError(system.name, whereOf(system), none, system.sizes?.[none])
  if (system.hasNetwork) checkNetwork(network)
  const setting = { machine, network, partitions: partitionsOf(sizes) }
  const packages = packagesOf(system, besides, setting)
  const { root, modes } = rootOf(from, packages)
  diskMiB(sizes)
  const starts = (image: ImageName) => Object.hasOwn(system.talks, image)
  const standard = standardImages.filter((image) => starts(image) || !(media as readonly string[]).includes(image))
  const asked = words.flatMap((word) => (word === "system" ? standard : [word]))
  const formatsAsked = formats.filter(({ name }) => asked.includes(name))
  for (const format of formatsAsked) checkKernel(machine, system, format)
  const kernel = from.builds.tree(options.kernel)
  const start =
    live !== undefined && isFor(machine, live.loader)
      ? {
          loader: from.builds.tree(live.loader),
          kernel,
          live: new Images(`${name}/live-image`, { machine, ...rootOf(from, [live.init]), sizes }).made(initramfs),
        }
      : undefined
  const images = new Images(`${name}/image`, { machine, root, modes, sizes, ...(start && { start }) })
  const boots = new Boots({ name, system, setting, images, kernel, live: start?.live })
  const isStatic = staticCheck(name, machine, root)
  const installed = packages.map((recipe) => from.install(recipe))
  const placed = formatsAsked.map((format) => images.placed(format))
  const able = formatsFor(machine)
    .filter((format) => missingOptions(machine, system, format).length === 0)
    .filter(({ name }) => name !== iso.name || start !== undefined)
  const made = able.map((format) => images.made(format).target)
  const startable = able.map(({ name }) => name).filter(starts)
  const alwaysBooted = standard.filter((image) => startable.includes(image))
  return {
    rootfs: group(
      `${name}/rootfs`,
      [...installed, isStatic, ...placed, kernelImage(machine, kernel)],
      `the root file system and its images for ${machine.triple}`,
      `out/${machine.triple}`,
    ),
    qemu: boots.session(),
    "check-boot": checkBoot(name, system, boots.for([...alwaysBooted, ...asked])),
    "check-all": group(
      `${name}/check-all`,
      [isStatic, ...made, ...boots.for(startable)],
      "make every image that the machine can have, and boot it unattended",
    ),
    ...lookingAt(from, {
      packages,
      kernel: options.kernel,
      medium: live !== undefined && asked.includes(iso.name) ? [live.loader, live.init] : [],
    }),
  }
}

/** Boots of a system; of none nothing would be seen. */
function checkBoot(name: string, system: System, boots: readonly Target[]): Target {
  const [called, about] = [`${name}/check-boot`, "boot the images unattended and see that they work"]
  return boots.length > 0
    ? group(called, boots, about)
    : refused(called, () => noTalkError(system.name, whereOf(system)), about)
}

/** The runtime files of packages and of what they need, laid over each other, with their modes. */
function rootOf(from: Packages, packages: readonly Recipe[]) {
  const { trees, without } = from.runtime(packages)
  const modes = Object.assign({}, ...closure(packages).map((recipe) => recipe.modes)) as Record<string, string>
  return { root: layers(trees, without), modes }
}

/** Throws a BuildError for a machine that no image of this format starts, and for a kernel without what starting from one takes. */
function checkKernel(machine: Machine, system: System, format: Format): void {
  const { name, wants } = format
  if (wants !== undefined && !wants.has(machine)) throw unfitImageError(machine.triple, name, wants.what)
  const missing = missingOptions(machine, system, format)
  if (missing.length > 0) throw kernelOptionsError(machine.triple, system.name, format.name, missing)
}

/** Options of the kernel that starting from any image takes, besides the drivers of the console. */
const everyStart = "BINFMT_ELF PROC_FS DEVTMPFS TTY"

/** Which options starting a system from an image takes that the machine's kernel does not have. */
function missingOptions(machine: Machine, { hasNetwork = false }: System, { kernel: own }: Format): readonly string[] {
  if (own === undefined) return []
  const options = kernelOptions(machine)
  const all = [
    everyStart,
    machine.kernel.drivers.console,
    typeof own === "string" ? own : own(machine),
    hasNetwork ? networkOptions : "",
  ]
  return [...new Set(all.flatMap(optionWords))].filter((option) => options.get(option) !== "y")
}

/** Looks at every ELF file: for the right machine, static, without an interpreter. Gives the list of what it looked at. */
const staticCheck = (name: string, { elf }: Machine, root: ReturnType<typeof layers>): Target =>
  target({
    name: `${name}/check-static`,
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
