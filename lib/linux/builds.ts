// How the packages of one machine and configuration are built. A package's action gets its source, its tools and a sysroot made of
// exactly the packages that it names, and writes one tree.

import { type Command, inOrder, shell } from "../graph/command.ts"
import { unknownPhaseError } from "../graph/errors.ts"
import { type Layers, layers, type Output, type Target, target, tree } from "../graph/target.ts"
import type { MachineNeeds } from "../graph/terms.ts"
import type { Tool } from "../graph/tool.ts"
import { type Config, emulatorOf, type Machine } from "./machine.ts"
import { closure, flagsOf, type Phases, type Recipe, type Setting } from "./recipe.ts"
import { type Sources, type SourceTargets, sourceTargets } from "./source.ts"
import { environmentFor, hostToolchain, type Toolchain } from "./toolchain.ts"
import { baseTools, make } from "./tools.ts"

/** A target that builds a package's tree. */
export type TreeTarget = Target<{ tree: ReturnType<typeof tree> }>

/** Where packages are built otherwise than by the build machine's clang. */
export interface BuildsOptions {
  /** What the names of targets start with; default: the machine's triple. */
  readonly name?: string
  readonly toolchain?: Toolchain
  /** What a compiler among them emits for; default: the machine itself. */
  readonly emitsFor?: Machine
  readonly sources?: Sources
  /** What the machine must be like on which some of them are built. */
  readonly machines?: ReadonlyMap<Recipe, MachineNeeds>
}

/** What is built for one machine in one configuration, each package once. */
export class Builds {
  readonly machine: Machine
  readonly sources: Sources
  /** The recipes that every other one is built with. */
  readonly foundation: readonly Recipe[]
  readonly name: string
  readonly #emitsFor: Machine
  readonly #config: Config
  readonly #toolchain: Toolchain
  readonly #machines: ReadonlyMap<Recipe, MachineNeeds>
  readonly #packages = new Map<Recipe, TreeTarget>()
  readonly #checks = new Map<Recipe, TreeTarget>()

  constructor(machine: Machine, config: Config, foundation: readonly Recipe[], options: BuildsOptions = {}) {
    const { name = machine.triple, toolchain = hostToolchain(machine, name), emitsFor = machine } = options
    this.sources = options.sources ?? new Map()
    this.machine = machine
    this.name = name
    this.#emitsFor = emitsFor
    this.#config = config
    this.foundation = foundation
    this.#toolchain = toolchain
    this.#machines = options.machines ?? new Map()
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

  /** Builds once more and runs the package's own test-suite, where need be by emulation. Undefined for a recipe without one. */
  check(recipe: Recipe): Target | undefined {
    const { check, checkTools = [] } = recipe.style
    if (check === undefined) return undefined
    let made = this.#checks.get(recipe)
    if (made === undefined) {
      made = this.#check(recipe, check, checkTools)
      this.#checks.set(recipe, made)
    }
    return made
  }

  #check(recipe: Recipe, check: (setting: Setting) => string, tools: readonly Tool[]): TreeTarget {
    const { user = "" } = this.machine.qemu
    const steps = (setting: Setting) => {
      const { install: _, ...before } = recipe.style.phases(setting)
      return [
        ...phaseSteps(before, recipe),
        shell(`${alone(recipe)}export EMULATOR=${user}\n${check(setting)}\necho passed >"$DESTDIR/passed"`, "check"),
      ]
    }
    return this.#make(recipe, steps, "-check", [...emulatorOf(this.machine), ...tools])
  }

  #make(
    recipe: Recipe,
    steps: (setting: Setting) => readonly Command[],
    suffix = "",
    besides: readonly Tool[] = [],
  ): TreeTarget {
    const { name, about, version, where, style, isFoundation, needs } = recipe
    const { machine } = this
    const { scripts, isAlone, replaces, root, tools: toolchainTools } = this.#toolchain
    const usesCompiler = style.usesToolchain || recipe.tools.some((tool) => replaces.includes(tool))
    const tools = [
      ...(style.usesToolchain ? toolchainTools : []),
      ...style.tools,
      ...recipe.tools,
      ...recipe.toolsFor(machine),
      ...besides,
    ]
    const compiler = usesCompiler ? compilerWith(this.#toolchain, tools) : undefined
    const flags = flagsOf(recipe, this.#config)
    const below = isFoundation ? needs : [...this.foundation, ...closure(needs).filter((need) => !need.isFoundation)]
    const source = this.source(recipe)
    return target({
      name: `${this.name}/${name}${suffix}`,
      about: `${about} (${version})`,
      where,
      inputs: {
        source: source === undefined ? [] : [source.unpacked.outputs.tree],
        sysroot: style.usesToolchain && !isAlone ? [layers(below.map(this.tree))] : [],
        toolchain: style.usesToolchain ? [scripts.outputs.tree] : [],
        compiler: compiler === undefined ? [] : [compiler],
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

/** A toolchain's compiler, with the libraries that take the place of some of these tools. */
function compilerWith({ compiler, libraries }: Toolchain, tools: readonly Tool[]): Layers | undefined {
  const besides = tools.flatMap((tool) => libraries?.get(tool) ?? [])
  return compiler === undefined || besides.length === 0 ? compiler : layers([...compiler.trees, ...besides])
}

const order = ["prepare", "configure", "build", "install"] as const

/** Throws a BuildError for a phase that there is not. */
function phaseSteps(phases: Phases, recipe: Recipe): readonly Command[] {
  for (const phase of Object.keys(phases))
    if (!(order as readonly string[]).includes(phase)) throw unknownPhaseError(recipe.name, recipe.where, phase, order)
  return order.flatMap((phase) => {
    const text = phases[phase]
    return text === undefined ? [] : [shell(phase === "build" ? text : `${alone(recipe)}${text}`, phase)]
  })
}

const usesMake = ({ style, tools }: Recipe): boolean => [...style.tools, ...tools].includes(make)

/** make is a client of the jobserver where a package is built; makefiles are less used to it where they install and test. */
const alone = (recipe: Recipe): string => (usesMake(recipe) ? "unset MAKEFLAGS\n" : "")
