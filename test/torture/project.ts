// A project as real targets: a Buildfile, the module of its function rules, and its tool. The command's Buildfile and the embedded
// engine use the same.

import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import {
  type Buildfile,
  buildfile,
  type Command,
  choice,
  copy,
  group,
  inOrder,
  layer,
  layers,
  type Output,
  type Reads,
  type SourceFile,
  shell,
  source,
  type Target,
  target,
  tool,
  tree,
  write,
} from "../../lib/mod.ts"
import type { Project } from "./model.ts"
import { layerDirectory, type Reference, type Step, stepsOf, stopWord, wantedOf } from "./plan.ts"

/** The environment variable that Buildfiles read, and the program of the tool. */
export const environmentName = "TORTURE_WORD"
export const toolName = "torture-word"

const coreutils = tool({ name: "coreutils", programs: ["cat", "mkdir", "chmod", "ln"] })
const word = tool({ name: toolName })

/** What function rules add: from the code of a module, run or read. */
export type Code = () => string

const variables = { MODE: choice(["one", "two"], "what actions add to their words") }

/** The Buildfile of a project. `root` is where `rules/rule.ts` lies, and `code` what that module says. */
export const buildfileOf = (project: Project, root: string, code: Code): Buildfile =>
  buildfile(variables, ({ MODE }, reads) => targetsOf({ ...project, variable: MODE }, root, reads, code)) as Buildfile

/** The modules of function rules: one that the targets name, and one that it imports. */
export const ruleModules = ({ rule, shared }: Pick<Project, "rule" | "shared">): Readonly<Record<string, string>> => ({
  "rules/rule.ts": `import { shared } from "./shared.ts"\n\nexport const code = "${rule}" + shared\n`,
  "rules/shared.ts": `export const shared = "${shared}"\n`,
})

/** What the modules say, without running them: the engine's process loads a module only once. */
export function codeIn(root: string): string {
  const said = (path: string) => /"(\w*)"(?: \+ shared)?\n$/.exec(readFileSync(join(root, path), "utf8"))?.[1] ?? ""
  return said("rules/rule.ts") + said("rules/shared.ts")
}

function targetsOf(project: Project, root: string, reads: Reads, code: Code): Record<string, Target> {
  const made = new Map<Step, Target>()
  const outputOf = (step: Step): Output => {
    const output = made.get(step)?.outputs.to
    if (output === undefined) throw new Error(`${step.name} comes after what reads it`)
    return output
  }
  const steps = stepsOf(project)
  const maker: Maker = { made, outputOf, reads, root, code }
  for (const step of steps) made.set(step, targetOf(step, maker))
  const targets = Object.fromEntries([...made].map(([{ name }, target]) => [name, target]))
  const wanted = wantedOf(project, steps)
  // Only who has everything built can say what is no longer anybody's.
  const directory = project.wanted.length === 0 ? layerDirectory : undefined
  return {
    ...targets,
    all: group(
      "all",
      wanted.map((step) => made.get(step) as Target),
      "",
      directory,
    ),
  }
}

interface Maker {
  readonly made: ReadonlyMap<Step, Target>
  readonly outputOf: (step: Step) => Output
  readonly reads: Reads
  readonly root: string
  readonly code: Code
}

type Paths = Readonly<Record<"files" | "trees" | "laid", readonly string[]>>

function targetOf(step: Step, { made, outputOf, reads, root, code }: Maker): Target {
  const files = step.files.flatMap((reference) => filesOf(reference, outputOf, reads))
  const outputs = step.trees.map(outputOf)
  const isLaid = step.merges && outputs.length > 0
  const after = step.after === undefined ? undefined : made.get(step.after)
  const found = step.found.flatMap((one) => (one.step === undefined ? [] : (made.get(one.step) as Target)))
  const common = {
    name: step.name,
    inputs: { files, trees: isLaid ? [] : outputs, laid: isLaid ? [layers(outputs)] : [] },
    outputs: { to: declarationOf(step) },
    // What it finds it may need by a group.
    after: [
      ...(after === undefined ? [] : [after]),
      ...(found.length > 1 ? [group(`${step.name}-finds`, [...new Set(found)])] : found),
    ],
  }
  if (step.rule === "copy")
    return target({
      ...common,
      run: (paths: Paths, { to }) => copy(paths.laid[0] ?? paths.trees[0] ?? paths.files[0] ?? "", to),
    })
  const outside = step.reads === "environment" ? (reads.environment(environmentName) ?? "none") : ""
  if (step.rule === "write")
    return target({ ...common, run: (_: Paths, { to }) => writes(step, step.word + outside, to) })
  const tools = step.reads === "tool" ? [coreutils, word] : [coreutils]
  if (step.rule === "shell") {
    const environment = { WORD: step.word, OUTSIDE: outside }
    return target({
      ...common,
      tools,
      environment,
      run: (paths: Paths, { to }) => {
        const script = scriptOf(step, textsIn(step, paths), to)
        return step.found.length === 0 ? shell(script) : shell(script).depfile(`${to}.d`)
      },
    })
  }
  const { keep, failsOn, form, name } = step
  const own = [form === "file" ? "" : name, step.trees.map(({ holds }) => holds)]
  const paths = step.found.map(({ path }) => path)
  const parameters = JSON.stringify([keep, failsOn, own, step.word + outside, paths])
  return target({
    ...common,
    tools: step.reads === "tool" ? [word] : [],
    module: pathToFileURL(join(root, "rules/rule.ts")).href,
    parameters,
    call: async (paths: Paths, { to }, { need }) =>
      compute(step, [...textsIn(step, paths), ...foundIn(step, need)], step.word + outside + code(), to),
  })
}

function filesOf(
  reference: Reference,
  outputOf: (step: Step) => Output,
  reads: Reads,
): readonly (SourceFile | Output)[] {
  if ("source" in reference) return [source(reference.source)]
  return "glob" in reference ? reads.files(reference.glob) : [outputOf(reference.step)]
}

function declarationOf({ form, at }: Step) {
  if (form === "layer") return layer(at ?? layerDirectory)
  return form === "tree" ? tree(at) : at === undefined ? ({ form } as const) : at
}

/** The files whose texts a step joins. */
function textsIn({ trees }: Step, paths: Paths): string[] {
  const below = trees.flatMap(({ holds }, i) => holds.map((top) => `${paths.laid[0] ?? paths.trees[i]}/${top}/f`))
  return [...paths.files, ...(paths.laid.length === 0 ? below : [...below].sort())]
}

/** The files that a function finds, up to the last that it reads. */
function* foundIn({ found }: Step, need: (path: string) => string): Generator<string> {
  for (const { path } of found) {
    const full = need(path)
    yield full
    if (readFileSync(full, "utf8").includes(stopWord)) return
  }
}

/** A name as a makefile has it. */
const inMakefile = (path: string): string => path.replaceAll("$", "$$$$").replaceAll(/[ #]/g, "\\$&")

/** Reads what is found into `t`, and says so in a depfile. */
function findsOf({ found }: Step, to: string): readonly string[] {
  if (found.length === 0) return []
  const depfile = quote(`${to}.d`)
  const each = found.map(
    ({ path }) =>
      `x=$(cat ${quote(path)}); t=$t$x; printf ' %s' ${quote(inMakefile(path))} >>${depfile}; case $x in *${stopWord}*) break;; esac`,
  )
  return [`printf '%s:' ${quote(inMakefile(to))} >${depfile}`, "while :; do", ...each, "break; done"]
}

function writes({ form, keep, name }: Step, said: string, to: string): Command {
  const text = said.slice(0, keep)
  const executable = text.startsWith("b")
  if (form === "file") return write(to, text, { executable })
  const shape = [[], [write(`${to}/${name}/x`, "x")], [write(`${to}/${name}/x/y`, "y")], []][text.length % 4] ?? []
  return inOrder([write(`${to}/${name}/f`, text, { executable }), ...shape])
}

const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

function scriptOf(step: Step, texts: readonly string[], to: string): string {
  const { form, keep, name, failsOn, reads } = step
  const read = texts.length === 0 ? ":" : `cat ${texts.map(quote).join(" ")}`
  const said = reads === "tool" ? `; ${toolName}` : ""
  const lines = ["t=", ...findsOf(step, to), `t=$t$(${read}; printf %s "$WORD" "$OUTSIDE"${said})`]
  if (failsOn !== "") lines.push(`case $t in *${failsOn}*) echo it holds ${failsOn}; exit 3;; esac`)
  lines.push(`t=$(printf %.${keep}s "$t")`)
  const own = quote(form === "file" ? to : `${to}/${name}/f`)
  if (form !== "file") lines.push(`mkdir ${quote(`${to}/${name}`)}`)
  lines.push(`printf %s "$t" >${own}`, `case $t in b*) chmod +x ${own};; esac`)
  const x = quote(`${to}/${name}/x`)
  const shapes = `1) printf x >${x};; 2) mkdir ${x}; printf y >${x}/y;; 3) ln -s f ${x};;`
  if (form !== "file") lines.push(`case $((\${#t} % 4)) in ${shapes} esac`)
  return lines.join("\n")
}

function compute({ form, keep, name, failsOn }: Step, texts: readonly string[], said: string, to: string): void {
  const joined = texts.map((path) => readFileSync(path, "utf8")).join("") + said
  if (failsOn !== "" && joined.includes(failsOn)) throw new Error(`it holds ${failsOn}`)
  const text = joined.slice(0, keep)
  const own = form === "file" ? to : join(to, name, "f")
  if (form !== "file") mkdirSync(join(to, name))
  writeFileSync(own, text)
  if (text.startsWith("b")) chmodSync(own, 0o755)
  if (form === "file") return
  const x = join(to, name, "x")
  if (text.length % 4 === 1) writeFileSync(x, "x")
  if (text.length % 4 === 2) mkdirSync(x)
  if (text.length % 4 === 2) writeFileSync(join(x, "y"), "y")
  if (text.length % 4 === 3) symlinkSync("f", x)
}
