// hashmake inside a program in plain JavaScript.

import { BuildError, createEngine, eventRecord, renderDiagnostic, source, target, write } from "hashmake"
import project from "./Buildfile.ts"

const engine = createEngine({ root: import.meta.dirname, store: process.env.HASHMAKE_STORE })
const { all } = engine.load(project, { MODE: "release" })
const build = engine.build([all])
const types = []
for await (const event of build.events) types.push(eventRecord(event).type)
const { outcome, counts } = await build.result
const missing = target({ inputs: { a: source("none") }, outputs: { b: "out/b" }, run: (_, { b }) => write(b, "") })
const { failures } = await engine.build([missing]).result
let refused
try {
  engine.load(project, { MODE: "fast" })
} catch (thrown) {
  if (thrown instanceof BuildError) refused = renderDiagnostic(thrown.diagnostic)
}
const failed = failures.map(({ diagnostic }) => diagnostic.what)
console.log(JSON.stringify({ outcome, built: counts.built, ends: [types[0], types.at(-1)], failed, refused }))
