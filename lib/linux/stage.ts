// The stages of the bootstrap. Stage n is built by stage n-1's compiler; stage 0 is the build machine's own clang. A stage decides what
// a package is compiled with and what it is linked with; no recipe knows of it.

import { group, type Layers, layers, type Target } from "../graph/target.ts"
import type { Machine } from "./machine.ts"
import { Packages } from "./package.ts"
import type { Recipe } from "./recipe.ts"
import type { Sources } from "./source.ts"
import { buildMachineToolchain, ownToolchain, type Toolchain } from "./toolchain.ts"

/** What a stage is made of. */
export interface StageParts {
  /** The recipes that every other one is built with. */
  readonly foundation: readonly Recipe[]
  /** Clang, lld and the tools around them. */
  readonly compiler: Recipe
  /** What the compiler finds beside itself: its configuration, headers and libraries of the native machine. */
  readonly beside: readonly Recipe[]
}

/** What a stage gives. */
export interface Stage {
  readonly all: Target
  /** What the compiler finds beside itself. */
  readonly runtimes: Target
  /** The compiler with what it finds beside itself, as one tree. */
  readonly compiler: Layers
  /** The stage's compiler, emitting for a machine; targets are named below `name`. */
  toolchain(machine: Machine, name: string): Toolchain
}

/** Stages are built as what is released is. */
const config = "Release"

/**
 * Stage 1: the build machine's clang makes the foundation and the runtime libraries for the native machine, and a compiler that
 * emits for it. That alone runs on, and is linked with, what the build machine has.
 */
export function firstStage(native: Machine, parts: StageParts, sources: Sources): Stage {
  const name = "stage1"
  const packages = new Packages(native, config, parts.foundation, { name, sources })
  const builder = buildMachine(native)
  const toolchain = buildMachineToolchain(builder, name)
  const own = new Packages(builder, config, [], { name, toolchain, emitsFor: native, sources })
  return stageOf(name, own, packages, parts, "built by the build machine's clang")
}

/** Stage n: the compiler of the one before makes the same, and nothing of the build machine is linked with it. */
export function nextStage(n: number, native: Machine, before: Stage, parts: StageParts, sources: Sources): Stage {
  const name = `stage${n}`
  const toolchain = before.toolchain(native, name)
  const packages = new Packages(native, config, parts.foundation, { name, sources, toolchain })
  return stageOf(name, packages, packages, parts, `built by that of stage ${n - 1}`)
}

/** A stage whose compiler is one of `own`, and all else of `packages`. */
function stageOf(name: string, own: Packages, packages: Packages, parts: StageParts, how: string): Stage {
  const { compiler, beside } = parts
  const { triple } = packages.machine
  const made = beside.map((recipe) => packages.package(recipe))
  const runtimes = group(`${name}-runtimes`, made, `what programs for ${triple} are compiled and linked with`)
  const tree = layers([own.tree(compiler), ...beside.map(packages.tree)])
  return {
    all: group(name, [own.package(compiler), runtimes], `a compiler for ${triple}, ${how}`),
    runtimes,
    compiler: tree,
    toolchain: (machine, name) => ownToolchain(machine, name, tree),
  }
}

/** The build machine, of which nothing is known but that it has the native machine's processor. */
const buildMachine = (native: Machine): Machine => ({
  ...native,
  triple: native.triple.replace(/-musl\w*$/, "-gnu"),
  about: "the build machine",
})
