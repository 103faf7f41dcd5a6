// Started by faults.test.ts where few files can be open: many actions at once, one that reads many files, and a wide tree.

import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { build } from "../../lib/exec/engine.ts"
import { BuildError, group, renderDiagnostic, shell, source, target, tool, tree } from "../../lib/mod.ts"

const [root = "", store = "", sandbox = ""] = process.argv.slice(2)
const coreutils = tool({ name: "coreutils", programs: ["cat", "touch"] })
const numbers = Array.from({ length: 40 }, (_, i) => i)
mkdirSync(join(root, "src"), { recursive: true })
for (const i of numbers) writeFileSync(join(root, "src", String(i)), `${i}`)
const actions = numbers.map((i) =>
  target({
    name: `wide${i}`,
    inputs: { from: source(`src/${i}`) },
    outputs: { to: `out/${i}` },
    tools: [coreutils],
    run: ({ from }, { to }) => shell(`cat ${from} >${to}`),
  }),
)
const all = target({
  name: "all",
  inputs: { from: numbers.map((i) => source(`src/${i}`)) },
  outputs: { tree: tree("out/tree") },
  tools: [coreutils],
  run: ({ from }, { tree }) =>
    shell(`cat ${from.join(" ")} >${tree}/all; for i in ${numbers.join(" ")}; do echo $i >${tree}/$i; done`),
})
try {
  const wanted = [group("both", [...actions, all])]
  const { outcome, failures } = await build(wanted, {
    root,
    store,
    slots: 40,
    sandbox: sandbox === "off" ? "off" : "bwrap",
  })
  const said = failures.map(({ diagnostic }) => renderDiagnostic(diagnostic))
  console.log(said[0] ?? outcome)
} catch (thrown) {
  if (!(thrown instanceof BuildError)) throw thrown
  console.log(renderDiagnostic(thrown.diagnostic))
}
