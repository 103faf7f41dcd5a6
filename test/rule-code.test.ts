// A function rule is keyed by the code of its module and of everything that this imports, however the import is written.

import { execFileSync } from "node:child_process"
import { mkdirSync, symlinkSync } from "node:fs"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { expect, test } from "vitest"
import { target } from "../lib/mod.ts"
import { Rig } from "./rig.ts"

/** A target whose rule is in `rules/rule.js`; it runs whenever the key has changed. */
function ruled(rig: Rig) {
  const call = async (_: object, { to }: { to: string }) => rig.write("ran", to)
  return target({
    name: "ruled",
    outputs: { to: "out/to" },
    module: pathToFileURL(rig.path("rules/rule.js")).href,
    call: async (inputs, outputs) => {
      await call(inputs, outputs)
      const { writeFileSync } = await import("node:fs")
      writeFileSync(outputs.to, "")
    },
  })
}

const imports = [
  'import { x } from "./other.js"',
  'import "./other.js"',
  "import x, { y } from './other.js'",
  'import * as x from "./other.js"',
  'import {\n  x,\n  y,\n} from "./other.js"',
  'export * from "./other.js"',
  'export { x as default } from "./other.js"',
  'import{x}from"./other.js";',
  'const a = 1; import { x } from "./other.js"',
  '/* why */ import { x } from "./other.js"',
  'const x = await import("./other.js")',
  "const x = await import ( './other.js' )",
  'import x from "./other.js" with { type: "json" }',
  'import { x } from "../rules/other.js"',
]

test("a module's code counts, and that of what it imports, in every way of writing an import", async () => {
  for (const line of imports) {
    const rig = new Rig()
    rig.write("rules/rule.js", `${line}\n`)
    rig.write("rules/other.js", 'import "./third.js"\n')
    rig.write("rules/third.js", "1\n")
    expect((await rig.build([ruled(rig)])).ran, line).toEqual(["ruled"])
    expect((await rig.build([ruled(rig)])).ran, line).toEqual([])
    for (const path of ["rules/rule.js", "rules/other.js", "rules/third.js"]) {
      rig.write(path, `${rig.read(path)}// edited\n`)
      expect((await rig.build([ruled(rig)])).ran, `${line}: ${path}`).toEqual(["ruled"])
    }
  }
})

test("what ran may be older code than a module that was edited since: no other process takes that result for its own", async () => {
  const rig = new Rig()
  rig.write("rules/rule.js", 'import "./other.js"\n')
  rig.write("rules/other.js", "1\n")
  const script = `
    import { createEngine, target } from ${JSON.stringify(join(import.meta.dirname, "../lib/mod.ts"))}
    import { writeFileSync } from "node:fs"
    const [edited] = process.argv.slice(2)
    const slow = target({ outputs: { to: "out/slow" }, module: "file:///none.js", call: async (_, { to }) => {
      if (edited !== undefined) writeFileSync(edited, "2\\n")
      writeFileSync(to, "")
    } })
    const ruled = target({
      after: edited === undefined ? [] : [slow],
      outputs: { to: "out/to" },
      module: new URL("rules/rule.js", "file://" + process.cwd() + "/").href,
      call: async (_, { to }) => writeFileSync(to, ""),
    })
    const { counts } = await createEngine({ root: process.cwd(), store: ${JSON.stringify(rig.store)} }).build([ruled]).result
    console.log(counts.built)`
  rig.write("build.mts", script)
  const build = (...edited: readonly string[]) =>
    execFileSync(process.execPath, ["build.mts", ...edited], { cwd: rig.root, encoding: "utf8" }).trim()
  expect([build(), build()]).toEqual(["1", "0"])
  expect(build(rig.path("rules/other.js"))).toBe("2")
  expect([build(), build()]).toEqual(["1", "0"])
})

test("an import of something that is not there is no reason to end with a stack", async () => {
  const rig = new Rig()
  rig.write(
    "rules/rule.js",
    'import "./gone.js"\nimport "absent-package"\nimport "#absent"\nimport "/absent.js"\n// import "./x.js"\n',
  )
  expect((await rig.build([ruled(rig)])).ran).toEqual(["ruled"])
  rig.write("rules/gone.js", "")
  expect((await rig.build([ruled(rig)])).ran).toEqual(["ruled"])
})

test("a package from npm counts by its version", async () => {
  const rig = new Rig()
  rig.write("rules/rule.js", 'import "thing"\n')
  rig.write("node_modules/thing/package.json", '{ "name": "thing", "version": "1.0.0", "main": "main.js" }')
  rig.write("node_modules/thing/main.js", "1\n")
  await rig.build([ruled(rig)])
  expect((await rig.build([ruled(rig)])).ran).toEqual([])
  rig.write("node_modules/thing/package.json", '{ "name": "thing", "version": "1.0.1", "main": "main.js" }')
  expect((await rig.build([ruled(rig)])).ran).toEqual(["ruled"])
})

test("a package that is linked from the workspace counts by its code", async () => {
  const rig = new Rig()
  rig.write("rules/rule.js", 'import "thing"\n')
  rig.write("packages/thing/package.json", '{ "name": "thing", "version": "0.0.0", "main": "main.js" }')
  rig.write("packages/thing/main.js", "1\n")
  mkdirSync(rig.path("node_modules"))
  symlinkSync("../packages/thing", rig.path("node_modules/thing"))
  await rig.build([ruled(rig)])
  rig.write("packages/thing/main.js", "2\n")
  expect((await rig.build([ruled(rig)])).ran).toEqual(["ruled"])
})
