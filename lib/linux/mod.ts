// The second door: what a Linux system is made of. Recipes, sysdeps/ and the Linux Buildfile import it. Published as
// "hashmake/linux".

export { Builds } from "./builds.ts"
export { asUser, emulated, emulatingCompilers } from "./check.ts"
export type { Step } from "./conversation.ts"
export { downloadsOf } from "./fetch.ts"
export { imageTools } from "./image/format.ts"
export { formats, formatsFor, imageNames, imageWords } from "./image/formats.ts"
export { type Platform, platformsOf } from "./image/grub.ts"
export { diskSizes, sizesOf } from "./image/size.ts"
export { checkCompiler, installToolchain } from "./installed-toolchain.ts"
export { debian, gnu, type Location, url } from "./location.ts"
export { lookingAt } from "./look/looking.ts"
export { menuconfigTools } from "./look/menuconfig.ts"
export { outdatedTarget } from "./look/outdated.ts"
export {
  type Config,
  configs,
  forMachine,
  isFor,
  kernelConfig,
  kernelOptions,
  type Machine,
  machine,
  sideBySide,
  someMachines,
} from "./machine.ts"
export { type Network, nameServerOf, networkVariables } from "./network.ts"
export { Packages, type PackageTargets } from "./package.ts"
export { closure, type Recipe, type RecipeFields, type Setting } from "./recipe.ts"
export { type Live, systemTargets } from "./rootfs.ts"
export { sameByBoth } from "./same-packages.ts"
export { type Service, serviceFiles } from "./services.ts"
export { archive, type Source, type Sources, sourceTargets } from "./source.ts"
export {
  type BaseSystem,
  type Bootstrap,
  chroot,
  type Stage,
  type StageParts,
  type SystemStage,
  sameStages,
  stagesOf,
} from "./stage.ts"
export { autotools, cmake, custom, files, plainMake } from "./styles.ts"
export { type Medium, type System, type SystemSetting, system } from "./system.ts"
export { clangMajor } from "./toolchain.ts"
export * as tools from "./tools.ts"
export { checkTraces, marksOf } from "./traces.ts"
export { bootTools } from "./ways.ts"
