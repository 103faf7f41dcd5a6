// The graphs as Buildfiles, as a person would write them: by globs.

import type { Project } from "./project.ts"

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

const compilerTool = (name: string, debian: string) => `
const compiler = tool({
  name: "${name}",
  programs: ["${name}", "as", "ld", "ar"],
  files: ["/usr/lib/gcc", "/usr/include", "/usr/lib/*-linux-gnu"],
  debian: ["${debian}", "binutils", "libc6-dev"],
})
`

const compile = (compiler: string, extension: string, flags: readonly string[]) => `
      inputs: { source },
      outputs: { object: source.path.replace("src/", "out/").replace(/${extension}$/, "o") },
      tools: [compiler],
      run: ({ source }, { object }) =>
        command(${[compiler, ...flags, "-MD", "-MF"].map((word) => JSON.stringify(word)).join(", ")}, \`\${object}.d\`, "-c", source, "-o", object).depfile(\`\${object}.d\`),`

/** Every C file below src compiled. */
export const compiles = (
  library: string,
): string => `${head(library, "buildfile, command, group, target, tool")}${compilerTool("cc", "gcc")}
export default buildfile({}, (_, { files }) => {
  const objects = files("src/**/*.c").map((source) =>
    target({${compile("cc", "c", ["-Iinclude"])}
    }),
  )
  return { all: group("all", objects) }
})
`

/** A real program: objects, a library, programs. */
export const project = (
  library: string,
  { name, compiler, extension, flags, libraries, mains }: Project,
): string => `${head(library, "buildfile, command, group, target, tool")}${compilerTool(compiler, compiler === "cc" ? "gcc" : "g++")}
const mains = ${JSON.stringify(mains)}

export default buildfile({}, (_, { files }) => {
  const sources = files("src/*.${extension}")
  const objectOf = (source: ReturnType<typeof files>[number]) =>
    target({${compile(compiler, extension, flags)}
    }).outputs.object
  const archive = target({
    inputs: { objects: sources.filter(({ stem }) => !mains.includes(stem)).map(objectOf) },
    outputs: { library: "out/lib${name}.a" },
    tools: [compiler],
    run: ({ objects }, { library }) => command("ar", "rcsD", library, ...objects),
  })
  const programs = sources.filter(({ stem }) => mains.includes(stem)).map((source) =>
    target({
      inputs: { main: objectOf(source), library: archive.outputs.library },
      outputs: { program: \`out/\${source.stem}\` },
      tools: [compiler],
      run: ({ main, library }, { program }) =>
        command(${[compiler, "-o"].map((word) => JSON.stringify(word)).join(", ")}, program, main, library${libraries.map((flag) => `, ${JSON.stringify(flag)}`).join("")}),
    }),
  )
  return { all: group("all", programs) }
})
`
