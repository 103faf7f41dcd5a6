// Recipes are data in a fixed order: linted as such.

import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import buildfile from "../Buildfile.ts"
import { commandOf } from "../lib/exec/order.ts"
import { valuesOf } from "../lib/graph/buildfile.ts"
import { graphOf } from "../lib/graph/graph.ts"
import { Builds, configs } from "../lib/linux/mod.ts"
import { evaluate } from "../lib/load/load.ts"
import { foundation, recipes } from "../pkg/all.ts"
import { machines } from "../sysdeps/all.ts"

const root = join(import.meta.dirname, "..")
const files = readdirSync(join(root, "pkg")).filter((name) => name.endsWith(".ts") && name !== "all.ts")

// The order in which a recipe's fields are written; a style's own fields come last.
const order = [
  "name",
  "version",
  "about",
  "license",
  "licenseText",
  "source",
  "patches",
  "tools",
  "needs",
  "wants",
  "isFoundation",
  "isInit",
  "lto",
  "flags",
  "modes",
  "without",
  "givesWay",
  "seconds",
]

test("every recipe is in pkg/all.ts under its own name", () => {
  expect(
    Object.values(recipes)
      .map(({ name }) => `${name}.ts`)
      .sort(),
  ).toEqual(files.sort())
  for (const [name, recipe] of Object.entries(recipes)) expect(recipe.name).toBe(name)
})

test.each(files)("%s: fields in order, lists sorted, a short description", (name) => {
  const text = readFileSync(join(root, "pkg", name), "utf8")
  const fields = [...text.matchAll(/^ {2}([A-Za-z]+)(?::|,$)/gm)]
    .map(([, field = ""]) => field)
    .filter((field) => order.includes(field))
  expect(fields).toEqual([...fields].sort((a, b) => order.indexOf(a) - order.indexOf(b)))
  for (const [, list = ""] of text.matchAll(/^ {2}(?:tools|needs): \[([^\]]*)\]/gm)) {
    const names = list.split(/,\s*/).filter(Boolean)
    expect(names).toEqual([...names].sort())
  }
  const recipe = Object.values(recipes).find((one) => `${one.name}.ts` === name)
  expect(recipe?.about).toMatch(/^[a-z0-9].{5,80}[^.]$/i)
})

test.each(files)("%s: what is unusual says why", (name) => {
  const lines = readFileSync(join(root, "pkg", name), "utf8").split("\n")
  lines.forEach((line, i) => {
    if (/^ {2}(lto: false|flags:)/.test(line)) expect(lines[i - 1], `${name}:${i + 1}`).toMatch(/^ {2}\/\//)
  })
  expect(lines.length).toBeLessThan(70)
})

// What is compiled, but has no tests of its own.
const untested = {
  "busybox-commands": "links to busybox, whose tests try the commands",
  llvm: "each stage's compiles the next stage; its own tests take longer than it does",
}

test("every package that is compiled has tests, or says why not", () => {
  const without = Object.values(recipes).filter(({ style }) => style.usesToolchain && style.check === undefined)
  expect(without.map(({ name }) => name).sort()).toEqual(Object.keys(untested).sort())
})

test("every patch that a recipe names is there, and every patch there is named", () => {
  const named = Object.values(recipes).flatMap(({ source }) => source?.patches ?? [])
  for (const path of named) expect(existsSync(join(root, path))).toBe(true)
  const there = readdirSync(join(root, "pkg"), { recursive: true, encoding: "utf8" }).filter((path) =>
    path.endsWith(".patch"),
  )
  expect(there.map((path) => `pkg/${path}`).filter((path) => !named.includes(path))).toEqual([])
})

test("what a package gives way to is a package", () => {
  for (const { name, givesWay } of Object.values(recipes))
    for (const other of Object.keys(givesWay)) expect(Object.keys(recipes), `${name} and ${other}`).toContain(other)
})

test("every source can be had from somewhere that this project can try", () => {
  for (const { name, source } of Object.values(recipes)) {
    if (source !== undefined)
      expect(
        source.locations.some(({ kind }) => kind === "debian"),
        name,
      ).toBe(true)
  }
})

test.each(machines)("openssl has assembler for $triple", (machine) => {
  const made = new Builds(machine, "Release", foundation).package(recipes.openssl)
  const shells = commandOf(made).steps.flatMap((step) => (step.does === "shell" ? [step.script] : []))
  expect(shells.join("\n")).toMatch(/\/Configure linux(?!\S*-generic)/)
})

test.each(configs)("the graph of the system is sound in %s", (CONFIG) => {
  const reads = evaluate(buildfile, valuesOf(buildfile.variables, { CONFIG }), root)
  const { targets } = graphOf([...new Set(Object.values(reads))])
  expect(targets.length).toBeGreaterThan(40)
})

test("make is a client of the jobserver where a package is built, and there alone; no recipe says `-j` to it", () => {
  const targets = Object.values(evaluate(buildfile, valuesOf(buildfile.variables, {}), root))
  const makes = graphOf([...new Set(targets)]).targets.filter(({ action }) => action?.terms.jobserver !== undefined)
  expect(makes.length).toBeGreaterThan(20)
  for (const target of makes) {
    for (const step of commandOf(target).steps) {
      if (step.does !== "shell") continue
      expect(step.script, target.name).not.toMatch(/\bmake\b.*-j/)
      expect(step.script.startsWith("unset MAKEFLAGS\n"), `${target.name}: ${step.label}`).toBe(step.label !== "build")
    }
  }
})
