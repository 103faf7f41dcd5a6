// A root file system: the runtime files of some packages laid over each other, checked, and made into images.

import { shell } from "../graph/command.ts"
import { kernelOptionsError, unfitImageError } from "../graph/errors.ts"
import { file, group, layers, type Target, target } from "../graph/target.ts"
import { bootCheck, qemuSession } from "./boot.ts"
import { initramfs } from "./image/archive.ts"
import { disk, partitionsOf, qcow2 } from "./image/disk.ts"
import type { Format } from "./image/format.ts"
import { formats, type ImageName } from "./image/formats.ts"
import { Images, kernelImage } from "./image/images.ts"
import { iso } from "./image/iso.ts"
import { type DiskSizes, diskMiB } from "./image/size.ts"
import { squashfs } from "./image/squashfs.ts"
import { isoCheck } from "./iso-boot.ts"
import type { Machine } from "./machine.ts"
import type { Packages } from "./package.ts"
import { closure, type Recipe } from "./recipe.ts"
import { baseTools, llvmTools } from "./tools.ts"

/** What can be asked for of a system. */
export type SystemTargets = Readonly<Record<"rootfs" | "qemu" | "check-boot", Target>>

/** What a system is made of, and how it is to be had. */
export interface SystemOptions {
  readonly packages: readonly Recipe[]
  readonly kernel: Recipe
  /** What a medium that boots by itself starts before the system: it has /init. */
  readonly live: Recipe
  readonly images: readonly ImageName[]
  readonly sizes: DiskSizes
}

/** A system for one machine. Throws a BuildError for sizes that make no disk, and for a kernel that cannot start from an image. */
export function system(from: Packages, { packages, kernel, live, images: asked, sizes }: SystemOptions): SystemTargets {
  const { machine } = from
  const { root, modes } = rootOf(from, packages)
  diskMiB(sizes)
  const formatsAsked = formats.filter(({ name }) => asked.includes(name))
  for (const format of formatsAsked) checkKernel(machine, format)
  const before = new Images({ machine, ...rootOf(from, [live]), sizes }, "live-")
  const start = { kernel: from.tree(kernel), live: before.made(initramfs) }
  const images = new Images({ machine, root, modes, sizes, start })
  const kernelFile = kernelImage(machine, from.tree(kernel))
  const members = [
    ...packages.map((recipe) => from.install(recipe)),
    staticCheck(machine, root),
    ...formatsAsked.map((format) => images.placed(format)),
    kernelFile,
  ]
  const booted = [disk, initramfs, ...[qcow2, squashfs].filter(({ name }) => asked.includes(name))].map((format) => ({
    name: format.name,
    image: images.made(format),
  }))
  const checkBoot = bootCheck(machine, kernelFile.outputs.kernel, booted, partitionsOf(sizes))
  const checkIso = asked.includes(iso.name) ? [isoCheck(machine, images.made(iso), start)] : []
  return {
    rootfs: group(
      `${machine.triple}/rootfs`,
      members,
      `the root file system and its images for ${machine.triple}`,
      `out/${machine.triple}`,
    ),
    qemu: qemuSession(machine, images.made(disk), kernelFile.outputs.kernel),
    "check-boot":
      checkIso.length === 0
        ? checkBoot
        : group(`${machine.triple}/check-boots`, [checkBoot, ...checkIso], checkBoot.about),
  }
}

/** The runtime files of packages and of what they need, laid over each other, with their modes. */
function rootOf(from: Packages, packages: readonly Recipe[]) {
  const { trees, without } = from.runtime(packages)
  const modes = Object.assign({}, ...closure(packages).map((recipe) => recipe.modes)) as Record<string, string>
  return { root: layers(trees, without), modes }
}

/** Throws a BuildError for a machine that no image of this format starts, and for a kernel without what starting from one takes. */
function checkKernel(machine: Machine, { name, kernel: needed = "", wants }: Format): void {
  const { triple, kernel } = machine
  if (wants?.has(machine) === false) throw unfitImageError(triple, name, wants.what)
  const options = Object.values(kernel.options).flatMap((names) => names.split(/\s+/))
  const missing = (typeof needed === "string" ? needed : needed(machine))
    .split(" ")
    .filter((option) => option !== "" && !options.includes(option))
  if (missing.length > 0) throw kernelOptionsError(triple, name, missing)
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
