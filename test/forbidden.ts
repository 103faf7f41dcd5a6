// Started by errors.test.ts with a bubblewrap that is refused what it asks for.

import { checkSandbox } from "../lib/exec/sandbox.ts"
import { BuildError, renderDiagnostic } from "../lib/mod.ts"

try {
  await checkSandbox(process.argv[2] ?? "")
} catch (thrown) {
  if (!(thrown instanceof BuildError)) throw thrown
  console.log(renderDiagnostic(thrown.diagnostic))
}
