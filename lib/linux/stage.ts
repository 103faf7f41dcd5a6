// The stages of the bootstrap. Stage n is built by stage n-1's compiler; stage 0 is the build machine's own clang. A stage decides what
// a package is compiled with, what it is linked with, and whose programs build it; no recipe knows of it.

import { command, shell } from "../graph/command.ts"
import { group, type Layers, layers, type Output, type Target, target, tree } from "../graph/target.ts"
import type { MachineNeeds } from "../graph/terms.ts"
import type { Tool } from "../graph/tool.ts"
import { Builds } from "./builds.ts"
import type { Machine } from "./machine.ts"
import { Packages } from "./package.ts"
import { closure, type Recipe } from "./recipe.ts"
import { samePackages } from "./same-packages.ts"
import type { Sources } from "./source.ts"
import { buildMachineToolchain, ownToolchain, rootToolchain, type Toolchain } from "./toolchain.ts"

/** What a stage is made of. */
export interface StageParts {
  /** The recipes that every other one is built with. */
  readonly foundation: readonly Recipe[]
  /** Clang, lld and the tools around them. */
  readonly compiler: Recipe
  /** What the compiler finds beside itself: its configuration, headers and libraries of the native machine. */
  readonly beside: readonly Recipe[]
  /** What takes the place of the build machine's libraries in what a build itself runs, with what it needs. */
  readonly libraries: ReadonlyMap<Tool, readonly Recipe[]>
  /** What the machine must have to build the compiler. */
  readonly room?: Pick<MachineNeeds, "memoryBytes" | "diskBytes">
}

/** A system that can build itself. */
export interface BaseSystem {
  /** What is built from stage 3 on, besides the compiler; what these need comes along. */
  readonly recipes: readonly Recipe[]
  /** Which of them bring what a recipe declares as a tool. */
  readonly providers: ReadonlyMap<Tool, readonly Recipe[]>
  /** Programs of those tools that none of them brings: what is built does without. */
  readonly absent: readonly string[]
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

/** A stage that is a whole system. */
export interface SystemStage extends Stage {
  /** The system, as one tree. */
  readonly system: Layers
  /** Its packages' trees. */
  readonly packages: ReadonlyMap<Recipe, Output>
  /** That every program which a recipe may declare is there. */
  readonly complete: Target
}

/** What all stages have in common. */
export interface Bootstrap {
  readonly native: Machine
  readonly parts: StageParts
  readonly base: BaseSystem
  readonly sources: Sources
}

/** Stages are built as what is released is. */
const config = "Release"

/** The four stages. Nothing is built until a target of theirs is. */
export function stagesOf(bootstrap: Bootstrap) {
  const { native, parts, sources } = bootstrap
  const stage1 = firstStage(native, parts, sources)
  const stage2 = nextStage(2, native, stage1, parts, sources)
  const stage3 = systemStage(bootstrap, "stage3", stage2.toolchain(native, "stage3"), "built by that of stage 2")
  const toolchain = rootToolchain(native, "stage4", stage3.system, provided(bootstrap))
  const stage4 = systemStage(bootstrap, "stage4", toolchain, "built by stage 3, with nothing else there")
  return { stage1, stage2, stage3, stage4 } as const
}

/**
 * Stage 1: the build machine's clang makes the foundation and the runtime libraries for the native machine, and a compiler that
 * emits for it. That alone runs on, and is linked with, what the build machine has.
 */
export function firstStage(native: Machine, parts: StageParts, sources: Sources): Stage {
  const name = "stage1"
  const builds = new Builds(native, config, parts.foundation, { name, sources })
  const builder = buildMachine(native)
  const toolchain = buildMachineToolchain(builder, name)
  const machines = machinesOf(native, parts)
  const own = new Builds(builder, config, [], { name, toolchain, emitsFor: native, sources, machines })
  return stageOf(name, own, builds, parts, "built by the build machine's clang")
}

/** Stage n: the compiler of the one before makes the same, and nothing of the build machine is linked with it. */
export function nextStage(n: number, native: Machine, before: Stage, parts: StageParts, sources: Sources): Stage {
  const name = `stage${n}`
  const toolchain = before.toolchain(native, name)
  const machines = machinesOf(native, parts)
  const builds = new Builds(native, config, parts.foundation, { name, sources, toolchain, machines })
  return stageOf(name, builds, builds, parts, `built by that of stage ${n - 1}`)
}

/** A stage that has the base system as well. */
function systemStage(
  { native, parts, base, sources }: Bootstrap,
  name: string,
  toolchain: Toolchain,
  how: string,
): SystemStage {
  const machines = machinesOf(native, parts)
  const beside = [parts.compiler, ...base.recipes]
  const builds = new Builds(native, config, parts.foundation, { name, sources, toolchain, machines })
  const packages = new Packages(builds, { beside })
  const stage = stageOf(name, builds, builds, parts, how)
  const built = baseOf({ parts, base })
  const system = layers([...stage.compiler.trees, ...built.map(packages.left)])
  const complete = completeness(name, system, [...base.providers.keys()], base.absent)
  const all = new Set([...parts.foundation, ...closure([parts.compiler]), ...parts.beside, ...built])
  const about = `a system that builds itself, for ${native.triple}, ${how}`
  return {
    ...stage,
    all: group(
      name,
      [builds.package(parts.compiler), stage.runtimes, ...built.map((recipe) => builds.package(recipe)), complete],
      about,
    ),
    system,
    packages: new Map([...all].map((recipe) => [recipe, builds.tree(recipe)])),
    complete,
  }
}

/** The recipes of the base system with what they need, but for what lies beside the compiler. */
function baseOf({ parts, base }: Pick<Bootstrap, "parts" | "base">): readonly Recipe[] {
  const others = new Set([parts.compiler, ...parts.beside, ...parts.foundation])
  return closure(base.recipes).filter((recipe) => !others.has(recipe))
}

/** The tools that the base system brings. */
const provided = ({ parts, base }: Bootstrap): readonly Tool[] => {
  const built = new Set([parts.compiler, ...parts.beside, ...baseOf({ parts, base })])
  return [...base.providers].flatMap(([tool, recipes]) => (recipes.every((recipe) => built.has(recipe)) ? [tool] : []))
}

/** A target that looks, within a system, for the programs of these tools. */
export function completeness(name: string, root: Layers, tools: readonly Tool[], absent: readonly string[]): Target {
  const declared = new Set(["sh", ...tools.flatMap(({ programs }) => Object.keys(programs))])
  const programs = [...declared].filter((name) => !absent.includes(name)).sort()
  return target({
    name: `${name}/complete`,
    about: "that the system has every program which a recipe may declare",
    root,
    outputs: { tree: tree() },
    run: (_, { tree }) =>
      shell(
        `missing=
for name in ${programs.join(" ")}; do [ -x "/usr/bin/$name" ] || missing="$missing $name"; done
if [ -n "$missing" ]; then echo "no package brings$missing"; exit 1; fi
echo ${programs.length} programs >${tree}/programs`,
        "look for the programs of the declared tools",
      ),
  })
}

/** A shell in a system, or what was typed after `--`, with the workspace as the current directory. */
export const chroot = (system: Layers): Target =>
  target({
    name: "chroot",
    about: "a shell in the system of stage STAGE; `-- PROGRAM …` runs that instead",
    root: system,
    session: (_, [program = "sh", ...words]) => command(program, ...words),
  })

/** A target that fails unless every package of the second system is that of the first. */
export function sameStages(first: SystemStage, second: SystemStage): Target {
  const pairs = [...first.packages].flatMap(([recipe, before]) => {
    const after = second.packages.get(recipe)
    return after === undefined ? [] : [{ name: recipe.name, before, after }]
  })
  const about = "compare every package of stage 4 with that of stage 3, bit for bit"
  return samePackages({ name: "check-bootstrap", about, pairs })
}

/** A stage whose compiler is one of `own`, and all else of `builds`. */
function stageOf(name: string, own: Builds, builds: Builds, parts: StageParts, how: string): Stage {
  const { compiler, beside, libraries: recipes } = parts
  const { triple } = builds.machine
  const made = beside.map((recipe) => builds.package(recipe))
  const runtimes = group(`${name}-runtimes`, made, `what programs for ${triple} are compiled and linked with`)
  const tree = layers([own.tree(compiler), ...beside.map(builds.tree)])
  const libraries = new Map([...recipes].map(([tool, of]) => [tool, of.map(builds.tree)]))
  return {
    all: group(name, [own.package(compiler), runtimes], `a compiler for ${triple}, ${how}`),
    runtimes,
    compiler: tree,
    toolchain: (machine, name) => ownToolchain(machine, name, { compiler: tree, libraries }),
  }
}

/** A compiler of a stage is built where it runs. */
const machinesOf = ({ processor }: Machine, { compiler, room }: StageParts): ReadonlyMap<Recipe, MachineNeeds> =>
  new Map([[compiler, { processor, ...room }]])

/** The build machine, of which nothing is known but that it has the native machine's processor. */
const buildMachine = (native: Machine): Machine => ({
  ...native,
  triple: native.triple.replace(/-musl\w*$/, "-gnu"),
  about: "the build machine",
})
