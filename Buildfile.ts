// The Linux system: packages built from source for one machine, a root file system made of them, and images that boot.

import { configs, firstStage, nextStage, oneMachine, Packages, type Sources, system } from "./lib/linux/mod.ts"
import { buildfile, choice, command, group, several, target, tool, toolsOf } from "./lib/mod.ts"
import { foundation, recipes as named, stageParts } from "./pkg/all.ts"
import armv7 from "./sysdeps/armv7-linux-musleabihf.ts"
import native from "./sysdeps/x86_64-linux-musl.ts"

// The compiler is what stages are for.
const { llvm, ...recipes } = named
const names = Object.keys(recipes) as (keyof typeof recipes)[]

const variables = {
  TARGET: oneMachine([armv7, native], "the machine to build for"),
  TARGET_PKGS: several(names, ["bash", "toybox", "finit"], "the packages of the root file system"),
  CONFIG: choice(configs, "how code is optimised, and whether it can be debugged"),
  TOOLCHAIN: choice(
    ["host", "stage1", "stage2"],
    "whose clang compiles: the build machine's, or a stage's of the bootstrap",
  ),
}

export default buildfile(variables, ({ TARGET, TARGET_PKGS, CONFIG, TOOLCHAIN }) => {
  const sources: Sources = new Map()
  const stage1 = firstStage(native, stageParts, sources)
  const stages = { stage1, stage2: nextStage(2, native, stage1, stageParts, sources) }
  const toolchain = TOOLCHAIN === "host" ? {} : { toolchain: stages[TOOLCHAIN].toolchain(TARGET, TARGET.triple) }
  const packages = new Packages(TARGET, CONFIG, foundation, { sources, ...toolchain })
  const each = Object.assign({}, ...names.map((name) => packages.targets(recipes[name]))) as ReturnType<
    typeof packages.targets
  >

  const chosen = [recipes.etc, ...TARGET_PKGS.map((name) => recipes[name])]
  const { rootfs, qemu, "check-boot": checkBoot } = system(packages, chosen, recipes.linux)
  const fetch = group(
    "fetch",
    packages.downloads([...foundation, ...chosen, recipes.linux]),
    "download every source that the root file system needs",
  )

  const tested = [rootfs, checkBoot, stage1.runtimes]
  // Where the page of a build is opened, where the words of a command line are completed, and what the README compiles with.
  const programs = ["chromium", "zsh", "fish", "gcc"].map((name) => tool({ name }))
  const test = target({
    name: "test",
    about: "every test of hashmake itself, after the system that they look at",
    after: tested,
    tools: [...toolsOf(tested), ...programs],
    session: () => command(process.execPath, "node_modules/vitest/vitest.mjs", "run"),
  })

  return {
    default: rootfs,
    rootfs,
    qemu,
    "check-boot": checkBoot,
    fetch,
    stage1: stage1.all,
    "stage1-runtimes": stage1.runtimes,
    stage2: stages.stage2.all,
    test,
    ...each,
  }
})
