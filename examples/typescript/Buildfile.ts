// A workspace of packages: each is checked and bundled by itself, against the types and the bundles of those that it uses.

import { buildfile, command, group, source, type Target, target, tool, tree } from "hashmake"
import { npmPackages } from "./npm.ts"

// Rolldown's native part needs one library more than Node does.
const node = tool({ name: "node", files: ["/usr/lib/*-linux-gnu/librt.so.1"], debian: ["nodejs"] })

interface Package {
  readonly check: Target<{ types: ReturnType<typeof tree> }>
  readonly bundle: Target<{ script: string }>
}

export default buildfile({}, (_, { files }) => {
  const npm = npmPackages("typescript", "rolldown").outputs.tree
  const config = source("tsconfig.json")

  const pack = (name: string, uses: readonly Package[] = []): Package => {
    const sources = files(`packages/${name}/{tsconfig.json,src/**/*.ts}`)
    const check = target({
      name: `check-${name}`,
      about: `@example/${name} is sound; its types`,
      inputs: { npm, config, sources, types: uses.map(({ check }) => check.outputs.types) },
      outputs: { types: tree(`out/${name}/types`) },
      tools: [node],
      run: ({ npm }, { types }) =>
        command("node", `${npm}/node_modules/typescript/bin/tsc`, "-p", `packages/${name}`, "--outDir", types),
    })
    const bundle = target({
      name,
      about: `@example/${name}, bundled with all that it uses`,
      inputs: { npm, config, sources, bundles: uses.map(({ bundle }) => bundle.outputs.script) },
      outputs: { script: `out/${name}/index.js` },
      tools: [node],
      run: ({ npm }, { script }) =>
        command(
          ...(["node", `${npm}/node_modules/rolldown/bin/cli.mjs`, `packages/${name}/src/index.ts`] as const),
          ...["--file", script, "--format", "esm", "--tsconfig", "tsconfig.json"],
        ),
    })
    return { check, bundle }
  }

  const numbers = pack("numbers")
  const table = pack("table")
  const report = pack("report", [numbers, table])
  const all = [numbers, table, report]

  const check = group(
    "check",
    all.map(({ check }) => check),
    "every package is sound",
  )
  return { default: report.bundle, report: report.bundle, numbers: numbers.bundle, table: table.bundle, check }
})
