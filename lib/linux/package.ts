// From recipes to targets, for one machine and configuration. A package's action gets its source, its tools and a sysroot made of
// exactly the packages that it names, and writes one tree.

import { type Command, copy, inOrder, shell } from "../graph/command.ts"
import { group, layer, layers, type Output, type Target, target, tree } from "../graph/target.ts"
import type { MachineNeeds } from "../graph/terms.ts"
import { type Tool, tool } from "../graph/tool.ts"
import type { Config, Machine } from "./machine.ts"
import { closure, flagsOf, type Phases, type Recipe, type Setting } from "./recipe.ts"
import { type Sources, type SourceTargets, sourceTargets } from "./source.ts"
import { environmentFor, hostToolchain, type Toolchain } from "./toolchain.ts"
import { baseTools, make } from "./tools.ts"

/** What can be asked for of a package, by the name that a person types. */
export type PackageTargets = Readonly<Record<string, Target>>

type TreeTarget = Target<{ tree: ReturnType<typeof tree> }>

/** What no root file system gets: what is only there to build against. */
const development = [
  "usr/include",
  "usr/lib/*.a",
  "usr/lib/*.o",
  "usr/lib/pkgconfig",
  "usr/lib/cmake",
  "usr/lib/clang",
  "usr/share/aclocal",
  "usr/share/pkgconfig",
  "boot",
]

/** Where packages differ from those that the build machine's clang makes for a machine. */
export interface PackagesOptions {
  /** What the names of targets start with; default: the machine's triple. */
  readonly name?: string
  readonly toolchain?: Toolchain
  /** What a compiler among them emits for; default: the machine itself. */
  readonly emitsFor?: Machine
  readonly sources?: Sources
  /** What they are installed beside, with all that it needs: a package gives way to it. */
  readonly beside?: readonly Recipe[]
  /** What is there to build with is installed, too: headers, libraries, and what every package is built with. */
  readonly isComplete?: boolean
  /** What the machine must be like on which some of them are built. */
  readonly machines?: ReadonlyMap<Recipe, MachineNeeds>
}

/** The packages of one machine in one configuration. */
export class Packages {
  readonly machine: Machine
  readonly sources: Sources
  /** The recipes that every other one is built with. */
  readonly foundation: readonly Recipe[]
  readonly #name: string
  readonly #emitsFor: Machine
  readonly #config: Config
  readonly #toolchain: Toolchain
  readonly #machines: ReadonlyMap<Recipe, MachineNeeds>
  readonly #beside: ReadonlySet<string>
  readonly #isComplete: boolean
  readonly #packages = new Map<Recipe, TreeTarget>()
  readonly #left = new Map<Recipe, Output>()
  readonly #installs = new Map<Recipe, Target>()

  constructor(machine: Machine, config: Config, foundation: readonly Recipe[], options: PackagesOptions = {}) {
    const { name = machine.triple, toolchain = hostToolchain(machine, name), emitsFor = machine } = options
    this.sources = options.sources ?? new Map()
    this.machine = machine
    this.#name = name
    this.#emitsFor = emitsFor
    this.#config = config
    this.foundation = foundation
    this.#toolchain = toolchain
    this.#machines = options.machines ?? new Map()
    this.#beside = new Set(closure(options.beside ?? []).map(({ name }) => name))
    this.#isComplete = options.isComplete ?? false
  }

  /** The targets of several packages. */
  all = (recipes: readonly Recipe[]): PackageTargets =>
    Object.assign({}, ...recipes.map((recipe) => this.targets(recipe))) as PackageTargets

  /** NAME, install-NAME and, where it has tests of its own, check-NAME. */
  targets(recipe: Recipe): PackageTargets {
    const { name } = recipe
    const check = this.check(recipe)
    return {
      [name]: this.package(recipe),
      [`install-${name}`]: this.install(recipe),
      ...(check === undefined ? {} : { [`check-${name}`]: check }),
    }
  }

  /** The target that builds a package's tree. */
  package(recipe: Recipe): TreeTarget {
    let made = this.#packages.get(recipe)
    if (made === undefined) {
      made = this.#make(recipe, (setting) => phaseSteps(recipe.style.phases(setting), recipe))
      this.#packages.set(recipe, made)
    }
    return made
  }

  tree = (recipe: Recipe): Output => this.package(recipe).outputs.tree

  /** The source's targets, or undefined for a package that has none. */
  source({ source, name, where }: Recipe): SourceTargets | undefined {
    if (source === undefined) return undefined
    let made = this.sources.get(source)
    if (made === undefined) {
      made = sourceTargets(source, name, where)
      this.sources.set(source, made)
    }
    return made
  }

  /** What belongs into a root file system of some packages and of all that they need: trees, and what is left out of them. */
  runtime(recipes: readonly Recipe[]): { readonly trees: readonly Output[]; readonly without: readonly string[] } {
    const all = this.#installed(closure(recipes))
    return { trees: all.map(this.left), without: this.#leftOut(all) }
  }

  #installed = (recipes: readonly Recipe[]): readonly Recipe[] =>
    recipes.filter(({ isFoundation }) => this.#isComplete || !isFoundation)

  #leftOut = (recipes: readonly Recipe[]): readonly string[] =>
    this.#isComplete ? [] : [...development, ...new Set(recipes.flatMap(({ without }) => without))]

  /** A package's tree without what it gives way with. */
  left = (recipe: Recipe): Output => {
    const given = Object.entries(recipe.givesWay).flatMap(([name, paths]) => (this.#beside.has(name) ? paths : []))
    if (given.length === 0) return this.tree(recipe)
    let left = this.#left.get(recipe)
    if (left === undefined) {
      left = target({
        name: `${this.#name}/${recipe.name}-rest`,
        about: `${recipe.about}: what no other package brings`,
        inputs: { made: layers([this.tree(recipe)], given) },
        outputs: { tree: tree() },
        run: ({ made }, { tree }) => copy(made, tree),
      }).outputs.tree
      this.#left.set(recipe, left)
    }
    return left
  }

  /** Puts what is installed of a package, and of what it needs, below out/TRIPLE. */
  install(recipe: Recipe): Target {
    let made = this.#installs.get(recipe)
    if (made === undefined) {
      const needs = this.#installed(recipe.needs).map((need) => this.install(need))
      made = group(
        `${this.machine.triple}/install-${recipe.name}`,
        [this.files(recipe), ...needs],
        `${recipe.name} and what it needs, below out/${this.machine.triple}`,
      )
      this.#installs.set(recipe, made)
    }
    return made
  }

  /** Puts what is installed of a package below out/TRIPLE, without what it needs. */
  files(recipe: Recipe): Target {
    const { triple } = this.machine
    return target({
      name: `${this.#name}/${recipe.name}-files`,
      about: `the files of ${recipe.name}, below out/${triple}`,
      where: recipe.where,
      inputs: { tree: layers([this.left(recipe)], this.#leftOut([recipe])) },
      outputs: { files: layer(`out/${triple}`) },
      run: ({ tree }, { files }) => copy(tree, files),
    })
  }

  /** Builds once more and runs the package's own test-suite, where need be by emulation. Undefined for a recipe without one. */
  check(recipe: Recipe): Target | undefined {
    const { check } = recipe.style
    if (check === undefined) return undefined
    const { user = "" } = this.machine.qemu
    const steps = (setting: Setting) => {
      const { install: _, ...before } = recipe.style.phases(setting)
      return [
        ...phaseSteps(before, recipe),
        shell(`${alone(recipe)}export EMULATOR=${user}\n${check(setting)}\necho passed >"$DESTDIR/passed"`, "check"),
      ]
    }
    return this.#make(recipe, steps, "-check", user === "" ? [] : [tool({ name: user, debian: ["qemu-user"] })])
  }

  #make(
    recipe: Recipe,
    steps: (setting: Setting) => readonly Command[],
    suffix = "",
    besides: readonly Tool[] = [],
  ): TreeTarget {
    const { name, about, version, where, style, isFoundation, needs } = recipe
    const { machine } = this
    const { scripts, isAlone, compiler, replaces, root, tools: toolchainTools } = this.#toolchain
    const usesCompiler = style.usesToolchain || recipe.tools.some((tool) => replaces.includes(tool))
    const tools = [
      ...(style.usesToolchain ? toolchainTools : []),
      ...style.tools,
      ...recipe.tools,
      ...recipe.toolsFor(machine),
      ...besides,
    ]
    const flags = flagsOf(recipe, this.#config)
    const below = isFoundation ? needs : [...this.foundation, ...closure(needs).filter((need) => !need.isFoundation)]
    const source = this.source(recipe)
    return target({
      name: `${this.#name}/${name}${suffix}`,
      about: `${about} (${version})`,
      where,
      inputs: {
        source: source === undefined ? [] : [source.unpacked.outputs.tree],
        sysroot: style.usesToolchain && !isAlone ? [layers(below.map(this.tree))] : [],
        toolchain: style.usesToolchain ? [scripts.outputs.tree] : [],
        compiler: compiler !== undefined && usesCompiler ? [compiler] : [],
      },
      outputs: { tree: tree() },
      root,
      tools: [...new Set([...baseTools, ...tools])].filter((tool) => !replaces.includes(tool)),
      expectedMs: recipe.seconds * 1000,
      resumable: recipe.resumable,
      machine: this.#machines.get(recipe),
      ...(usesMake(recipe) ? { jobserver: "pipe" } : {}),
      run: (
        { source: [source = ""], sysroot: [sysroot = ""], toolchain: [toolchain], compiler: [compiler] },
        { tree },
      ) => {
        const setting = {
          source,
          sysroot,
          tree,
          machine,
          emitsFor: this.#emitsFor,
          config: this.#config,
          flags: flags.compile,
          linkFlags: flags.link,
        }
        return inOrder(steps(setting), { environment: environmentFor(setting, { toolchain, compiler }) })
      },
    })
  }
}

const order = ["prepare", "configure", "build", "install"] as const

const phaseSteps = (phases: Phases, recipe: Recipe): readonly Command[] =>
  order.flatMap((phase) => {
    const text = phases[phase]
    return text === undefined ? [] : [shell(phase === "build" ? text : `${alone(recipe)}${text}`, phase)]
  })

const usesMake = ({ style, tools }: Recipe): boolean => [...style.tools, ...tools].includes(make)

/** make is a client of the jobserver where a package is built; makefiles are less used to it where they install and test. */
const alone = (recipe: Recipe): string => (usesMake(recipe) ? "unset MAKEFLAGS\n" : "")
