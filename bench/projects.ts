// Real programs that are compiled from their own sources: objects, a library of those that are nobody's main, and programs.

import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { debian, url } from "../lib/linux/location.ts"
import * as buildfiles from "./buildfiles.ts"
import { compileArgv, type Graph } from "./graphs.ts"
import type { Project } from "./project.ts"

const luaDigest = "164c7849653b80ae67bec4b7473b884bf5cc8d2dca05653475ec2ed27b9ebf61"
const ninjaDigest = "31747ae633213f1eda3842686f83c2aa1412e0f5691d1c14dbbcc67fe7400cea"

export const projects: readonly Project[] = [
  {
    name: "lua",
    locations: [url("https://www.lua.org/ftp/lua-5.4.4.tar.gz", luaDigest), debian("lua5.4", luaDigest)],
    compiler: "cc",
    extension: "c",
    flags: ["-std=gnu99", "-O2", "-Wall", "-Wextra", "-DLUA_COMPAT_5_3", "-DLUA_USE_POSIX"],
    libraries: ["-lm"],
    mains: ["lua", "luac"],
    besides: /^$/,
    edited: "src/lvm.c",
    edit: (round) => `\nextern const int lua_round${round};\nconst int lua_round${round} = 1;\n`,
  },
  {
    name: "ninja",
    locations: [
      url("https://github.com/ninja-build/ninja/archive/v1.11.1.tar.gz", ninjaDigest),
      debian("ninja-build", ninjaDigest),
    ],
    compiler: "c++",
    extension: "cc",
    flags: ["-std=c++11", "-O2", "-Wall", "-fno-rtti", "-fno-exceptions", "-DNDEBUG"],
    libraries: [],
    mains: ["ninja"],
    besides: /win32|_test\b|_perftest\b|_bench\b|^test\.|^getopt\.c|^browse\.cc$/,
    edited: "src/build.cc",
    edit: (round) => `\nextern const int ninja_round${round};\nconst int ninja_round${round} = 1;\n`,
  },
]

/** The graph of a project, from its unpacked source. */
export function projectGraph(project: Project, directory: string): Graph {
  const { name, compiler, extension, flags, libraries, mains, besides } = project
  const names = readdirSync(join(directory, "src"))
    .filter((file) => (file.endsWith(`.${extension}`) || file.endsWith(".h")) && !besides.test(file))
    .sort()
  const stems = names.flatMap((file) => (file.endsWith(".h") ? [] : [file.slice(0, -extension.length - 1)]))
  const object = (stem: string) => `out/${stem}.o`
  const library = `out/lib${name}.a`
  const own = stems.filter((stem) => !mains.includes(stem)).map(object)
  return {
    name,
    rules: {
      compile: { argv: compileArgv(compiler, flags), hasDepfile: true },
      archive: { argv: (objects, library) => ["ar", "rcsD", library, ...objects] },
      link: { argv: (files, program) => [compiler, "-o", program, ...files, ...libraries] },
    },
    sources: () => names.map((file) => [`src/${file}`, readFileSync(join(directory, "src", file), "utf8")] as const),
    actions: () => [
      ...stems.map((stem) => ({ rule: "compile", inputs: [`src/${stem}.${extension}`], output: object(stem) })),
      { rule: "archive", inputs: own, output: library },
      ...mains.map((stem) => ({ rule: "link", inputs: [object(stem), library], output: `out/${stem}` })),
    ],
    edited: project.edited,
    buildfile: (door) => buildfiles.project(door, project),
    isOfPackages: false,
  }
}
