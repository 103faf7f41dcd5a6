// Lua, file by file: a generated header, an object of each source, an archive, two programs, and tests that run one of them.

import { buildfile, choice, command, group, type SourceFile, shell, source, target, text, write } from "hashmake"
import { tools } from "hashmake/linux"

const { clang, diffutils, hostLibraries, lld, llvmTools } = tools

const variables = {
  MODE: choice(["debug", "release"], "to be looked into, or fast"),
  PREFIX: text("/usr/local", "where Lua looks for modules"),
}
const flags = { debug: ["-O0", "-g", "-DLUA_USE_APICHECK"], release: ["-O2"] }

export default buildfile(variables, ({ MODE, PREFIX }, { files }) => {
  const out = `out/${MODE}`

  const config = target({
    about: "the generated header: where modules are looked for",
    outputs: { header: `${out}/config.h` },
    run: (_, { header }) => write(header, configOf(PREFIX)),
  })

  const compile = (source: SourceFile) =>
    target({
      inputs: { source, config: config.outputs.header },
      outputs: { object: `${out}/${source.stem}.o` },
      tools: [clang, hostLibraries],
      run: ({ source, config }, { object }) =>
        command(
          "clang",
          ...["-std=gnu99", "-Wall", "-DLUA_USE_POSIX", ...flags[MODE], "-include", config],
          ...["-MD", "-MF", `${object}.d`, "-c", source, "-o", object],
        ).depfile(`${object}.d`),
    }).outputs.object

  const mains = ["lua", "luac"]
  const library = target({
    about: "what both programs are made of",
    inputs: {
      objects: files("upstream/lua/src/*.c")
        .filter(({ stem }) => !mains.includes(stem))
        .map(compile),
    },
    outputs: { archive: `${out}/liblua.a` },
    tools: [llvmTools],
    run: ({ objects }, { archive }) => command("llvm-ar", "rcsD", archive, ...objects),
  })

  const program = (name: string, about: string) =>
    target({
      about,
      inputs: { object: compile(source(`upstream/lua/src/${name}.c`)), library: library.outputs.archive },
      outputs: { program: `${out}/${name}` },
      tools: [clang, lld, hostLibraries],
      run: ({ object, library }, { program }) =>
        command("clang", "-fuse-ld=lld", "-o", program, object, library, "-lm"),
    })
  const lua = program("lua", "the interpreter")
  const luac = program("luac", "the compiler to bytecode")

  const tests = files("test/*.lua").map((script) =>
    target({
      about: `what ${script.path} says is what it should say`,
      inputs: { lua: lua.outputs.program, script, expected: source(`test/${script.stem}.expected`) },
      outputs: { said: `${out}/test/${script.stem}.said` },
      tools: [diffutils, hostLibraries],
      run: ({ lua, script, expected }, { said }) =>
        shell(`${lua} ${script} >${said}\ndiff ${expected} ${said}`, `${script}`),
    }),
  )
  const test = group("test", tests, "every test")

  return { default: group("all", [lua, luac], "both programs"), lua, luac, test }
})

const configOf = (prefix: string): string => `
#define LUA_PATH_DEFAULT "${prefix}/share/lua/5.4/?.lua;./?.lua"
#define LUA_CPATH_DEFAULT "${prefix}/lib/lua/5.4/?.so;./?.so"
`
