// A recipe: what a package is, where it comes from, what it needs, how it is built. Data, in a fixed order; the styles turn it
// into the shell texts of its phases. No recipe knows about stages, cross-compiling or where things lie.

import { type Holder, heldFieldError, unknownLicenseError, unknownNeedError } from "../graph/errors.ts"
import { said } from "../graph/shape.ts"
import type { Tool } from "../graph/tool.ts"
import {
  aFunction,
  aNumber,
  aRecipeList,
  aText,
  either,
  holderOf,
  type Kinds,
  listOf,
  modesByPath,
  named,
  needed,
  ofKind,
  texts,
  toolList,
  withFields,
  yesOrNo,
} from "./fields.ts"
import { licenseFault } from "./license.ts"
import type { Location } from "./location.ts"
import { type Config, isStripped, type Machine, optimisation, type Wants } from "./machine.ts"
import { archive, type Source, unsound } from "./source.ts"

/** What every style's recipe says. Fields are written in this order. */
export interface RecipeFields {
  readonly name: string
  readonly version: string
  /** One line, without a full stop. */
  readonly about: string
  /** An SPDX expression. */
  readonly license: string
  /** Where its text is in the source, as patterns of paths, if it is not at the top under a usual name. */
  readonly licenseText?: readonly string[]
  readonly source?: readonly Location[] | Source
  /** Patch files, below pkg/. */
  readonly patches?: readonly string[]
  /** Programs of the build machine, besides the base tools and the style's. */
  readonly tools?: readonly Tool[]
  /** Those that only some machines want. */
  readonly toolsFor?: (machine: Machine) => readonly Tool[]
  readonly needs?: readonly Recipe[]
  /** What a machine must have to get it, where not every one has it. */
  readonly wants?: Wants
  /** It is part of what every other package is built with: it gets what it names and nothing besides. */
  readonly isFoundation?: boolean
  /** It brings what starts as process 1: a system has one such package. */
  readonly isInit?: boolean
  /** Whether code is optimised across files when it is linked. Default: yes. */
  readonly lto?: boolean
  /** Added to the compiler's flags. */
  readonly flags?: readonly string[]
  /** Modes (octal) of files and directories in the root file system, where 644 and 755 are not right. */
  readonly modes?: Readonly<Record<string, string>>
  /** Patterns of runtime files that are not installed, besides what no root file system gets. */
  readonly without?: readonly string[]
  /** Paths that are left out where another package, by its name, is installed as well: it brings something better under them. */
  readonly givesWay?: Readonly<Record<string, readonly string[]>>
  /** About how long it takes on two cores, in s; orders the first build. */
  readonly seconds?: number
  /** An interrupted build is gone on with. Its phases can be repeated in a directory where they ran before. */
  readonly resumable?: boolean
  /** The file that holds the recipe. Default: `pkg/NAME.ts`. */
  readonly where?: string
}

/** What they may hold. */
export const recipeKinds: Kinds<RecipeFields> = {
  name: needed(aText),
  version: needed(aText),
  about: needed(aText),
  license: needed(aText),
  licenseText: texts,
  source: either(listOf("a list of locations, as `url` and `debian` give them", ofKind("url", "debian")), {
    expected: "what `archive` gives",
    other: (value) => (Array.isArray((value as Partial<Source> | null)?.locations) ? undefined : said(value)),
  }),
  patches: texts,
  tools: toolList,
  toolsFor: aFunction,
  needs: aRecipeList,
  wants: withFields<Wants>({ what: needed(aText), has: needed(aFunction) }),
  isFoundation: yesOrNo,
  isInit: yesOrNo,
  lto: yesOrNo,
  flags: texts,
  modes: modesByPath,
  without: texts,
  givesWay: named("lists of paths by the names of packages", texts),
  seconds: aNumber,
  resumable: yesOrNo,
  where: aText,
}

/** What a phase's text may refer to: paths as its action sees them, and facts of the machine. */
export interface Setting {
  readonly source: string
  readonly sysroot: string
  /** Where the package is installed: its DESTDIR. */
  readonly tree: string
  /** What the package runs on. */
  readonly machine: Machine
  /** What a compiler emits for unless it is told otherwise. */
  readonly emitsFor: Machine
  readonly config: Config
  /** Compiler flags of this package in this configuration. */
  readonly flags: readonly string[]
  readonly linkFlags: readonly string[]
}

/** The phases of a build as shell texts, in order. They start in an empty directory, in the environment of toolchain.ts. */
export type Phases = Readonly<Partial<Record<"prepare" | "configure" | "build" | "install", string>>>

/** How a kind of package is built: what it needs for that, and its phases. */
export interface Style {
  readonly tools: readonly Tool[]
  /** False for what is not compiled for the machine at all. */
  readonly usesToolchain: boolean
  phases(setting: Setting): Phases
  /** The package's own test-suite, run in a built tree. */
  check?(setting: Setting): string
  /** What that runs besides. */
  readonly checkTools?: readonly Tool[]
}

/** A package's recipe, as a style made it. */
export interface Recipe extends Required<Omit<RecipeFields, "source" | "patches" | "wants">> {
  readonly kind: "recipe"
  readonly source: Source | undefined
  readonly wants: Wants | undefined
  readonly style: Style
}

/** Puts a recipe together of fields that are what they should be. Throws a BuildError for what is unsound in them. */
export function recipe(fields: RecipeFields, style: Style): Recipe {
  const { name, tools = [], needs = [], isFoundation = false, isInit = false, lto = true } = fields
  const holder = holderOf(fields)
  checkTexts(fields, holder)
  const source = sourceOf(fields, holder)
  const { flags = [], modes = {}, without = [], seconds = 20, resumable = false, version, about, license } = fields
  const { toolsFor = () => [], licenseText = [], givesWay = {}, wants } = fields
  return {
    kind: "recipe",
    name,
    version,
    about,
    license,
    licenseText,
    source,
    tools,
    toolsFor,
    needs,
    wants,
    isFoundation,
    isInit,
    lto,
    flags,
    modes,
    without,
    givesWay,
    seconds,
    resumable,
    style,
    where: holder.where,
  }
}

/** The archive that the fields name, with their patches. Throws a BuildError for patches of none, and for a digest that is none. */
function sourceOf({ source, patches = [] }: RecipeFields, holder: Holder): Source | undefined {
  const isWhole = source === undefined || "locations" in source
  if (isWhole && patches.length > 0)
    throw heldFieldError(holder, "patches", {
      expected: "a `source` that is a list of locations",
      actual: source === undefined ? "no `source`" : "what `archive` gives, which has `patches` of its own",
    })
  const from = isWhole ? source : archive(source, { patches: patches.map((path) => `pkg/${path}`) })
  const bad = from && unsound(from)
  if (bad !== undefined)
    throw heldFieldError(holder, "source", {
      expected: "64 hexadecimal digits (SHA-256), letters small",
      actual: `\`${bad.digest}\``,
    })
  return from
}

function checkTexts({ license, needs = [] }: RecipeFields, holder: Holder): void {
  const { name, where } = holder
  const fault = licenseFault(license)
  if (fault !== undefined && "unknown" in fault) throw unknownLicenseError(name, where, fault.unknown, fault.known)
  if (fault !== undefined)
    throw heldFieldError(holder, "license", {
      expected: `an SPDX expression: ${fault.next} ${fault.after === "" ? "at its start" : `after \`${fault.after}\``}`,
      actual: `\`${license}\``,
    })
  const missing = needs.findIndex((need) => need?.kind !== "recipe")
  if (missing >= 0) throw unknownNeedError(name, where, missing + 1, said(needs[missing]))
}

/** All that a recipe needs, each once, needs before their users; itself not included. */
export function closure(recipes: readonly Recipe[]): readonly Recipe[] {
  const found = new Set<Recipe>()
  const visit = (recipe: Recipe) => {
    for (const need of recipe.needs) visit(need)
    found.add(recipe)
  }
  for (const recipe of recipes) visit(recipe)
  return [...found]
}

/** Compiler and linker flags of a recipe in a configuration. */
export function flagsOf(
  { lto, flags }: Recipe,
  config: Config,
): { compile: readonly string[]; link: readonly string[] } {
  const across = lto && config !== "Debug" ? ["-flto=thin"] : []
  const sections = config === "Debug" ? [] : ["-ffunction-sections", "-fdata-sections"]
  const compile = ["-pipe", ...optimisation[config], "-fstack-protector-strong", ...sections, ...across, ...flags]
  const link = [
    ...across,
    ...(config === "Debug" ? [] : ["-Wl,--gc-sections"]),
    ...(isStripped(config) ? ["-Wl,-s"] : []),
  ]
  return { compile, link }
}
