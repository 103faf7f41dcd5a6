// The second door: what a Linux system is made of. Recipes, sysdeps/ and the Linux Buildfile import it. Published as
// "hashmake/linux".

export { emulated } from "./check.ts"
export { formats, formatsFor, imageNames, standardImages } from "./image/formats.ts"
export { diskSizes } from "./image/size.ts"
export { type Config, configs, kernelConfig, type Machine, machine, sideBySide, someMachines } from "./machine.ts"
export { Packages, type PackageTargets } from "./package.ts"
export { closure, type Recipe, type RecipeFields, type Setting } from "./recipe.ts"
export { system } from "./rootfs.ts"
export { archive, debian, gnu, type Location, type Source, type Sources, sourceTargets, url } from "./source.ts"
export {
  type BaseSystem,
  type Bootstrap,
  chroot,
  installToolchain,
  type Stage,
  type StageParts,
  type SystemStage,
  sameStages,
  stagesOf,
} from "./stage.ts"
export { autotools, cmake, custom, files, plainMake } from "./styles.ts"
export { clangMajor } from "./toolchain.ts"
export * as tools from "./tools.ts"
