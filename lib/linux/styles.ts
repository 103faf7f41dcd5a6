// The styles: how a kind of package is built, as plain functions from a recipe's data to the texts of its phases. A word list is
// joined as it is: whoever writes a recipe quotes what a shell would take apart.

import type { Tool } from "../graph/tool.ts"
import {
  aFunction,
  anyText,
  aText,
  checkFields,
  either,
  type Kinds,
  named,
  needed,
  texts,
  textsByName,
  toolList,
  yesOrNo,
} from "./fields.ts"
import { type Phases, type Recipe, type RecipeFields, recipe, recipeKinds, type Setting, type Style } from "./recipe.ts"
import { cmake as cmakeTool, make, ninja, python } from "./tools.ts"

const lines = (...parts: readonly (string | undefined)[]): string => parts.filter(Boolean).join("\n")
const words = (...parts: readonly string[]): string => parts.filter(Boolean).join(" \\\n  ")

/** What goes into no tree: indexes that depend on the machine, and what only libtool reads. */
const tidy = `find "$DESTDIR" -name '*.la' -delete
rm -rf "$DESTDIR/usr/share/man" "$DESTDIR/usr/share/info" "$DESTDIR/usr/share/doc" "$DESTDIR/usr/share/locale"`

interface StyleFields extends RecipeFields {
  /** Shell text that runs its test-suite in the build directory; `$EMULATOR` runs programs of the machine (see `emulated`). */
  readonly check?: (setting: Setting) => string
  /** Programs of the build machine that its test-suite runs, besides those that build it. */
  readonly checkTools?: readonly Tool[]
}

const styleKinds: Kinds<StyleFields> = { ...recipeKinds, check: aFunction, checkTools: toolList }

const made = (fields: StyleFields, style: Style): Recipe => {
  const { check, checkTools = [] } = fields
  return recipe(fields, check === undefined ? style : { ...style, check, checkTools })
}

export interface AutotoolsFields extends StyleFields {
  /** Builds in a copy of the source, for what cannot be built elsewhere. */
  readonly inSource?: boolean
  /** Shell text before configure, in the build directory. */
  readonly prepare?: (setting: Setting) => string
  /** Arguments of configure. */
  readonly configure?: readonly string[]
  /** What configure would run a program to learn. */
  readonly answers?: Readonly<Record<string, string>>
  /** Arguments of make. */
  readonly make?: readonly string[]
  readonly install?: readonly string[]
  /** Shell text after the installation, in the build directory. */
  readonly after?: string
}

const autotoolsKinds: Kinds<AutotoolsFields> = {
  ...styleKinds,
  inSource: yesOrNo,
  prepare: aFunction,
  configure: texts,
  answers: textsByName,
  make: texts,
  install: texts,
  after: aText,
}

/** GNU configure and make. */
export function autotools(fields: AutotoolsFields): Recipe {
  checkFields("autotools", fields, autotoolsKinds)
  const { inSource = false, prepare, configure = [], answers = {}, make: makeWords = [], install = [], after } = fields
  return made(fields, {
    tools: [make],
    usesToolchain: true,
    phases: (setting) => ({
      ...(prepare === undefined ? {} : { prepare: prepare(setting) }),
      configure: lines(
        inSource ? `cp -a ${setting.source}/. .` : undefined,
        words(
          `${inSource ? "." : setting.source}/configure --build="$(clang -dumpmachine)" --host=${setting.machine.triple} --prefix=/usr --sysconfdir=/etc --localstatedir=/var`,
          ...configure,
          ...Object.entries(answers).map(([name, answer]) => `${name}=${answer}`),
        ),
      ),
      build: words("make", ...makeWords),
      install: lines(words('make DESTDIR="$DESTDIR" install', ...makeWords, ...install), after, tidy),
    }),
  })
}

export interface MakeFields extends StyleFields {
  /** Shell text before anything else, in a copy of the source. */
  readonly prepare?: (setting: Setting) => string
  readonly make?: readonly string[] | ((setting: Setting) => readonly string[])
  readonly install?: (setting: Setting) => string
}

const makeKinds: Kinds<MakeFields> = {
  ...styleKinds,
  prepare: aFunction,
  make: either(texts, aFunction),
  install: aFunction,
}

/** A makefile without configure, in a copy of the source. */
export function plainMake(fields: MakeFields): Recipe {
  checkFields("plainMake", fields, makeKinds)
  const { prepare, make: given = [], install } = fields
  const makeWords = (setting: Setting) => (typeof given === "function" ? given(setting) : given)
  return made(fields, {
    tools: [make],
    usesToolchain: true,
    phases: (setting) => ({
      prepare: lines(`cp -a ${setting.source}/. .`, prepare?.(setting)),
      build: words("make", ...makeWords(setting)),
      install: lines(install?.(setting) ?? words('make DESTDIR="$DESTDIR" install', ...makeWords(setting)), tidy),
    }),
  })
}

export interface CmakeFields extends StyleFields {
  /** The directory below the source that holds CMakeLists.txt. */
  readonly directory?: string
  /** -D definitions; true and false are ON and OFF. */
  readonly define?:
    | Readonly<Record<string, string | boolean>>
    | ((setting: Setting) => Readonly<Record<string, string | boolean>>)
  /** The build targets that make it; default: what CMake takes for all. */
  readonly build?: readonly string[]
  /** The build targets that install it. */
  readonly install?: readonly string[]
  readonly after?: string
}

const cmakeKinds: Kinds<CmakeFields> = {
  ...styleKinds,
  directory: aText,
  define: either(named("texts, `true` and `false` by name", either(anyText, yesOrNo)), aFunction),
  build: texts,
  install: texts,
  after: aText,
}

/** CMake and ninja. */
export function cmake(fields: CmakeFields): Recipe {
  checkFields("cmake", fields, cmakeKinds)
  const { directory = ".", define = {}, build = [], install = ["install"], after } = fields
  return made(fields, {
    tools: [cmakeTool, ninja, python],
    usesToolchain: true,
    phases: (setting) => {
      const { config, source } = setting
      const given = typeof define === "function" ? define(setting) : define
      const all = { CMAKE_BUILD_TYPE: config, CMAKE_INSTALL_PREFIX: "/usr", ...given }
      const definitions = Object.entries(all).map(
        ([name, value]) => `'-D${name}=${typeof value === "boolean" ? (value ? "ON" : "OFF") : value}'`,
      )
      return {
        configure: words(
          `cmake -G Ninja -S ${source}/${directory} -B . -DCMAKE_TOOLCHAIN_FILE="$TOOLCHAIN/toolchain.cmake"`,
          ...definitions,
        ),
        build: ['ninja -j"$JOBS"', ...build].join(" "),
        install: lines(`ninja ${install.join(" ")}`, after, tidy),
      }
    },
  })
}

export interface ScriptFields extends StyleFields {
  readonly usesToolchain?: boolean
  readonly phases: (setting: Setting) => Phases
}

const scriptKinds: Kinds<ScriptFields> = { ...styleKinds, usesToolchain: yesOrNo, phases: needed(aFunction) }

/** Anything else: the phases as they are. */
export function custom(fields: ScriptFields, tools: readonly Tool[] = []): Recipe {
  checkFields("custom", fields, scriptKinds)
  return made(fields, { tools, usesToolchain: fields.usesToolchain ?? true, phases: fields.phases })
}

export interface FilesFields extends RecipeFields {
  /**
   * Path → text. A text that starts with `->` is a link to what follows, one that starts with `#!` a program. A path that ends in `/` is an
   * empty directory.
   */
  readonly files: (setting: Setting) => Readonly<Record<string, string>>
}

const filesKinds: Kinds<FilesFields> = { ...recipeKinds, files: needed(aFunction) }

/** Files whose text the recipe holds. */
export function files(fields: FilesFields): Recipe {
  checkFields("files", fields, filesKinds)
  return recipe(fields, {
    tools: [],
    usesToolchain: false,
    phases: (setting) => ({
      install: Object.entries(fields.files(setting))
        .map(([path, text]) => writeScript(path, text))
        .join("\n"),
    }),
  })
}

function writeScript(path: string, text: string): string {
  const at = `"$DESTDIR/${path}"`
  if (path.endsWith("/")) return `mkdir -p ${at}`
  const parent = `mkdir -p "$(dirname ${at})"`
  if (text.startsWith("->")) return `${parent}\nln -s ${text.slice(2).trim()} ${at}`
  const mode = text.startsWith("#!") ? `\nchmod +x ${at}` : ""
  return `${parent}\ncat >${at} <<'END_OF_FILE'\n${text.trimEnd()}\nEND_OF_FILE${mode}`
}
