// WebAssembly from C, file by file, with clang alone: there is no C library.

import { buildfile, command, target, tool } from "hashmake"

const clang = tool({ name: "clang", programs: { clang: ["clang-19", "clang"] }, debian: ["clang-19"] })
const lld = tool({ name: "wasm-ld", programs: { "wasm-ld": ["wasm-ld-19", "wasm-ld"] }, debian: ["lld-19"] })

export default buildfile({}, (_, { files }) => {
  const objects = files("src/*.c").map((source) =>
    target({
      inputs: { source },
      outputs: { object: `out/${source.stem}.o` },
      tools: [clang],
      run: ({ source }, { object }) =>
        command(
          "clang",
          ...["--target=wasm32", "-O2", "-Wall", "-Werror", "-nostdlib", "-ffreestanding"],
          ...["-MD", "-MF", `${object}.d`, "-c", source, "-o", object],
        ).depfile(`${object}.d`),
    }),
  )
  const wasm = target({
    about: "the module that the page loads",
    inputs: { objects: objects.map(({ outputs }) => outputs.object) },
    outputs: { module: "out/fractal.wasm" },
    tools: [lld],
    run: ({ objects }, { module }) => command("wasm-ld", "--no-entry", "--export-memory", ...objects, "-o", module),
  })
  return { default: wasm, wasm }
})
