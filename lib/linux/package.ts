// Packages that are installed beside each other, by the names that a person types: built, put below out/, laid into a root file system.

import { copy } from "../graph/command.ts"
import { unfitPackageError } from "../graph/errors.ts"
import { group, type Layers, layer, layers, type Output, refused, type Target, target, tree } from "../graph/target.ts"
import type { Builds } from "./builds.ts"
import { isFor, type Machine } from "./machine.ts"
import { closure, type Recipe } from "./recipe.ts"

/** What can be asked for of a package, by the name that a person types. */
export type PackageTargets = Readonly<Record<string, Target>>

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

/** What packages are installed with. */
export interface PackagesOptions {
  /** What the names of targets start with; default: as those that build them. */
  readonly name?: string
  /** What they are installed beside, with all that it needs: a package gives way to it. */
  readonly beside?: readonly Recipe[]
  /** What is there to build with is installed, too: headers, libraries, and what every package is built with. */
  readonly isComplete?: boolean
}

/** The packages of one machine in one configuration, as they are installed together. */
export class Packages {
  readonly builds: Builds
  readonly machine: Machine
  /** What the names of targets start with. */
  readonly name: string
  readonly #beside: ReadonlySet<string>
  readonly #isComplete: boolean
  readonly #left = new Map<Recipe, Output>()
  readonly #installs = new Map<Recipe, Target>()

  constructor(builds: Builds, { name = builds.name, beside = [], isComplete = false }: PackagesOptions = {}) {
    this.builds = builds
    this.machine = builds.machine
    this.name = name
    this.#beside = new Set(closure(beside).map(({ name }) => name))
    this.#isComplete = isComplete
  }

  /** The targets of several packages. */
  all = (recipes: readonly Recipe[]): PackageTargets =>
    Object.assign({}, ...recipes.map((recipe) => this.targets(recipe))) as PackageTargets

  /** NAME, install-NAME and, where it has tests of its own, check-NAME. */
  targets(recipe: Recipe): PackageTargets {
    const { name, about } = recipe
    const { triple } = this.machine
    if (!isFor(this.machine, recipe)) {
      const none = (called: string) => refused(`${this.name}/${called}`, () => unfitPackageError(recipe, triple), about)
      return { [name]: none(name), [`install-${name}`]: none(`install-${name}`) }
    }
    const check = this.builds.check(recipe)
    return {
      [name]: this.builds.package(recipe),
      [`install-${name}`]: this.install(recipe),
      ...(check === undefined ? {} : { [`check-${name}`]: check }),
    }
  }

  /** What belongs into a root file system of some packages and of all that they need: trees, and what is left out of them. */
  runtime(recipes: readonly Recipe[]): { readonly trees: readonly Output[]; readonly without: readonly string[] } {
    const all = this.installed(closure(recipes))
    return { trees: all.map(this.left), without: this.#leftOut(all) }
  }

  /** Those of them that have files where they are installed. */
  installed = (recipes: readonly Recipe[]): readonly Recipe[] =>
    recipes.filter(({ isFoundation }) => this.#isComplete || !isFoundation)

  /** What is installed of a package alone. */
  ownFiles = (recipe: Recipe): Layers => layers([this.left(recipe)], this.#leftOut([recipe]))

  #leftOut = (recipes: readonly Recipe[]): readonly string[] =>
    this.#isComplete ? [] : [...development, ...new Set(recipes.flatMap(({ without }) => without))]

  /** A package's tree without what it gives way with. */
  left = (recipe: Recipe): Output => {
    const given = Object.entries(recipe.givesWay).flatMap(([name, paths]) => (this.#beside.has(name) ? paths : []))
    if (given.length === 0) return this.builds.tree(recipe)
    let left = this.#left.get(recipe)
    if (left === undefined) {
      left = target({
        name: `${this.name}/${recipe.name}-rest`,
        about: `${recipe.about}: what no other package brings`,
        inputs: { made: layers([this.builds.tree(recipe)], given) },
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
      const needs = this.installed(recipe.needs).map((need) => this.install(need))
      made = group(
        `${this.name}/install-${recipe.name}`,
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
      name: `${this.name}/${recipe.name}-files`,
      about: `the files of ${recipe.name}, below out/${triple}`,
      where: recipe.where,
      inputs: { tree: this.ownFiles(recipe) },
      outputs: { files: layer(`out/${triple}`) },
      run: ({ tree }, { files }) => copy(tree, files),
    })
  }
}
