// What hashmake adds to the cost of compiling LLVM: `node bench/run.ts --llvm`. The build machine's clang makes a part of stage 1's
// compiler as the stage does, and once more by CMake and ninja as a person calls them, of the same source, with the same options.
// They take turns. The source as it was released is the third: what the patch of precompiled headers is worth.

import { readFileSync, writeFileSync } from "node:fs"
import { cpus } from "node:os"
import { join } from "node:path"
import { flagsOf } from "../lib/linux/recipe.ts"
import { archive, type Source } from "../lib/linux/source.ts"
import { storeDirectory } from "../lib/store/directory.ts"
import { compilerSource } from "../pkg/llvm/source.ts"
import llvm from "../pkg/llvm.ts"
import native from "../sysdeps/x86_64-linux-musl.ts"
import { checkout, removeCheckouts } from "../test/checkout.ts"
import { type Call, type Figures, measure, median } from "./measure.ts"
import { machine, recordSection } from "./report.ts"
import { fetchSource } from "./source.ts"

/** What is compiled of it, by the names of its build: a library with those that it is linked with, a tenth of the whole. */
const part = ["LLVMCore"]

const store = storeDirectory(process.env)
const jobs = cpus().length

/** One of the ways; `run` counts the runs. */
interface Way {
  readonly name: string
  call(run: number): Call
}

/** A copy of this checkout whose recipe says `part` for the whole. Each run is an action of its own. */
function byHashmake(copy: string): Way {
  const recipe = join(copy, "pkg/llvm.ts")
  const text = readFileSync(recipe, "utf8")
    .replace('build: ["distribution"]', `build: ${JSON.stringify(part)}`)
    .replace('install: ["install-distribution"]', `install: ["help"],\n  after: 'mkdir -p "$DESTDIR/usr"'`)
    .replace("resumable: true", "resumable: false")
  return {
    name: "hashmake",
    call(run) {
      writeFileSync(
        recipe,
        text.replace("CMAKE_SKIP_RPATH", `BENCHMARK: "${process.pid}-${run}",\n    CMAKE_SKIP_RPATH`),
      )
      const argv = [process.execPath, join(copy, "bin/build.ts"), "-q", `-j${jobs}`, "stage1/llvm"]
      return { argv, directory: copy, environment: { HASHMAKE_STORE: store } }
    },
  }
}

/** CMake and ninja themselves. */
async function byHand(name: string, from: Source, copy: string): Promise<Way> {
  const directory = name.replaceAll(/\W+/g, "-")
  await fetchSource(directory, from, copy)
  const build = join(copy, `${directory}-build`)
  const { compile, link } = flagsOf(llvm, "Release")
  const setting = {
    source: join(copy, directory),
    sysroot: "",
    tree: "",
    machine: { ...native, triple: "x86_64-linux-gnu" },
    emitsFor: native,
    config: "Release",
    flags: compile,
    linkFlags: link,
  } as const
  const configure = llvm.style.phases(setting).configure ?? ""
  const compilers = "-DCMAKE_C_COMPILER=clang-19 -DCMAKE_CXX_COMPILER=clang++-19"
  const script = `rm -rf ${build} && mkdir ${build} && cd ${build}
${configure.replace(/-DCMAKE_TOOLCHAIN_FILE=\S+/, compilers)}
ninja -j${jobs} ${part.join(" ")}`
  const flags = [...native.codegen, "-fno-pic", "-fno-pie", ...compile].join(" ")
  const environment = {
    CFLAGS: flags,
    CXXFLAGS: flags,
    LDFLAGS: ["-fuse-ld=lld", "-static", "-no-pie", ...link].join(" "),
  }
  return { name, call: () => ({ argv: ["sh", "-euc", script], directory: copy, environment }) }
}

/** Measures, prints, and keeps the figures in RESULTS.md if `isRecorded`. `scratch` has measure.c's program. */
export async function llvmFigures(scratch: string, repeat: number, isRecorded: boolean): Promise<void> {
  try {
    const copy = checkout()
    const ways = [
      byHashmake(copy),
      await byHand("CMake and ninja", compilerSource, copy),
      await byHand(
        "CMake and ninja, the source as released",
        archive(compilerSource.locations, { only: compilerSource.only }),
        copy,
      ),
    ]
    const figures = ways.map((): Figures[] => [])
    for (let run = 0; run < repeat; run++)
      for (const [at, way] of ways.entries()) {
        const taken = measure(way.call(run), scratch)
        figures[at]?.push(taken)
        console.error(`${way.name}: ${taken.cpuSeconds.toFixed(1)} s CPU`)
      }
    const lines = tableOf(ways, figures)
    console.log(lines)
    const command = `\`node bench/run.ts --llvm --repeat ${repeat} --record\``
    const date = new Date().toISOString().slice(0, 10)
    const what = `${part.join(" and ")} of stage 1's compiler, configured and compiled by Debian's clang 19 with ${jobs} jobs`
    if (isRecorded)
      recordSection(
        "A part of LLVM",
        `${command}: ${what}. Medians of ${repeat}, in turns. ${machine}, ${date}.\n\n${lines}`,
      )
  } finally {
    removeCheckouts()
  }
}

function tableOf(ways: readonly Way[], figures: readonly (readonly Figures[])[]): string {
  const of = (at: number, name: keyof Figures) => median((figures[at] ?? []).map((one) => one[name]))
  const plain = of(1, "cpuSeconds")
  const rows = ways.map(({ name }, at) => {
    const [cpu, wall] = [of(at, "cpuSeconds"), of(at, "wallSeconds")]
    const aim = at === 0 ? "at most 1.03" : ""
    return `| ${name} | ${wall.toFixed(1)} | ${cpu.toFixed(1)} | ${(cpu / plain).toFixed(3)} | ${aim} |`
  })
  return ["| built by | wall s | CPU s | CPU ÷ CMake and ninja | aim |", "|---|---:|---:|---:|---|", ...rows].join("\n")
}
