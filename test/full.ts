// Started where there is no space, or nothing can be written: builds something of 2 MB, or of as many bytes as are named,
// and prints what is said.

import { build } from "../lib/exec/engine.ts"
import { BuildError, renderDiagnostic, shell, target, tool } from "../lib/mod.ts"

const [root = "", store = "", bytes = "2000000"] = process.argv.slice(2)
const big = target({
  name: "big",
  outputs: { to: "out/big" },
  tools: [tool({ name: "coreutils", programs: ["head", "tr"] })],
  run: (_, { to }) => shell(`head -c ${bytes} /dev/zero | tr "\\0" x >${to}`),
})
try {
  const { failures } = await build([big], { root, store, slots: 1 })
  for (const { diagnostic } of failures) console.log(renderDiagnostic(diagnostic))
} catch (thrown) {
  if (!(thrown instanceof BuildError)) throw thrown
  console.log(renderDiagnostic(thrown.diagnostic))
}
