// The Linux system: packages built from source for one machine, a root file system made of them, and images that boot.

import {
  checkTraces,
  chroot,
  configs,
  diskSizes,
  downloadsOf,
  formats,
  imageNames,
  installToolchain,
  marksOf,
  networkVariables,
  outdatedTarget,
  Packages,
  type Sources,
  sameStages,
  sideBySide,
  someMachines,
  stagesOf,
  standardImages,
  systemTargets,
  tools,
} from "./lib/linux/mod.ts"
import { buildfile, choice, command, group, several, target, tool, toolsOf } from "./lib/mod.ts"
import { foundation, recipes as named, runtimes, stageParts } from "./pkg/all.ts"
import { baseSystem } from "./pkg/base/system.ts"
import { machines } from "./sysdeps/all.ts"
import native from "./sysdeps/x86_64-linux-musl.ts"
import { systemNames, systems } from "./systems/all.ts"

// The compiler is what stages are for.
const { llvm, ...recipes } = named
const names = Object.keys(recipes) as (keyof typeof recipes)[]

const variables = {
  TARGET: someMachines(machines, "the machines to build for, with commas between them"),
  SYSTEM: choice(systemNames, "what the root file system is made of, and how it is started: one of systems/"),
  TARGET_PKGS: several(names, [], "packages of the root file system besides the system's own"),
  IMAGES: several(imageNames, standardImages, "the images that are made of it"),
  ...diskSizes,
  ...networkVariables,
  CONFIG: choice(configs, "how code is optimised, and whether it can be debugged"),
  TOOLCHAIN: choice(
    ["host", "stage1", "stage2", "stage3", "stage4"],
    "whose clang compiles: the build machine's, or a stage's of the bootstrap",
  ),
  STAGE: choice(["4", "3"], "the stage whose system `chroot` starts in"),
}

export default buildfile(variables, ({ TARGET, SYSTEM, TARGET_PKGS, IMAGES, CONFIG, TOOLCHAIN, STAGE, ...values }) => {
  const { USE_DHCP, LOCAL_IP, ROUTER_IP, SSH_PORT, ...sizes } = values
  const sources: Sources = new Map()
  const stages = stagesOf({ native, parts: stageParts, base: baseSystem, sources })
  const { stage1, stage2, stage3, stage4 } = stages
  const checkBootstrap = sameStages(stage3, stage4)
  const traces = checkTraces("check-traces", [...stage4.packages.values()], marksOf(import.meta.dirname))
  const system = systems[SYSTEM]
  const besides = TARGET_PKGS.map((name) => recipes[name])
  // No compiler of Debian's brings what runs in the middle of a compiler's own build.
  const by = TOOLCHAIN === "host" ? "stage1" : TOOLCHAIN
  const usesStage = TOOLCHAIN !== "host" || system.packages.includes(llvm)
  const everywhere = machines.map((machine) => {
    const from = usesStage ? { toolchain: stages[by].toolchain(machine, machine.triple) } : {}
    const beside = [...system.packages, ...besides]
    return new Packages(machine, CONFIG, foundation, {
      sources,
      beside,
      isComplete: system.isComplete ?? false,
      ...from,
    })
  })
  const packages = everywhere.filter(({ machine }) => TARGET.includes(machine))
  const network = { USE_DHCP, LOCAL_IP, ROUTER_IP, SSH_PORT }
  const options = {
    packages: besides,
    kernel: recipes.linux,
    live: recipes["live-init"],
    images: IMAGES,
    sizes,
    network,
  }
  const made = sideBySide(packages.map((of) => systemTargets(of, system, options)))
  const each = sideBySide(packages.map((of) => of.all(names.map((name) => recipes[name]))))
  const fetch = group(
    "fetch",
    downloadsOf(Object.values(made)),
    "download everything that the root file system and its images take from elsewhere",
  )
  const builtins = group(
    "builtins",
    everywhere.flatMap((of) => runtimes.map((recipe) => of.package(recipe))),
    "what programs are compiled and linked with, for every machine in sysdeps/",
  )
  const toolchain = { name: by, parts: stageParts, sources }
  const { "install-toolchain": install } = sideBySide(
    TARGET.map((machine) => ({ "install-toolchain": installToolchain(machine, stages[by], toolchain) })),
  )

  // The tests make a medium for this machine, and configure its kernel, in workspaces of their own.
  const besideTested = everywhere
    .filter(({ machine }) => machine === native)
    .map((of) => systemTargets(of, systems.default, { ...options, packages: [], images: ["iso"] }))
    .flatMap((of) => [of["check-boot"], of.menuconfig])
  const tested = [made.rootfs, made["check-boot"], stage1.runtimes]
  // Where the page of a build is opened, where the words of a command line are completed, what the README compiles with, and what
  // container images are read by.
  const programs = ["chromium", "zsh", "fish", "gcc", "skopeo", "umoci"].map((name) => tool({ name }))
  const test = target({
    name: "test",
    about: "every test of hashmake itself, after the system that they look at",
    after: tested,
    tools: [
      ...toolsOf(tested),
      ...toolsOf(besideTested),
      ...formats.flatMap(({ tools }) => tools),
      tools.ssh,
      ...programs,
    ],
    session: () => command(process.execPath, "node_modules/vitest/vitest.mjs", "run"),
  })

  return {
    default: made.rootfs,
    ...made,
    outdated: outdatedTarget(Object.values(named)),
    fetch,
    builtins,
    "install-toolchain": install,
    stage1: stage1.all,
    "stage1-runtimes": stage1.runtimes,
    stage2: stage2.all,
    stage3: stage3.all,
    stage4: stage4.all,
    "check-bootstrap": checkBootstrap,
    "check-traces": traces,
    bootstrap: group(
      "bootstrap",
      [stage4.all, checkBootstrap, traces],
      "all four stages, and the proof that stage 4 is stage 3 and holds nothing of the build machine",
    ),
    chroot: chroot(STAGE === "3" ? stage3.system : stage4.system),
    test,
    ...each,
  }
})
