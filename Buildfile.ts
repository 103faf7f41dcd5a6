// The Linux system: packages built from source for one machine, a root file system made of them, and images that boot.

import { configs, Packages, system } from "./lib/linux/mod.ts"
import { buildfile, choice, group, several, type Target } from "./lib/mod.ts"
import { foundation, recipes } from "./pkg/all.ts"
import armv7 from "./sysdeps/armv7-linux-musleabihf.ts"

const machines = [armv7]
const names = Object.keys(recipes) as (keyof typeof recipes)[]

const variables = {
  TARGET: choice(machines.map(({ triple }) => triple), "the machine to build for"),
  TARGET_PKGS: several(names, ["bash", "toybox", "finit"], "the packages of the root file system"),
  CONFIG: choice(configs, "how code is optimised, and whether it can be debugged"),
}

export default buildfile(variables, ({ TARGET, TARGET_PKGS, CONFIG }) => {
  const machine = machines.find(({ triple }) => triple === TARGET) ?? armv7
  const packages = new Packages(machine, CONFIG, foundation)
  const targets: Record<string, Target> = {}

  for (const name of names) {
    const recipe = recipes[name]
    targets[name] = packages.package(recipe)
    targets[`install-${name}`] = packages.install(recipe)
    const check = packages.check(recipe)
    if (check !== undefined) targets[`check-${name}`] = check
  }

  const chosen = [recipes.etc, ...TARGET_PKGS.map((name) => recipes[name])]
  const { rootfs, qemu, "check-boot": checkBoot } = system(packages, chosen, recipes.linux)
  const everything = [...TARGET_PKGS.map((name) => recipes[name]), recipes.linux, recipes.musl]

  return {
    default: rootfs,
    rootfs,
    qemu,
    "check-boot": checkBoot,
    fetch: group("fetch", packages.downloads([...everything, ...foundation]), "every source that the root file system needs"),
    ...targets,
  }
})
