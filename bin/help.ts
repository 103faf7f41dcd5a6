// What `help` and `list` show.

import { commandName } from "../lib/base/command-name.ts"
import type { Buildfile, Targets } from "../lib/graph/buildfile.ts"
import { options } from "./options.ts"

/** Words that are no targets. */
export const commandWords: readonly (readonly [string, string])[] = [
  ["list", "every target, with what it is"],
  ["query QUESTION NAME …", "what a target needs, what needs it, by which way, what it reads and writes; alone: more"],
  ["graph [TARGET …]", "a picture of targets and what they need (--format, --output)"],
  ["compile-commands", "write compile_commands.json, from which editors know how files are compiled"],
  ["explain TARGET", "why a target and what it needs would run, as differences of manifests"],
  ["log TARGET", "the log of its last run"],
  ["shell TARGET", "a shell where its action runs, with its inputs, tools and environment"],
  ["clean [TARGET …]", "remove what targets left in the workspace (also clean-TARGET); the store keeps it"],
  ["distclean", "remove everything that builds left in the workspace"],
  ["gc", "free what no checkout needs of the store, oldest first (--max-size, --older-than, --dry-run)"],
  ["verify", "read everything in the store, and what was built here, against its digest (--repair)"],
  ["doctor", "what this machine lacks, and what needs it"],
  ["completion SHELL", "a script by which bash, zsh or fish completes all of these"],
  ["help", "this"],
]

const table = (rows: readonly (readonly [string, string, ...unknown[]])[]): string => {
  const width = Math.max(...rows.map(([name]) => name.length))
  return rows.map(([name, about]) => `  ${name.padEnd(width)}  ${about}`.trimEnd()).join("\n")
}

const packagesIn = (targets: Targets): readonly string[] =>
  Object.keys(targets).filter((name) => Object.hasOwn(targets, `install-${name}`))

/** The targets that are not one of the three that every package has. */
function general(targets: Targets): readonly (readonly [string, string])[] {
  const packages = packagesIn(targets)
  const isPackages = (name: string) => packages.includes(name.replace(/^(install|check)-/, ""))
  return Object.entries(targets).flatMap(([name, { about }]) =>
    name === "default" || isPackages(name) ? [] : [[name, about] as const],
  )
}

const perPackage: readonly (readonly [string, string])[] = [
  ["PACKAGE", "build a package"],
  ["install-PACKAGE", "put its runtime files, and what it needs, into out/"],
  ["check-PACKAGE", "run its own tests, where it has some"],
]

export function helpText(buildfile: Buildfile, targets: Targets): string {
  const variables = Object.entries(buildfile.variables).map(
    ([name, { about, default: standard, values }]) =>
      [
        `${name}=${standard.includes(" ") ? `"${standard}"` : standard}`,
        `${about}${values !== undefined && values.length > 1 && values.length < 8 ? `: ${values.join(", ")}` : ""}`,
      ] as const,
  )
  const packages = packagesIn(targets)
  const parts = [
    `usage: ${commandName} [option …] [VARIABLE=value …] TARGET …`,
    `targets:\n${table([...general(targets), ...(packages.length > 0 ? perPackage : [])])}`,
    packages.length > 0 ? `packages:\n  ${packages.join(" ")}` : "",
    `commands:\n${table(commandWords)}`,
    `variables, with their defaults:\n${table([...variables, ["JOBS=n", "as -j"]])}`,
    `options:\n${table(options)}`,
  ]
  return parts.filter(Boolean).join("\n\n")
}

export const listText = (targets: Targets): string =>
  table(Object.entries(targets).map(([name, { about }]) => [name, about]))
