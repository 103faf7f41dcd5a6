// A root file system: the runtime files of some packages laid over each other, checked, and made into images.

import { shell } from "../graph/command.ts"
import { file, group, layers, type Target, target } from "../graph/target.ts"
import { bootCheck, qemuSession } from "./boot.ts"
import { diskImage, initramfs, kernelImage, tarball } from "./image.ts"
import type { Machine } from "./machine.ts"
import type { Packages } from "./package.ts"
import { closure, type Recipe } from "./recipe.ts"
import { baseTools, llvmTools } from "./tools.ts"

/** What can be asked for of a system. */
export type SystemTargets = Readonly<Record<"rootfs" | "qemu" | "check-boot", Target>>

/** A system of these packages with this kernel. */
export function system(packages: Packages, chosen: readonly Recipe[], kernel: Recipe): SystemTargets {
  const { machine } = packages
  const { trees, without } = packages.runtime(chosen)
  const root = layers(trees, without)
  const modes = Object.assign({}, ...closure(chosen).map((recipe) => recipe.modes)) as Record<string, string>
  const check = staticCheck(machine, root)
  const image = { machine, root, modes }
  const kernelFile = kernelImage(machine, packages.tree(kernel))
  const disk = diskImage(image)
  const memory = initramfs(image)
  const members = [...chosen.map((recipe) => packages.install(recipe)), check, tarball(image), memory, disk, kernelFile]
  return {
    rootfs: group(
      `${machine.triple}/rootfs`,
      members,
      `the root file system and its images for ${machine.triple}`,
      `out/${machine.triple}`,
    ),
    qemu: qemuSession(machine, disk.outputs.image, kernelFile.outputs.kernel),
    "check-boot": bootCheck(machine, disk.outputs.image, memory.outputs.image, kernelFile.outputs.kernel),
  }
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
