// The graphs as Buildfiles, as a person would write them: by globs.

import * as door from "../lib/mod.ts"

/** Whether commands can say what they have read in a depfile. */
export const hasDepfiles = "depfile" in door.command("true")

const head = (library: string, names: string) => `import { ${names} } from ${JSON.stringify(library)}\n`

/** `program FROM TO` for every file below src. */
export const copies = (
  library: string,
  program: string,
): string => `${head(library, "buildfile, command, group, target, tool")}
const copier = tool({ name: ${JSON.stringify(program)}, debian: ["coreutils"] })

export default buildfile({}, (_, { files }) => {
  const copies = files("src/**/*.txt").map((source) =>
    target({
      inputs: { source },
      outputs: { copy: source.path.replace("src/", "out/") },
      tools: [copier],
      run: ({ source }, { copy }) => command(${JSON.stringify(program)}, source, copy),
    }),
  )
  return { all: group("all", copies) }
})
`

/** The same by the engine's own rule. */
export const builtinCopies = (library: string): string => `${head(library, "buildfile, copy, group, target")}
export default buildfile({}, (_, { files }) => {
  const copies = files("src/**/*.txt").map((source) =>
    target({
      inputs: { source },
      outputs: { to: source.path.replace("src/", "out/") },
      run: ({ source }, { to }) => copy(source, to),
    }),
  )
  return { all: group("all", copies) }
})
`

/** Every directory's files merged. */
export const packages = (library: string): string => `${head(library, "buildfile, command, group, target, tool")}
const sort = tool({ name: "sort", debian: ["coreutils"] })

export default buildfile({}, (_, { files }) => {
  const byDirectory = Map.groupBy(files("p/*/in*.txt"), ({ path }) => path.slice(0, path.lastIndexOf("/")))
  const merged = [...byDirectory].map(([directory, sources]) =>
    target({
      inputs: { sources },
      outputs: { merged: \`\${directory}/out.txt\` },
      tools: [sort],
      run: ({ sources }, { merged }) => command("sort", "-m", "-o", merged, ...sources),
    }),
  )
  return { all: group("all", merged) }
})
`

const compiler = `
const cc = tool({
  name: "cc",
  programs: ["cc", "as", "ld", "ar"],
  files: ["/usr/lib/gcc", "/usr/include", "/usr/lib/*-linux-gnu"],
  debian: ["gcc", "binutils", "libc6-dev"],
})
`

// Until commands have depfiles, all headers are inputs of every object, and the depfile an output.
const compile = (flags: readonly string[], headers: string) => {
  const argv = `"cc", ${flags.map((flag) => `${JSON.stringify(flag)}, `).join("")}"-MD", "-MF"`
  return hasDepfiles
    ? `
      inputs: { source },
      outputs: { object: source.path.replace("src/", "out/").replace(/c$/, "o") },
      tools: [cc],
      run: ({ source }, { object }) =>
        command(${argv}, \`\${object}.d\`, "-c", source, "-o", object).depfile(\`\${object}.d\`),`
    : `
      inputs: { source, headers: files("${headers}") },
      outputs: {
        object: source.path.replace("src/", "out/").replace(/c$/, "o"),
        depfile: source.path.replace("src/", "out/").replace(/c$/, "o.d"),
      },
      tools: [cc],
      run: ({ source }, { object, depfile }) => command(${argv}, depfile, "-c", source, "-o", object),`
}

/** Every C file below src compiled. */
export const compiles = (
  library: string,
): string => `${head(library, "buildfile, command, group, target, tool")}${compiler}
export default buildfile({}, (_, { files }) => {
  const objects = files("src/**/*.c").map((source) =>
    target({${compile(["-Iinclude"], "include/*.h")}
    }),
  )
  return { all: group("all", objects) }
})
`

/** Lua: objects, a library, two programs. */
export const lua = (
  library: string,
  flags: readonly string[],
): string => `${head(library, "buildfile, command, group, target, tool")}${compiler}
const mains = ["lua", "luac"]

export default buildfile({}, (_, { files }) => {
  const objectOf = (source: ReturnType<typeof files>[number]) =>
    target({${compile(flags, "src/*.h")}
    })
  const sources = files("src/*.c")
  const archive = target({
    inputs: { objects: sources.filter(({ stem }) => !mains.includes(stem)).map((one) => objectOf(one).outputs.object) },
    outputs: { library: "out/liblua.a" },
    tools: [cc],
    run: ({ objects }, { library }) => command("ar", "rcsD", library, ...objects),
  })
  const programs = sources.filter(({ stem }) => mains.includes(stem)).map((source) =>
    target({
      inputs: { main: objectOf(source).outputs.object, library: archive.outputs.library },
      outputs: { program: \`out/\${source.stem}\` },
      tools: [cc],
      run: ({ main, library }, { program }) => command("cc", "-o", program, main, library, "-lm"),
    }),
  )
  return { all: group("all", programs) }
})
`
