// Started by errors.test.ts where there is no space, or nothing can be written: builds something of 2 MB and prints what is said.

import { build } from "../lib/exec/engine.ts"
import { BuildError, renderDiagnostic, shell, target, tool } from "../lib/mod.ts"

const [root = "", store = ""] = process.argv.slice(2)
const big = target({
  name: "big",
  outputs: { to: "out/big" },
  tools: [tool({ name: "head", debian: ["coreutils"] })],
  run: (_, { to }) => shell(`head -c 2000000 /dev/zero >${to}`),
})
try {
  const { failures } = await build([big], { root, store, slots: 1 })
  for (const { diagnostic } of failures) console.log(renderDiagnostic(diagnostic))
} catch (thrown) {
  if (!(thrown instanceof BuildError)) throw thrown
  console.log(renderDiagnostic(thrown.diagnostic))
}
