// What a system is made of, package by package: what was chosen for its root file system, what is linked into that, and what starts it.

import type { Packages } from "../package.ts"
import { closure, type Recipe } from "../recipe.ts"

/** A system that is looked at. */
export interface Looked {
  /** What was chosen for the root file system. */
  readonly packages: readonly Recipe[]
  readonly kernel: Recipe
  /** What starts the root file system on a medium that boots by itself; nothing, where no such one is made. */
  readonly medium?: readonly Recipe[]
}

/** One package of a system: chosen for it, needed by one that is, what every program is built with and linked to, or beside it. */
export interface Part {
  readonly recipe: Recipe
  readonly role: "chosen" | "needed" | "foundation" | "kernel" | "medium"
}

/** All parts of a system, by name. */
export function partsOf(from: Packages, { packages, kernel, medium = [] }: Looked): readonly Part[] {
  const roles = new Map<Recipe, Part["role"]>([
    ...from.installed(closure(medium)).map((recipe) => [recipe, "medium"] as const),
    ...from
      .installed(closure(packages))
      .map((recipe) => [recipe, packages.includes(recipe) ? "chosen" : "needed"] as const),
    ...closure(packages).flatMap((recipe) => (recipe.isFoundation ? [[recipe, "foundation"] as const] : [])),
    ...from.builds.foundation.map((recipe) => [recipe, "foundation"] as const),
    [kernel, "kernel"],
  ])
  const parts = [...roles].map(([recipe, role]) => ({ recipe, role }))
  return parts.sort((a, b) => (a.recipe.name < b.recipe.name ? -1 : 1))
}

/** Which parts a part was made with: what it names, and what every compiled package is linked with. */
export function needsOfPart({ recipe }: Part, parts: readonly Part[]): readonly Part[] {
  const needs = new Set(recipe.needs)
  const isCompiled = recipe.style.usesToolchain && !recipe.isFoundation
  return parts.filter((part) => needs.has(part.recipe) || (isCompiled && part.role === "foundation"))
}
