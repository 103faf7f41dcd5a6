// The Linux system: packages built from source for one machine, a root file system made of them, and images that boot.

import {
  chroot,
  configs,
  diskSizes,
  formats,
  imageNames,
  installToolchain,
  Packages,
  type Sources,
  sameStages,
  sideBySide,
  someMachines,
  stagesOf,
  standardImages,
  system,
} from "./lib/linux/mod.ts"
import { buildfile, choice, command, group, several, target, tool, toolsOf } from "./lib/mod.ts"
import { foundation, recipes as named, runtimes, stageParts } from "./pkg/all.ts"
import { baseSystem } from "./pkg/base/system.ts"
import { machines } from "./sysdeps/all.ts"
import native from "./sysdeps/x86_64-linux-musl.ts"

// The compiler is what stages are for.
const { llvm, ...recipes } = named
const names = Object.keys(recipes) as (keyof typeof recipes)[]

const variables = {
  TARGET: someMachines(machines, "the machines to build for, with commas between them"),
  TARGET_PKGS: several(names, ["bash", "toybox", "finit"], "the packages of the root file system"),
  IMAGES: several(imageNames, standardImages, "the images that are made of it"),
  ...diskSizes,
  CONFIG: choice(configs, "how code is optimised, and whether it can be debugged"),
  TOOLCHAIN: choice(
    ["host", "stage1", "stage2", "stage3", "stage4"],
    "whose clang compiles: the build machine's, or a stage's of the bootstrap",
  ),
  STAGE: choice(["4", "3"], "the stage whose system `chroot` starts in"),
}

export default buildfile(variables, ({ TARGET, TARGET_PKGS, IMAGES, CONFIG, TOOLCHAIN, STAGE, ...sizes }) => {
  const sources: Sources = new Map()
  const stages = stagesOf({ native, parts: stageParts, base: baseSystem, sources })
  const { stage1, stage2, stage3, stage4 } = stages
  const checkBootstrap = sameStages(stage3, stage4)
  const chosen = [recipes.etc, ...TARGET_PKGS.map((name) => recipes[name])]
  const everywhere = machines.map((machine) => {
    const from = TOOLCHAIN === "host" ? {} : { toolchain: stages[TOOLCHAIN].toolchain(machine, machine.triple) }
    return new Packages(machine, CONFIG, foundation, { sources, ...from })
  })
  const packages = everywhere.filter(({ machine }) => TARGET.includes(machine))
  const options = { packages: chosen, kernel: recipes.linux, live: recipes["live-init"], images: IMAGES, sizes }
  const systems = sideBySide(packages.map((of) => system(of, options)))
  const each = sideBySide(packages.map((of) => of.all(names.map((name) => recipes[name]))))
  const [first] = packages
  const fetch = group(
    "fetch",
    first?.downloads([...foundation, ...chosen, recipes.linux]) ?? [],
    "download every source that the root file system needs",
  )

  const builtins = group(
    "builtins",
    everywhere.flatMap((of) => runtimes.map((recipe) => of.package(recipe))),
    "what programs are compiled and linked with, for every machine in sysdeps/",
  )
  // No compiler of Debian's brings what runs in the middle of a compiler's own build.
  const by = TOOLCHAIN === "host" ? "stage1" : TOOLCHAIN
  const toolchain = { name: by, parts: stageParts, sources }
  const { "install-toolchain": install } = sideBySide(
    TARGET.map((machine) => ({ "install-toolchain": installToolchain(machine, stages[by], toolchain) })),
  )

  const tested = [systems.rootfs, systems["check-boot"], stage1.runtimes]
  // Where the page of a build is opened, where the words of a command line are completed, what the README compiles with, and what
  // container images are read by.
  const programs = ["chromium", "zsh", "fish", "gcc", "skopeo", "umoci"].map((name) => tool({ name }))
  const test = target({
    name: "test",
    about: "every test of hashmake itself, after the system that they look at",
    after: tested,
    tools: [...toolsOf(tested), ...formats.flatMap(({ tools }) => tools), ...programs],
    session: () => command(process.execPath, "node_modules/vitest/vitest.mjs", "run"),
  })

  return {
    default: systems.rootfs,
    ...systems,
    fetch,
    builtins,
    "install-toolchain": install,
    stage1: stage1.all,
    "stage1-runtimes": stage1.runtimes,
    stage2: stage2.all,
    stage3: stage3.all,
    stage4: stage4.all,
    "check-bootstrap": checkBootstrap,
    bootstrap: group(
      "bootstrap",
      [stage4.all, checkBootstrap],
      "all four stages, and the proof that stage 4 is stage 3",
    ),
    chroot: chroot(STAGE === "3" ? stage3.system : stage4.system),
    test,
    ...each,
  }
})
