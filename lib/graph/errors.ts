// Every wording of an error or a notice that hashmake can give, in one place; test/errors.test.ts holds a golden file for each.
// Names stand between backticks; `help` says the one thing to do.

import { commandName } from "../base/command-name.ts"
import { BuildError, CallError, type Diagnostic, nearest } from "../base/diagnostic.ts"
import { sizeText } from "../base/quantity.ts"
import type { Target } from "./target.ts"
import type { Tool } from "./tool.ts"

const tick = (name: string): string => `\`${name}\``

/** The command with some words, as it is typed. */
const called = (words: string): string => tick(`${commandName} ${words}`)

const listed = (names: readonly string[], most = 8): string =>
  names.length > most ? `${names.slice(0, most).join(", ")} … (${names.length})` : names.join(", ")

function suggestion(name: string, candidates: readonly string[], otherwise: string): string {
  const near = nearest(name, candidates)
  return near === undefined ? otherwise : `did you mean ${tick(near)}?`
}

// What was asked for

export const unknownTargetError = (name: string, names: readonly string[]): BuildError =>
  new BuildError({
    what: `there is no target ${tick(name)}`,
    help: names.includes(name)
      ? `${tick(name)} is a command, and goes first: ${called(name)}`
      : suggestion(name, names, `${called("list")} shows the targets that there are`),
  })

export const unknownVariableError = (name: string, names: readonly string[]): BuildError =>
  new BuildError({
    what: `there is no variable ${tick(name)}`,
    facts: [["variables", names.join(" ")]],
    help: suggestion(name, names, `${called("help")} says what each is for`),
  })

export const variableValueError = (name: string, typed: string, values: readonly string[]): BuildError =>
  new BuildError({
    what: `${tick(name)} cannot be ${tick(typed)}`,
    facts: [["values", values.join(" ")]],
    help: suggestion(typed, values, `choose one of the values of ${tick(name)}`),
  })

export const sizeValueError = (name: string, typed: string, isNeeded: boolean): BuildError =>
  new BuildError({
    what: `${tick(name)} cannot be ${tick(typed)}`,
    facts: [["expected", `a size of whole MiB, as \`256M\` or \`1.5G\`${isNeeded ? "" : "; or `0` for none"}`]],
    help: sizeSuggestion(typed) ?? "M, G and T are powers of 1024 bytes, MB, GB and TB powers of 1000",
  })

export const valueFormError = (name: string, typed: string, expected: string): BuildError =>
  new BuildError({
    what: `${tick(name)} cannot be ${tick(typed)}`,
    facts: [["expected", expected]],
    help: `write it as expected, or leave ${tick(name)} out`,
  })

/** `is`: what keeps it from being that. */
export const addressError = (
  name: string,
  typed: string,
  { is, net, hosts }: { readonly is: string; readonly net: string; readonly hosts: readonly [string, string] },
): BuildError =>
  new BuildError({
    what: `${tick(name)} cannot be ${tick(typed)}`,
    facts: [
      ["it is", is],
      ["net", net],
    ],
    help: `name another address from ${tick(hosts[0])} to ${tick(hosts[1])}${name === "LOCAL_IP" ? "" : ", or correct the net in `LOCAL_IP`"}`,
  })

/** What may have been meant: a bare number is usually one of MiB, and so are a disk's MB. */
function sizeSuggestion(typed: string): string | undefined {
  const [, digits = "", unit] = /^0*([1-9]\d{0,6}) ?(?:([MGT])B?)?$/.exec(typed.trim().toUpperCase()) ?? []
  return digits === "" ? undefined : `did you mean ${tick(`${digits}${unit ?? "M"}`)}?`
}

export const tooLargeDiskError = (sumMiB: number, mostMiB: number): BuildError =>
  new BuildError({
    what: "the partitions are more than a disk's table can describe",
    facts: [
      ["together", `${sumMiB} MiB`],
      ["most", `${mostMiB} MiB`],
    ],
    help: "give less to `ROOTFS_SIZE`, `RWFS_SIZE`, `USERFS_SIZE`, `SWAP_SIZE` or `EXTRA_SIZE`",
  })

/** `limit`: the sysctl that bounds it. */
export const watchError = (code: string, path: string, limit: string): BuildError =>
  new BuildError({
    what: `the system lets no more directories be watched (${code})`,
    facts: [["at", path]],
    help: `raise ${tick(limit)} (sysctl), or build without \`--watch\``,
  })

export const kernelOptionsError = (
  triple: string,
  system: string,
  image: string,
  missing: readonly string[],
): BuildError =>
  new BuildError({
    what: `the kernel of ${tick(triple)} cannot start the system ${tick(system)} from ${tick(image)}`,
    where: `sysdeps/${triple}.ts`,
    facts: [["missing", missing.join(" ")]],
    help: `add ${missing.length === 1 ? "it" : "them"} to \`kernel.options\`, or leave ${tick(image)} out of \`IMAGES\``,
  })

export const unfitImageError = (triple: string, image: string, wants: string): BuildError =>
  new BuildError({
    what: `${tick(triple)} cannot start from ${tick(image)}`,
    where: `sysdeps/${triple}.ts`,
    facts: [
      ["wants", wants],
      ["has", "neither: its kernel is started by other means"],
    ],
    help: `leave ${tick(image)} out of \`IMAGES\`, or the machine out of \`TARGET\``,
  })

interface Unfit {
  readonly name: string
  readonly where: string
  readonly wants?: { readonly what: string } | undefined
}

export const unfitPackageError = ({ name, where, wants }: Unfit, triple: string): BuildError =>
  new BuildError({
    what: `${tick(name)} is not for ${tick(triple)}`,
    where,
    facts: wants === undefined ? [] : [["wants", wants.what]],
    help: `leave ${tick(name)} out, or the machine out of \`TARGET\``,
  })

export const onlyForError = (name: string, triple: string, asked: readonly string[]): BuildError =>
  new BuildError({
    what: `${tick(name)} is for ${tick(triple)} only`,
    facts: [["asked for", asked.join(" ")]],
    help: `leave out \`TARGET\`; \`install-toolchain\` gives a compiler that runs on another machine`,
  })

export const noStartError = (triple: string, image: string): BuildError =>
  new BuildError({
    what: `the image ${tick(image)} for ${tick(triple)} would hold nothing that starts the system on it`,
    facts: [
      ["missing", "`live`: a boot loader, and a recipe with /init, which mounts the medium and starts the system"],
    ],
    help: `give \`live\` to \`systemTargets\`, as of pkg/grub.ts and pkg/live-init.ts, or leave ${tick(image)} out of \`images\``,
  })

export const noInitError = (system: string, where: string): BuildError =>
  new BuildError({
    what: `the system ${tick(system)} would have no program for its process 1`,
    where,
    help: "add a package that says `isInit` to its `packages`",
  })

export const severalInitsError = (
  system: string,
  where: string,
  inits: readonly (readonly [string, string])[],
): BuildError =>
  new BuildError({
    what: `the system ${tick(system)} would have ${inits.length} programs for its process 1`,
    where,
    facts: inits,
    help: "leave all but one out of it and of `TARGET_PKGS`",
  })

export const cannotStartError = (system: string, where: string, image: string, from: readonly string[]): BuildError =>
  new BuildError({
    what: `the system ${tick(system)} does not start from ${tick(image)}`,
    where,
    facts: [["images", from.join(" ")]],
    help: `leave ${tick(image)} out of \`IMAGES\`, or say in \`talks\` what is said to it then`,
  })

export const noTalkError = (system: string, where: string): BuildError =>
  new BuildError({
    what: `the system ${tick(system)} has no \`talks\`: there is no boot to check`,
    where,
    help: "say in `talks` from which images it starts, and what is said to it then",
  })

export const neededSizeError = (
  system: string,
  where: string,
  size: string,
  usualMiB: number | undefined,
): BuildError =>
  new BuildError({
    what: `the system ${tick(system)} does not work with ${tick(`${size}=0`)}`,
    where,
    facts: [["usual", usualMiB === undefined ? "none" : `${usualMiB}M`]],
    help: `leave ${tick(size)} out, or give it a size`,
  })

export const portTakenError = (port: string, how: string): BuildError =>
  new BuildError({
    what: `port ${port} of 127.0.0.1 cannot be had`,
    facts: [["listening", how]],
    help: `name another one: \`SSH_PORT=${port === "2222" ? "2223" : "2222"}\``,
  })

export const nothingReachableError = (tried: readonly (readonly [string, string])[]): BuildError =>
  new BuildError({
    what: "neither Debian nor any upstream could be asked for newer versions",
    facts: tried,
    help: "look at the network, and at the archives in /etc/apt; nothing is known of what is newer",
  })

export const kernelProgramError = (word: string): BuildError =>
  new BuildError({
    what: `${tick(word)} is no configuration program of the kernel`,
    help: "`menuconfig`, `nconfig` and `oldconfig` ask; `olddefconfig` and `NAME.config` do not; `make help` in its source has them all",
  })

export const noTerminalError = (word: string): BuildError =>
  new BuildError({
    what: `${tick(word)} draws on a terminal, and there is none`,
    help: "start it on one; `-- oldconfig` asks line by line",
  })

export const kernelGoalError = (goal: string, said: string): BuildError =>
  new BuildError({
    what: `the kernel's ${tick(`make ${goal}`)} failed`,
    facts: said.trim() === "" ? [] : [["said", said.trim().split("\n").slice(-8).join("\n")]],
    help: "nothing was written: the record is as it was",
  })

export const noOptionsBlockError = (path: string, words: readonly string[]): BuildError =>
  new BuildError({
    what: "there is no `options: {` of the machine's record to write into",
    where: path,
    facts: [["chosen", words.join(" ")]],
    help: "add what was chosen to `kernel.options` by hand",
  })

export const lostOptionsError = (triple: string, names: readonly string[]): BuildError =>
  new BuildError({
    what: "a part of what was chosen cannot be kept as a list on top of `allnoconfig`",
    where: `sysdeps/${triple}.ts`,
    facts: [["differs", listed(names)]],
    help: "look at what they depend on; the rest was written",
  })

export const unknownMachineError = (triple: string, triples: readonly string[]): BuildError =>
  new BuildError({
    what: `no machine is named ${tick(triple)}`,
    facts: [
      ["machines", triples.join(" ")],
      ["missing", `sysdeps/${triple}.ts`],
    ],
    help: suggestion(triple, triples, "`sysdeps/` holds one record a machine: write one for yours"),
  })

export const unknownOptionError = (option: string, options: readonly string[]): BuildError =>
  new BuildError({
    what: `there is no option ${tick(option)}`,
    help: suggestion(option, options, `${called("help")} shows the options`),
  })

/** `typed` is empty where nothing was. */
export const optionValueError = (option: string, typed: string, expected: string): BuildError =>
  new BuildError({
    what: typed === "" ? `option ${tick(option)} needs a value` : `option ${tick(option)} cannot be ${tick(typed)}`,
    facts: [["expected", expected]],
    help: `${called("help")} shows the options`,
  })

export const optionFlagError = (option: string, typed: string): BuildError =>
  new BuildError({
    what: `option ${tick(option)} takes no value`,
    facts: [["typed", typed]],
    help: `write ${tick(option)}, or leave it out`,
  })

export const strangeOptionError = (option: string, commands: readonly string[]): BuildError =>
  new BuildError({
    what: `option ${tick(option)} is for ${listed(commands.map(tick))} only`,
    help: `leave it out, or see ${called("help")}`,
  })

export const optionFileError = (option: string): BuildError =>
  new BuildError({
    what: `option ${tick(option)} needs the name of a file`,
    help: `${called("help")} shows the options`,
  })

export const noTargetNamedError = (command: string): BuildError =>
  new BuildError({
    what: `${tick(command)} needs the name of a target`,
    help: `${called(`${command} NAME`)}; ${called("list")} shows the names`,
  })

export const noLogError = (target: Target): BuildError =>
  new BuildError({
    what: `${tick(target.name)} has no log`,
    help: `it has not run here: ${called(target.name)} builds it, or brings it from the store`,
  })

export const noShellError = (name: string): BuildError =>
  new BuildError({
    what: `${tick(name)} runs no command that a shell could be started for`,
    help: "name a target with a command, a package for example",
  })

export const unknownShellError = (word: string, shells: readonly string[]): BuildError =>
  new BuildError({
    what: word === "" ? "`completion` needs the name of a shell" : `there is no completion for ${tick(word)}`,
    facts: [["shells", shells.join(" ")]],
    help: suggestion(word, shells, `\`source <(${commandName} completion bash)\` in \`~/.bashrc\`, for example`),
  })

export const unknownQuestionError = (word: string, questions: readonly string[]): BuildError =>
  new BuildError({
    what: `${tick(word)} is no question`,
    facts: [["questions", questions.join(" ")]],
    help: suggestion(word, questions, `${called("query")} says what each answers`),
  })

export const questionError = (word: string, usage: string): BuildError =>
  new BuildError({
    what: `\`query ${word}\` is asked with other words`,
    facts: [["usage", `${commandName} query ${word} ${usage}`]],
    help: `${called("query")} says what each question answers`,
  })

export const unknownNameError = (name: string, names: readonly string[]): BuildError =>
  new BuildError({
    what: /[*?]/.test(name)
      ? `nothing is named as ${tick(name)}`
      : `no target, output or file that is read is named ${tick(name)}`,
    help: suggestion(
      nearest(name, names) === undefined ? (nearestByLastPart(name, names) ?? name) : name,
      names,
      `${called("query targets")} shows the targets that there are`,
    ),
  })

/** The name whose last part is near to `name`. */
function nearestByLastPart(name: string, names: readonly string[]): string | undefined {
  const parts = names.map((one) => one.slice(one.lastIndexOf("/") + 1))
  const near = nearest(name, parts)
  return near === undefined ? undefined : names[parts.indexOf(near)]
}

export const notATargetError = (path: string): BuildError =>
  new BuildError({
    what: `${tick(path)} is a file that no target writes`,
    help: `${called(`query rdeps ${path}`)} shows the targets that read it`,
  })

export const noPathError = (from: string, to: string, isOtherWay: boolean): BuildError =>
  new BuildError({
    what: `${tick(from)} does not need ${tick(to)}`,
    help: isOtherWay
      ? `it is the other way round: ${called(`query path ${to} ${from}`)}`
      : `${called(`query rdeps ${to}`)} shows what does`,
  })

export const noDrawingError = (): BuildError =>
  new BuildError({
    what: "the library that draws graphs is not installed: `@viz-js/viz`",
    help: "`npm install --save-dev @viz-js/viz`; or `--format dot`, or `--format json`, which need nothing",
  })

export const noLibraryError = (does: string, name: string): BuildError =>
  new BuildError({
    what: `the library that ${does} is not installed: ${tick(name)}`,
    help: tick(`npm install --save-dev ${name}`),
  })

export const tooLargeDrawingError = (targets: number, most: number): BuildError =>
  new BuildError({
    what: `${targets} targets are too many for a picture`,
    facts: [["most", String(most)]],
    help: "name a target that needs fewer; or `--format dot`, or `--format json`, for a program that takes as many",
  })

export const cannotWriteError = (path: string, reason: string): BuildError =>
  new BuildError({
    what: `${tick(path)} cannot be written`,
    facts: [["reason", reason]],
    help: "name a file in a directory that can be written to",
  })

export const noBuildfileError = (directory: string): BuildError =>
  new BuildError({
    what: "there is no `Buildfile.ts` here, nor in a directory above",
    facts: [["looked in", directory]],
    help: "start in the project's directory, or write a `Buildfile.ts`",
  })

export const brokenBuildfileError = (path: string, reason: string, code?: string): BuildError =>
  new BuildError({
    what: `${tick(path)} cannot be evaluated`,
    facts: [["reason", reason], ...(code === undefined ? [] : [["code", code] as const])],
    // What Node says of a project as `npm init` makes it.
    help: reason.startsWith("Cannot use import statement outside a module")
      ? 'write `"type": "module"` into `package.json`: `npm pkg set type=module`'
      : "mend what the reason names",
  })

export const notABuildfileError = (path: string): BuildError =>
  new BuildError({
    what: `${tick(path)} does not export a Buildfile`,
    help: "`export default buildfile({ variables }, (values, reads) => ({ targets }))`",
  })

export const oldNodeError = (version: string): BuildError =>
  new BuildError({
    what: `Node ${version} is too old`,
    facts: [["needed", "22.22 or later"]],
    help: "install a newer one; in a checkout, `./build` brings its own",
  })

// What a Buildfile hands over

export const shapeError = (what: string, given: string, help: string): CallError =>
  new CallError({ what: `${what} is ${given}`, help })

export const unknownFieldError = (
  whose: string,
  option: string,
  options: readonly string[],
  kind = "a target",
): CallError =>
  new CallError({
    what: `${whose} is given ${tick(option)}, which ${kind} does not have`,
    help: suggestion(option, options, "leave it out"),
  })

export const noRuleError = (target: string, rules: readonly string[]): CallError =>
  new CallError({
    what: `${target} has ${rules.length === 0 ? "no rule" : `the rules ${listed(rules.map(tick))}`}`,
    help: "give one of `run` (a command), `call` (a function) and `session` (a program for the terminal); what has none is a `group`",
  })

export const unknownPathError = (target: string, name: string, names: readonly string[]): CallError =>
  new CallError({
    what: `the rule of ${tick(target)} asks for ${tick(name)}, which is not among the names that it is given`,
    facts: names.length === 0 ? [] : [["names", listed(names)]],
    help: suggestion(name, names, "declare it as an input or an output"),
  })

export const brokenRuleError = (target: string, rule: string, reason: string): BuildError =>
  new BuildError({
    what: `${tick(rule)} of ${tick(target)} cannot be evaluated`,
    facts: [["reason", reason]],
    help: "mend what the reason names",
  })

// The graph

export const cycleError = (cycle: readonly Target[]): BuildError =>
  new BuildError({
    what: `${tick(cycle[0]?.name ?? "")} needs itself`,
    where: cycle[0]?.where,
    facts: [["cycle", cycle.map(({ name }) => name).join(" → ")]],
    help: "take one of these needs away",
  })

/** What a target is called that was given no name, and writes no path of the workspace. */
export const noName = "?"

export const nameTwiceError = (target: Target): BuildError =>
  target.name === noName
    ? noNameError(target)
    : new BuildError({
        what: `two targets are named ${tick(target.name)}`,
        where: target.where,
        help: "give one of them another `name`",
      })

const noNameError = ({ outputs, about, where }: Target): BuildError =>
  new BuildError({
    what: "two targets have no name",
    where,
    facts: [
      ["one is", about === "" ? "(nothing is said `about` it)" : about],
      ["outputs", Object.keys(outputs).join(" ") || "none"],
    ],
    help: "give each a `name`, a path in the workspace as output, or a place among what the Buildfile returns",
  })

export const pathTwiceError = (path: string, first: Target, second: Target): BuildError =>
  new BuildError({
    what: `${tick(path)} is an output of two targets`,
    where: second.where,
    facts: [
      ["first", first.name],
      ["second", second.name],
    ],
    help: "a path belongs to one target only: let one of them write elsewhere",
  })

export const pathWithinError = (path: string, target: Target, within: string, other: Target): BuildError =>
  new BuildError({
    what: `${tick(path)} lies within ${tick(within)}, which is an output, too`,
    where: target.where,
    facts: [
      ["first", other.name],
      ["second", target.name],
    ],
    help: "a path belongs to one target only, with all below it: let one of them write elsewhere",
  })

export const asideNotice = (path: string, directory: string): Diagnostic => ({
  what: `${tick(path)} was there, and is not known to be a build's`,
  facts: [["kept in", directory]],
  help: `whatever else is in the way of outputs goes there, too; it is removed with ${tick(".hashmake")}`,
})

export const ownSourceError = (target: Target, path: string): BuildError =>
  new BuildError({
    what: `${tick(target.name)} reads ${tick(path)}, which is its own output`,
    where: target.where,
    help: "an output is not there when its rule starts: write elsewhere, or read something else",
  })

export const madeSourceError = (target: Target, path: string, owner: Target): BuildError =>
  new BuildError(undeclaredReadFailure(target, path, owner))

export const pathFormError = (target: Target, path: string): BuildError =>
  new BuildError({
    what: `${tick(target.name)} has a path that is none in the workspace: ${tick(JSON.stringify(path).slice(1, -1))}`,
    where: target.where,
    help: "write it from the root of the workspace on, as `src/main.c`, without `.`, `..` or a `/` at an end",
  })

export const termError = (target: Target, term: string, value: string, expected: string): BuildError =>
  new BuildError({
    what: `${tick(target.name)} cannot have ${tick(`${term}: ${value}`)}`,
    where: target.where,
    facts: [["expected", expected]],
    help: `correct ${tick(term)}, or leave it out`,
  })

export const poolTwiceError = (
  name: string,
  first: readonly [Target, number],
  second: readonly [Target, number],
): BuildError =>
  new BuildError({
    what: `the pool ${tick(name)} has two sizes`,
    where: second[0].where,
    facts: [first, second].map(([{ name }, slots]) => [name, `${slots} slots`] as const),
    help: "make it one value, which both use",
  })

export const rootToolError = (target: Target, tool: string): BuildError =>
  new BuildError({
    what: `${tick(target.name)} needs ${tick(tool)}, which no package in its root brings`,
    where: target.where,
    facts: [["root", rootNames(target).join(" ")]],
    help: `add a package that brings ${tick(tool)} to what the root is made of: it sees no program of the build machine`,
  })

export const rootWithoutSandboxError = (target: Target): BuildError =>
  new BuildError({
    what: `${tick(target.name)} has a root of its own, which only a sandbox can give it`,
    where: target.where,
    facts: [["root", rootNames(target).join(" ")]],
    help: "build without `--sandbox=off`; bubblewrap must be installed (`apt-get install bubblewrap`)",
  })

export const otherProcessorError = (target: Target, needed: string, actual: string): BuildError =>
  new BuildError({
    what: `${tick(target.name)} runs on another processor than this machine has`,
    where: target.where,
    facts: [
      ["needed", needed],
      ["actual", actual],
    ],
    help: `build it on a machine with ${tick(needed)}`,
  })

interface Room {
  readonly needed: number
  readonly there: number
  readonly at?: string
}

export const littleRoomError = (target: Target, of: "memory" | "space", { needed, there, at }: Room): BuildError =>
  new BuildError({
    what: `${tick(target.name)} needs more ${of} than there is`,
    where: target.where,
    facts: [
      ["needed", sizeText(needed)],
      [of === "memory" ? "there is" : "free", sizeText(there)],
      ...(at === undefined ? [] : [["in", at] as const]),
    ],
    help:
      of === "memory"
        ? "build it on a machine with more; its result can then be used here"
        : `make space (${called("gc")} frees what no checkout needs), or set \`HASHMAKE_STORE\` to another directory`,
  })

/** What a target's root is made of, for a fact. */
function rootNames({ action }: Target): readonly string[] {
  const root = action?.inputs["/"]
  const names = root !== undefined && "trees" in root ? root.trees.map(({ target }) => target.name) : []
  return names.length > 6 ? [...names.slice(0, 6), `… (${names.length})`] : names
}

export const layersError = (target: Target, path: string, first: Target, second: Target): Diagnostic => ({
  what: `two trees laid over each other both hold ${tick(path)}`,
  where: second.where,
  facts: [
    ["first", first.name],
    ["second", second.name],
    ["for", target.name],
  ],
  help: "leave the path out of one of them",
})

const sourceHelp = {
  "is not there": "correct the path, or bring the file back",
  "is a directory": 'name its files: `files("DIRECTORY/**")`',
  "is a link to nothing": "correct the path, or the link",
  "is no file": "pipes, sockets and devices cannot be sources",
}

/** `how`: what is wrong with the source. */
export const missingSourceError = (target: Target, path: string, how: keyof typeof sourceHelp): Diagnostic => ({
  what: `${tick(target.name)} reads ${tick(path)}, which ${how}`,
  where: target.where,
  help: sourceHelp[how].replace("DIRECTORY", path),
})

// Actions

/** An action that failed, and what is known of how. */
export interface Failed {
  readonly step: string
  /** `exited with 2`, `was ended by SIGKILL`, or what went wrong. */
  readonly how: string
  readonly chain: readonly Target[]
  readonly after: string
  readonly log: string
  readonly lastLines: readonly string[]
}

export const actionFailure = (target: Target, { step, how, chain, after, log, lastLines }: Failed): Diagnostic => ({
  what: `${tick(target.name)} failed: ${step === "" ? how : `${tick(step)} ${how}`}`,
  where: target.where,
  facts: [
    ["chain", chain.map(({ name }) => name).join(" → ")],
    ["after", after],
    ["log", [log + (lastLines.length > 0 ? "   (last lines)" : ""), ...lastLines].join("\n")],
  ],
  help: `look around in its directory with ${called(`shell ${target.name}`)}`,
})

export const longCommandFailure = (target: Target, bytes: number, together: number, word: number): Diagnostic => ({
  what: `a command line of ${tick(target.name)} is too long for this system`,
  where: target.where,
  facts: [
    ["length", `${Math.ceil(bytes / 1024)} KB`],
    ["most", `${Math.floor(together / 1024)} KB together, ${Math.floor(word / 1024)} KB a word`],
  ],
  help: "give long lists as `responseFile(words)`, which clang, gcc, ld and ar read; a long shell text belongs into a file",
})

/** What may be where an output should be. */
const outputHelp = {
  nothing: "correct `outputs`, or the step that should create it",
  "a directory": "declare it with `tree`, or write a file",
  "a file": "declare it as a file, or write a directory",
  "a link": "write what it leads to: that may not be there later",
  "no file": "devices, sockets and pipes cannot be outputs",
}

export type OutputInstead = keyof typeof outputHelp

/** `instead`: what is in the place of the first. */
export const noOutputFailure = (
  target: Target,
  { missing, instead }: { readonly missing: readonly string[]; readonly instead: OutputInstead },
  wrote: readonly string[],
  log?: string,
): Diagnostic => ({
  what:
    instead === "nothing"
      ? `${tick(target.name)} finished but did not write ${missing.map(tick).join(", ")}`
      : `${tick(target.name)} finished, but its output ${tick(missing[0] ?? "")} is ${instead}`,
  where: target.where,
  facts: [
    ...(instead === "nothing" ? [["wrote", wrote.length > 0 ? listed(wrote) : "nothing"] as const] : []),
    ...(log === undefined ? [] : [["log", log] as const]),
  ],
  help: outputHelp[instead],
})

export const extraOutputFailure = (target: Target, extra: readonly string[], log: string): Diagnostic => ({
  what: `${tick(target.name)} wrote ${extra.length === 1 ? tick(extra[0] ?? "") : `${extra.length} files`} without declaring it`,
  where: target.where,
  facts: [
    ["undeclared", listed(extra)],
    ["log", log],
  ],
  help: "declare it in `outputs`, or write it to `$SCRATCH`",
})

export const depfileFailure = (target: Target, isMissing: boolean): Diagnostic => ({
  what: isMissing
    ? `${tick(target.name)} finished but did not write its depfile`
    : `the depfile of ${tick(target.name)} is no makefile as a compiler writes it`,
  where: target.where,
  help: "correct the path given to `.depfile()`, or the flags that write it (`-MD -MF PATH`)",
})

export const undeclaredReadFailure = (target: Target, path: string, owner: Target): Diagnostic => ({
  what: `${tick(target.name)} reads ${tick(path)}, which another target makes, without needing that`,
  where: target.where,
  facts: [["made by", owner.name]],
  help: "name it in `inputs`, or its target in `after`",
})

export const strangeFileFailure = (target: Target, path: string): BuildError =>
  new BuildError({
    what: `${tick(target.name)} wrote ${tick(path)}, which is no file, directory or link`,
    where: target.where,
    help: "devices, sockets and pipes cannot be outputs",
  })

export const unstableInputFailure = (target: Target, path: string): Diagnostic => ({
  what: `${tick(path)} changed again and again while ${tick(target.name)} ran`,
  where: target.where,
  help: "build again once nothing writes to it",
})

export const changedToolFailure = (target: Target, { name }: Tool): BuildError =>
  new BuildError({
    what: `${tick(name)} was changed while ${tick(target.name)} ran`,
    where: target.where,
    help: "build again: nobody knows which of the two it was run by, and what was built before stands",
  })

// This machine

/** One program that is not there, and who needs it. */
export interface MissingTool {
  readonly name: string
  readonly debian: readonly string[]
  readonly neededBy: readonly string[]
  /** What there is of it in another version than those that will do: what it says of itself, and where it is. */
  readonly other?: string | undefined
}

export const missingToolsError = (missing: readonly MissingTool[], install: string): BuildError =>
  new BuildError({
    what:
      missing.length === 1
        ? `a tool is missing: ${tick(missing[0]?.name ?? "")}`
        : `${missing.length} tools are missing`,
    facts: missing.flatMap(({ name, neededBy, other }) => [
      [name, `needed by ${listed(neededBy, 4)}`] as const,
      ...(other === undefined ? [] : [["there is", `${other}, which will not do`] as const]),
    ]),
    help: `install with \`${install}\`, or let ${called("--yes")} do it`,
  })

export const installFailedError = (command: string, status: number | null): BuildError =>
  new BuildError({
    what: `${tick(command)} exited with ${status}`,
    help: "see what it said above; start again once it works by hand",
  })

export const noNamespacesError = (reason: string): BuildError =>
  new BuildError({
    what: "this kernel forbids user namespaces, which the sandbox is made of",
    facts: [["bwrap said", reason]],
    help: "as root, `sysctl kernel.unprivileged_userns_clone=1 kernel.apparmor_restrict_unprivileged_userns=0`; or build with `--sandbox=off`, which shares nothing with sandboxed results",
  })

export const readOnlyError = (path: string): BuildError =>
  new BuildError({
    what: `the workspace cannot be written to: ${tick(path)}`,
    help: "make it writable, or build in a copy of it",
  })

export const unreadableError = (path: string): BuildError =>
  new BuildError({
    what: `${tick(path)} cannot be read`,
    help: "let whoever builds read it, and enter the directories above it",
  })

export const inTheWayError = (path: string): BuildError =>
  new BuildError({
    what: `${tick(path)} cannot be made a directory`,
    help: "something that is no directory is there, or above it: move it away, and build again",
  })

export const misplacedError = (path: string, isDirectory: boolean): BuildError =>
  new BuildError({
    what: `${tick(path)} is ${isDirectory ? "a" : "no"} directory`,
    help: "hashmake keeps something of its own there: move it away, and build again",
  })

export const readOnlyStoreError = (path: string): BuildError =>
  new BuildError({
    what: `the store cannot be written to: ${tick(path)}`,
    help: "make it writable, or set `HASHMAKE_STORE` to another directory",
  })

export const longPathError = (path: string): BuildError =>
  new BuildError({
    what: "a path is too long for this system",
    facts: [["path", path]],
    help: "shorten it, or build in a directory nearer to `/`",
  })

export const notUtf8Error = (path: string): BuildError =>
  new BuildError({
    what: `${tick(path)} has a name that is not UTF-8`,
    help: "give it another name: hashmake knows files by their names as text",
  })

export const openFilesError = (): BuildError =>
  new BuildError({
    what: "too many files are open",
    help: "raise the limit (`ulimit -n`), or run less at once (`-j`)",
  })

export const processesError = (): BuildError =>
  new BuildError({
    what: "no more processes can be started",
    help: "end others, do less at once (`-j`), or raise the limit (`ulimit -u`)",
  })

export const noSpaceError = (path: string): BuildError =>
  new BuildError({
    what: "there is no space left",
    facts: [["while writing", path]],
    help: "make space, and build again: what is finished is kept",
  })

export const newerStoreError = (path: string, found: number, ours: number): BuildError =>
  new BuildError({
    what: "the store was made by a newer hashmake",
    where: path,
    facts: [
      ["expected", `version ${ours}`],
      ["actual", `version ${found}`],
    ],
    help: "update hashmake, or set `HASHMAKE_STORE` to another directory",
  })

export const newerJournalError = (path: string, found: number, ours: number): BuildError =>
  new BuildError({
    what: "the journal was written by a newer hashmake",
    where: path,
    facts: [
      ["expected", `version ${ours}`],
      ["actual", `version ${found}`],
    ],
    help: "update hashmake, or remove the file: everything will be checked again",
  })

export const damagedJournalNotice = (lines: number): Diagnostic => ({
  what: `the journal was damaged: ${lines === 1 ? "one line was" : `${lines} lines were`} passed over`,
  help: "nothing to do: what they said is being found out again",
})

export const damagedStoreNotice = (what: string, path: string): Diagnostic => ({
  what: `a ${what} in the store was damaged and has been dropped`,
  where: path,
  help: "nothing to do: it is made again when it is needed",
})

export const noSandboxNotice = (): Diagnostic => ({
  what: "building without a sandbox: undeclared reads are not noticed",
  help: "nothing of this build is shared with sandboxed ones",
})

export const endingNotice = (): Diagnostic => ({
  what: "waiting for what runs to end",
  help: "Ctrl-C once more ends the build at once",
})

export const noJobserverNotice = (): Diagnostic => ({
  what: "MAKEFLAGS names a jobserver that cannot be reached: this build keeps to its own number of slots",
  help: "begin the line of the recipe that starts it with `+`",
})

export const noFifoError = (path: string, how: string): BuildError =>
  new BuildError({ what: `no named pipe can be made at ${tick(path)}`, facts: [["mkfifo", how]] })

export const goesOnNotice = ({ name, where }: Target): Diagnostic => ({
  what: `${tick(name)} goes on where an earlier run ended`,
  where,
})

// Recipes and their sources, systems and machines

/** What has fields that a person wrote, and the file that it is in. */
export interface Holder {
  readonly kind: "recipe" | "system" | "machine"
  readonly name: string
  readonly where: string
}

export const heldFieldError = (
  { kind, name, where }: Holder,
  field: string,
  { expected, actual }: { readonly expected: string; readonly actual: string },
): BuildError =>
  new BuildError({
    what: `${kind} ${tick(name)} has no sound ${tick(field)}`,
    where,
    facts: [
      ["expected", expected],
      ["actual", actual],
    ],
    help: `write ${tick(field)} as expected`,
  })

/** `by`: the function that it is declared by. */
export const unknownHeldFieldError = (
  { kind, name, where }: Holder,
  { by, field, fields }: { readonly by: string; readonly field: string; readonly fields: readonly string[] },
): BuildError =>
  new BuildError({
    what: `${kind} ${tick(name)} is given ${tick(field)}, which ${tick(by)} does not have`,
    where,
    help: suggestion(field, fields, "leave it out"),
  })

export const unknownPhaseError = (
  recipe: string,
  where: string | undefined,
  phase: string,
  phases: readonly string[],
): BuildError =>
  new BuildError({
    what: `recipe ${tick(recipe)} has ${tick(phase)} among its phases, which is none`,
    where,
    facts: [["phases", phases.join(" ")]],
    help: suggestion(phase, phases, "name one of the phases"),
  })

export const unknownLicenseError = (
  recipe: string,
  where: string | undefined,
  license: string,
  known: readonly string[],
): BuildError =>
  new BuildError({
    what: `recipe ${tick(recipe)} has an unknown license ${tick(license)}`,
    where,
    help: suggestion(
      license,
      known,
      "use the identifier of the SPDX license list; new ones go into lib/linux/license.ts",
    ),
  })

export const unknownNeedError = (
  recipe: string,
  where: string | undefined,
  place: number,
  actual: string,
): BuildError =>
  new BuildError({
    what: `recipe ${tick(recipe)} needs something that is no recipe`,
    where,
    facts: [["needs", `entry ${place} is ${actual}`]],
    help: "import the recipe from its file in `pkg/`; two recipes that import each other are a cycle",
  })

/** `isUnanswered`: somebody could not be asked. */
export const downloadError = (
  name: string,
  tried: readonly (readonly [string, string])[],
  isUnanswered = true,
): BuildError =>
  new BuildError({
    what: `${tick(name)} could not be downloaded`,
    facts: tried,
    help: `${isUnanswered ? "check the network" : "correct the recipe's `source`"}, or put the file into a folder and name that in \`HASHMAKE_MIRRORS\``,
  })

export const wrongDigestNotice = (name: string, from: string): string =>
  `${from} gives another file than the recipe of ${name} names`

/** `others`: who else was asked, and why it is not from there. */
export const wrongDigestError = (
  name: string,
  { from, expected, actual, kept }: Readonly<Record<"from" | "expected" | "actual" | "kept", string>>,
  others: readonly (readonly [string, string])[] = [],
): BuildError =>
  new BuildError({
    what: `${tick(name)} is not the file that its recipe names`,
    facts: [["from", from], ["expected", expected], ["actual", actual], ["kept as", kept], ...others],
    help: "compare the two before you trust either",
  })

// Looking after the store

export const collectingError = (pid: number): BuildError =>
  new BuildError({
    what: `process ${pid} is looking after this store already`,
    help: "wait until it has ended",
  })

export const busyEngineError = (pid: number, command: string): BuildError =>
  new BuildError({
    what: `process ${pid}, which builds with this store, does not say what it uses`,
    facts: [["command", command === "" ? "(unknown)" : command]],
    help: "nothing was removed; if that process is stopped, let it go on (`fg`) or end it, then try again",
  })

const wholes: Readonly<Record<string, string>> = {
  distclean: `${called("distclean")} removes all that builds left; ${called("clean NAME")} what one target did`,
  gc: `${called("gc")} looks after the whole store; ${called("help")} shows its options`,
  verify: `${called("verify")} looks after the whole store; ${called("help")} shows its options`,
}

export const noWordsError = (command: string, words: readonly string[], most: number): BuildError =>
  new BuildError({
    what: `${tick(command)} takes ${most === 0 ? "no names" : "one name"}`,
    facts: [["typed", words.join(" ")]],
    help: wholes[command] ?? `leave out ${listed(words.slice(most).map(tick))}`,
  })

export const noSessionError = (words: readonly string[]): BuildError =>
  new BuildError({
    what: "what stands after `--` is for the program of a session, and none was asked for",
    facts: [["typed", words.join(" ")]],
    help: "leave it out, or name a target that starts one",
  })

export const environmentValueError = (name: string, value: string, expected: string): BuildError =>
  new BuildError({
    what: `the environment variable ${tick(name)} cannot be ${tick(value)}`,
    facts: [["expected", expected]],
    help: `correct it, or unset it: \`env -u ${name} ${commandName} …\``,
  })

const repairing = (isRepair: boolean): string =>
  isRepair
    ? "it was removed: the next build that needs it makes it anew"
    : `${called("verify --repair")} removes it, and the next build that needs it makes it anew`

export const damagedBlob = (path: string, expected: string, actual: string, isRepair: boolean): Diagnostic => ({
  what: "a blob in the store is not what its name says",
  where: path,
  facts: [
    ["expected", expected],
    ["actual", actual],
  ],
  help: repairing(isRepair),
})

export const damagedRecord = (what: string, path: string, isRepair: boolean): Diagnostic => ({
  what: `a ${what} in the store is not what was written`,
  where: path,
  help: repairing(isRepair),
})

export const damagedCheckout = (path: string, isRepair: boolean): Diagnostic => ({
  what: "a file of a checkout in the store is not the blob that it should be",
  where: path,
  help: repairing(isRepair),
})

export const lostContents = (what: string, path: string, lost: readonly string[], isRepair: boolean): Diagnostic => ({
  what: `a ${what} in the store names what is not there`,
  where: path,
  facts: [["missing", listed(lost, 3)]],
  help: repairing(isRepair),
})

export const damagedOutput = (
  target: string,
  path: string,
  expected: string,
  actual: string,
  isRepair: boolean,
): Diagnostic => ({
  what: `${tick(path)} is not what ${tick(target)} gave, though its size and times are as they were`,
  where: path,
  facts: [
    ["expected", expected],
    ["actual", actual],
  ],
  help: isRepair
    ? "the next build brings it back"
    : `${called("verify --repair")} has the next build bring it back; or remove it, and build`,
})
