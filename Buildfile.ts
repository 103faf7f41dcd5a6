// The Linux system: packages built from source for one machine, a root file system made of them, and images that boot.

import {
  Builds,
  bootTools,
  checkCompiler,
  checkTraces,
  chroot,
  closure,
  configs,
  diskSizes,
  downloadsOf,
  forMachine,
  formats,
  imageTools,
  imageWords,
  installToolchain,
  isFor,
  type Machine,
  marksOf,
  menuconfigTools,
  networkVariables,
  outdatedTarget,
  Packages,
  type Sources,
  type System,
  sameByBoth,
  sameStages,
  sideBySide,
  someMachines,
  stagesOf,
  systemTargets,
  tools,
} from "./lib/linux/mod.ts"
import { buildfile, choice, command, group, several, type Target, target, tool, toolsOf } from "./lib/mod.ts"
import { foundation, recipes as named, runtimes, stageParts } from "./pkg/all.ts"
import { baseSystem } from "./pkg/base/system.ts"
import { machines } from "./sysdeps/all.ts"
import native from "./sysdeps/x86_64-linux-musl.ts"
import { systemNames, systems } from "./systems/all.ts"

// The compiler is what stages are for.
const { llvm, ...recipes } = named
const names = Object.keys(recipes) as (keyof typeof recipes)[]
// What every program is linked with is in each of them; the kernel, and what starts it, are beside a root file system.
const installable = names.filter((name) => !recipes[name].isFoundation && name !== "linux" && name !== "grub")

const variables = {
  TARGET: someMachines(machines, "the machines to build for, with commas between them"),
  SYSTEM: choice(systemNames, "what the root file system is made of, and how it is started: one of systems/"),
  TARGET_PKGS: several(installable, [], "packages of the root file system besides the system's own"),
  IMAGES: several(
    imageWords,
    ["system"],
    "the images that are made of it; system: tar, and what SYSTEM starts from of initramfs and disk",
  ),
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
  const { USE_DHCP, LOCAL_IP, ROUTER_IP, NAME_SERVER, SSH_PORT, ...sizes } = values
  const sources: Sources = new Map()
  const stages = stagesOf({ native, parts: stageParts, base: baseSystem, sources })
  const { stage1, stage2, stage3, stage4 } = stages
  const checkBootstrap = sameStages(stage3, stage4)
  const traces = checkTraces("check-traces", [...stage4.packages.values()], marksOf(import.meta.dirname))
  const system = systems[SYSTEM]
  const besides = TARGET_PKGS.map((name) => recipes[name])
  // No compiler of Debian's brings what runs in the middle of a compiler's own build.
  const by = TOOLCHAIN === "host" ? "stage1" : TOOLCHAIN
  const buildsBy = (stage: keyof typeof stages, machine: Machine, name: string) =>
    new Builds(machine, CONFIG, foundation, { name, sources, toolchain: stages[stage].toolchain(machine, name) })
  const usesStage = TOOLCHAIN !== "host" || system.packages.includes(llvm)
  const everywhere = machines.map((machine) => {
    const { triple } = machine
    const builds = usesStage ? buildsBy(by, machine, triple) : new Builds(machine, CONFIG, foundation, { sources })
    return new Packages(builds, { beside: [...system.packages, ...besides], isComplete: system.isComplete ?? false })
  })
  const packages = everywhere.filter(({ machine }) => TARGET.includes(machine))
  const network = { USE_DHCP, LOCAL_IP, ROUTER_IP, NAME_SERVER, SSH_PORT }
  const live = { loader: recipes.grub, init: recipes["live-init"] }
  const bootable = { kernel: recipes.linux, live, network }
  const options = { ...bootable, packages: besides, images: IMAGES, sizes }
  const systemOn = new Map(packages.map((of) => [of, systemTargets(of, system, options)]))
  const made = sideBySide([...systemOn.values()])
  const each = sideBySide(packages.map((of) => of.all(names.map((name) => recipes[name]))))
  const { "check-all": _, ...usual } = made
  const fetch = group(
    "fetch",
    downloadsOf(Object.values(usual)),
    "download everything that the root file system and its images take from elsewhere",
  )
  const builtins = group(
    "builtins",
    everywhere.flatMap(({ builds }) => runtimes.map((recipe) => builds.package(recipe))),
    "what programs are compiled and linked with, for every machine in sysdeps/",
  )
  const compilerOn = once((machine: Machine) => buildsBy(by, machine, `${by}/${machine.triple}`))
  const compilerCheckOn = once((machine: Machine) => checkCompiler(compilerOn(machine), stageParts))
  const toolchains = sideBySide(
    TARGET.map((machine) => ({
      "install-toolchain": installToolchain(compilerOn(machine), stageParts),
      "check-compiler": compilerCheckOn(machine),
    })),
  )

  // Whichever compiles everything else, both are compared.
  const byAnother = once(({ machine }: Packages) => {
    const other = usesStage ? "host" : "stage4"
    const name = `${other}/${machine.triple}`
    const builds =
      other === "host" ? new Builds(machine, CONFIG, foundation, { name, sources }) : buildsBy(other, machine, name)
    return new Packages(builds)
  })
  const base = closure(baseSystem.recipes).filter((recipe) => recipe !== llvm && !recipe.isFoundation)
  const compared = sideBySide(packages.map((of) => ({ "check-toolchain": sameByBoth(of, byAnother(of), base) })))

  const bootstrap = group(
    "bootstrap",
    [stage4.all, checkBootstrap, traces],
    "all four stages, and the proof that stage 4 is stage 3 and holds nothing of the build machine",
  )

  // By default TARGET is what is cross-built, which says nothing of stages.
  const isAskedElsewhere = TARGET.some((machine) => machine !== machines[0])

  // A compiler that runs on another machine takes as long as a stage. What is typed is for the chosen system and machines.
  const wholeOf = (of: Packages, one: System): readonly Target[] => {
    const hasCompiler = one.packages.includes(llvm)
    if (hasCompiler && of.machine !== native) return []
    const builds = hasCompiler && !usesStage ? compilerOn(native) : of.builds
    const place = { name: `${of.name}/${one.name}`, beside: one.packages, isComplete: one.isComplete ?? false }
    const from = one === system ? of : new Packages(builds, place)
    const chosen = one === system ? systemOn.get(of) : undefined
    return [(chosen ?? systemTargets(from, one, { ...bootable, images: [] }))["check-all"]]
  }
  const systemsOn = once((of: Packages) => systemNames.flatMap((name) => wholeOf(of, systems[name])))
  const checkSystems = sideBySide(
    packages.map((of) => ({
      "check-systems": group(
        `${of.name}/check-systems`,
        () => systemsOn(of),
        "every system of systems/, from every image that the machine can have, booted",
      ),
    })),
  )
  const everyPackage = (machine: Machine) => Object.values(recipes).filter((recipe) => isFor(machine, recipe))
  const all = group(
    "all",
    () => [
      bootstrap,
      ...everywhere.flatMap(({ builds, machine }) =>
        everyPackage(machine).flatMap((recipe) => [builds.package(recipe), builds.check(recipe) ?? []].flat()),
      ),
      ...everywhere.flatMap((of) => everyPackage(of.machine).map((recipe) => byAnother(of).builds.package(recipe))),
      ...machines.map(compilerCheckOn),
      ...everywhere.flatMap(systemsOn),
    ],
    "the bootstrap; for every machine each package with its tests, each system, each image booted; each package by both compilers",
  )

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
      // In workspaces of their own they make and start a medium for this machine, and configure its kernel.
      ...bootTools(native),
      ...menuconfigTools(native),
      ...formats.flatMap((format) => imageTools(format, native)),
      ...recipes.grub.tools,
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
    ...toolchains,
    ...forMachine(native, isAskedElsewhere ? TARGET : [native], {
      stage1: stage1.all,
      "stage1-runtimes": stage1.runtimes,
      stage2: stage2.all,
      stage3: stage3.all,
      stage4: stage4.all,
      "check-bootstrap": checkBootstrap,
      "check-traces": traces,
      bootstrap,
      chroot: chroot(STAGE === "3" ? stage3.system : stage4.system),
    }),
    ...checkSystems,
    all,
    ...compared,
    test,
    ...each,
  }
})

/** What is made for each of some things, when it is first asked for. */
function once<Key, Made>(make: (key: Key) => Made): (key: Key) => Made {
  const made = new Map<Key, Made>()
  return (key) => {
    const found = made.get(key) ?? make(key)
    made.set(key, found)
    return found
  }
}
