// The published package. As many files as there are modules would be most of what a build with nothing to do costs: what that needs is one
// file, and what a build needs another. The types are tsc's (tsconfig.publish.json).

import { defineConfig } from "rolldown"

/** What is started, or imported by its name. */
const entries = ["bin/build", "bin/menuconfig", "bin/outdated", "lib/mod", "lib/linux/mod"]

export default defineConfig({
  input: Object.fromEntries(entries.map((path) => [path, `${path}.ts`])),
  platform: "node",
  // rolldown's own helpers are brought along.
  external: (name) => !/^[./]|^@oxc-project\/runtime/.test(name),
  output: {
    dir: "dist",
    format: "esm",
    cleanDir: true,
    entryFileNames: "[name].js",
    chunkFileNames: "lib/parts/[name].js",
    codeSplitting: {
      groups: [
        { name: "start", test: /\/bin\/main\.ts$/, priority: 2 },
        { name: "build", test: /\/lib\/exec\/engine\.ts$|\/bin\/(make|run)\.ts$|\/lib\/mod\.ts$/, priority: 1 },
      ],
    },
  },
})
