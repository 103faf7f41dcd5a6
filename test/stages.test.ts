// The stages of the bootstrap: what their actions name, and what they are not told. Stage 1's libraries are built and used for real.

import { join } from "node:path"
import { expect, test } from "vitest"
import buildfile from "../Buildfile.ts"
import type { Digest } from "../lib/base/digest.ts"
import { type Machinery, manifestFor } from "../lib/exec/machinery.ts"
import { commandOf } from "../lib/exec/order.ts"
import { valuesOf } from "../lib/graph/buildfile.ts"
import { checkRoots, eachInput, graphOf, outputsOf } from "../lib/graph/graph.ts"
import { type Input, rootOf } from "../lib/graph/target.ts"
import { Builds, custom, marksOf, type Setting, stagesOf, tools } from "../lib/linux/mod.ts"
import { baseTools } from "../lib/linux/tools.ts"
import { evaluate } from "../lib/load/load.ts"
import { type Command, copy, type Target, target, tree } from "../lib/mod.ts"
import { storeDirectory } from "../lib/store/directory.ts"
import { recipes, stageParts } from "../pkg/all.ts"
import { baseSystem } from "../pkg/base/system.ts"
import libcxx from "../pkg/libcxx.ts"
import llvm from "../pkg/llvm.ts"
import armv7 from "../sysdeps/armv7-linux-musleabihf.ts"
import native from "../sysdeps/x86_64-linux-musl.ts"
import { expectGolden } from "./golden.ts"
import { Rig, thrownBy } from "./rig.ts"
import { bringPatches } from "./small-system.ts"

const root = join(import.meta.dirname, "..")
const targets = (variables: Readonly<Record<string, string>> = {}) =>
  evaluate(buildfile, valuesOf(buildfile.variables, variables), root)

const needed = (...wanted: readonly (Target | undefined)[]): readonly Target[] =>
  graphOf(wanted.filter((target) => target !== undefined)).targets
const toolNames = ({ action }: Target) => (action?.tools ?? []).map(({ name }) => name)
const inputNames = ({ action }: Target) =>
  eachInput(action?.inputs ?? {}).flatMap(({ input }) => outputsOf(input).map(({ target }) => target.name))
const scripts = ({ steps, environment }: Command): string =>
  [...steps.map((step) => JSON.stringify(step)), JSON.stringify(environment)].join("\n")

/** The manifest of a target's action, with tools and inputs of no content. */
function manifest(target: Target): string {
  const { action } = target
  if (action === undefined) throw new Error(`${target.name} has an action`)
  const digest = "0".repeat(64) as Digest
  const toolbox = { forAction: ({ tools }: typeof action) => tools.map(({ name }) => ({ name, identity: digest })) }
  const machinery = { toolbox, bwrap: "bwrap", modules: new Map() } as unknown as Machinery
  const contentsOf = (input: Input) => outputsOf(input).map(() => ({ form: "tree", digest, sizeBytes: 0 }) as const)
  const inputs = eachInput(action.inputs).map((named) => ({ ...named, contents: contentsOf(named.input) }))
  return manifestFor(machinery, target, action, { inputs, command: commandOf(target) })
}

/** The phases of the compiler, on a machine, emitting for the native one. */
function phasesOn(triple: string): string {
  const machine = { ...native, triple }
  const paths = { source: "/in/source", sysroot: "", tree: "/out/tree" }
  const setting: Setting = { ...paths, machine, emitsFor: native, config: "Release", flags: [], linkFlags: [] }
  return JSON.stringify(llvm.style.phases(setting))
}

const { stage1 } = targets()

test("only stage 1's compiler is linked with what the build machine has", () => {
  const seeing = (tool: string) => needed(stage1).filter((target) => toolNames(target).includes(tool))
  expect(seeing("host-libstdc++").map(({ name }) => name)).toEqual(["stage1/llvm"])
  // The kernel's own programs, which run in the middle of its build.
  expect(seeing("host-libc").map(({ name }) => name)).toEqual(["stage1/llvm", "stage1/linux-headers"])
})

test("stage 1's compiler needs none of the packages that it emits for, so no change of theirs builds it again", () => {
  const [compiler] = needed(stage1).filter(({ name }) => name === "stage1/llvm")
  if (compiler === undefined) throw new Error("stage 1 has a compiler")
  expect(inputNames(compiler)).toEqual(["source/llvm/unpack", "stage1/build-machine"])
  expect(compiler.action?.isResumable).toBe(true)
  expect(scripts(commandOf(compiler))).toContain(`-DLLVM_DEFAULT_TARGET_TRIPLE=${native.triple}'`)
})

test("the recipe of the compiler is not told which stage it is in, or whether it is a cross build", () => {
  const own = phasesOn(native.triple)
  const cross = phasesOn("x86_64-linux-gnu")
  expect(cross.replace("LLVM_HOST_TRIPLE=x86_64-linux-gnu", `LLVM_HOST_TRIPLE=${native.triple}`)).toBe(own)
  expect(own).not.toContain("stage")
})

test("what stage 1's compiler finds beside itself is what the build machine's clang makes for any machine", () => {
  const builds = new Builds(native, "Release", stageParts.foundation)
  for (const recipe of stageParts.beside) {
    const [mine] = needed(stage1).filter(({ name }) => name === `stage1/${recipe.name}`)
    const usual = builds.package(recipe)
    if (mine === undefined) throw new Error(`stage 1 has no ${recipe.name}`)
    expect(scripts(commandOf(mine))).toBe(scripts(commandOf(usual)))
    expect(toolNames(mine)).toEqual(toolNames(usual))
  }
})

test("with TOOLCHAIN=stage1 no package is compiled or linked by anything of the build machine", () => {
  const { rootfs } = targets({ TARGET: armv7.triple, TOOLCHAIN: "stage1" })
  const packages = needed(rootfs).filter(
    (target) => target.name.startsWith(`${armv7.triple}/`) && target.where?.startsWith("pkg/"),
  )
  expect(packages.length).toBeGreaterThan(10)
  for (const target of packages)
    expect(toolNames(target)).not.toEqual(expect.arrayContaining([expect.stringMatching(/^(clang|lld|llvm|host-.*)$/)]))
  const compiled = packages.filter((target) => inputNames(target).includes("stage1/llvm"))
  expect(compiled.map(({ name }) => name)).toEqual(
    expect.arrayContaining(["bash", "clang-headers", "linux", "musl"].map((name) => `${armv7.triple}/${name}`)),
  )
})

test("stage 2 names the compiler of stage 1, and no compiler, header or library of the build machine", () => {
  const { stage2 } = targets()
  const own = needed(stage2).filter(({ name }) => name.startsWith("stage2/"))
  expect(own.map(({ name }) => name)).toEqual(expect.arrayContaining(["stage2/llvm", "stage2/libcxx"]))
  for (const target of own)
    expect(toolNames(target)).not.toEqual(expect.arrayContaining([expect.stringMatching(/^(clang|lld|llvm|host-.*)$/)]))
  const [compiler] = own.filter(({ name }) => name === "stage2/llvm")
  if (compiler === undefined) throw new Error("stage 2 has a compiler")
  expect(inputNames(compiler)).toEqual(expect.arrayContaining(["stage1/llvm", "stage1/musl", "stage2/libcxx"]))
  // What is not written is what the machine that it runs on is called: all else is as in stage 1.
  const [first] = needed(stage2).filter(({ name }) => name === "stage1/llvm")
  const steps = (target: Target | undefined) => scripts({ steps: target === undefined ? [] : commandOf(target).steps })
  expect(steps(compiler)).toBe(steps(first).replaceAll("x86_64-linux-gnu", native.triple))
})

const stages = stagesOf({ native, parts: stageParts, base: baseSystem, sources: new Map() })
const actionsOf = (stage: keyof typeof stages) =>
  needed(stages[stage].all).filter(({ name, action }) => name.startsWith(`${stage}/`) && action !== undefined)

// What stage 3 brings itself, so that stage 4 can show whether it mattered whose it was.
const brought = [...baseSystem.providers.keys()].map(({ name }) => name)

test.each(["stage2", "stage3"] as const)(
  "no action of %s names a compiler, header or library of the build machine, and nothing of who builds it",
  (stage) => {
    const actions = actionsOf(stage)
    const marks = marksOf(root)
    expect(marks.length).toBeGreaterThan(1)
    expect(actions.length).toBeGreaterThan(7)
    for (const target of actions) {
      expect(brought).toEqual(expect.arrayContaining([...toolNames(target)]))
      expect(inputNames(target)).not.toEqual(expect.arrayContaining([expect.stringMatching(/build-machine$/)]))
      const text = manifest(target)
      expect(text).not.toMatch(/-linux-gnu|\/usr\/lib\/(gcc|llvm)/)
      expect(marks.filter(({ text: mark }) => text.includes(mark))).toEqual([])
    }
  },
)

test("another flag or patch of a package in the middle of stage 3 concerns it, and what uses what it gives", () => {
  const all = needed(stages.stage3.all)
  const usersOf = (name: string) => {
    const uses = (target: Target) => needed(target).some((need) => need.name === name)
    return all.filter((target) => target.name !== name && target.name !== "stage3" && uses(target))
  }
  const names = (targets: readonly Target[]) => targets.map(({ name }) => name).sort()
  const ofStage = (...packages: readonly string[]) => packages.map((name) => `stage3/${name}`)
  expect(names(usersOf("stage3/ncurses"))).toEqual(ofStage("bash", "complete", "python", "readline"))
  const readers = all.filter(({ action }) =>
    eachInput(action?.inputs ?? {}).some(({ input }) => input.kind === "source" && input.path === "pkg/bc/cross.patch"),
  )
  expect(names(readers)).toEqual(["source/bc/unpack"])
  expect(names(usersOf("source/bc/unpack"))).toEqual(ofStage("bc", "complete"))
})

test("stage 4 has the packages of stage 3, and its system is stage 3's with every package built again", () => {
  const { stage3, stage4 } = stages
  const names = ({ packages }: typeof stage3) => [...packages.keys()].map(({ name }) => name)
  expect(names(stage4)).toEqual(names(stage3))
  expect(names(stage3)).toEqual(expect.arrayContaining(["llvm", "musl", "bash", "make", "toybox"]))
  const from = (stage: typeof stage3) =>
    stage.system.trees.map(({ target }) => target.name.replace(/^stage\d/, "stage"))
  expect(from(stage4)).toEqual(from(stage3))
})

test("no action of stage 4 names anything of the build machine: its root is stage 3's system, its inputs are sources and stages", () => {
  const actions = actionsOf("stage4")
  const packages = [...stages.stage4.packages.keys()].map(({ name }) => `stage4/${name}`)
  const besides = ["stage4/complete", "stage4/toolchain", "stage4/toybox-rest"]
  expect(actions.map(({ name }) => name).sort()).toEqual([...packages, ...besides].sort())
  const marks = marksOf(root)
  for (const target of actions) {
    const text = manifest(target)
    expect(toolNames(target)).toEqual([])
    expect(text).not.toMatch(/^tool |-linux-gnu|\/usr\/lib\/(gcc|llvm)/m)
    expect(marks.filter(({ text: mark }) => text.includes(mark))).toEqual([])
    for (const name of inputNames(target)) expect(name).toMatch(/^(source\/.*\/unpack|stage[34]\/.*)$/)
    if (packages.includes(target.name)) expect(rootOf(target.action)).toBe(stages.stage3.system)
    // What is beside the packages is the engine's work, or looks at what they make.
    else if (!text.includes("\nsandbox engine\n")) expect(rootOf(target.action)).toBe(stages.stage4.system)
  }
  expect(() => checkRoots(graphOf([stages.stage4.all]))).not.toThrow()
})

test("what a package of stage 4 runs is what it runs in stage 3, but for its PATH", () => {
  const [before, after] = (["stage3", "stage4"] as const).map(
    (stage) => new Map(actionsOf(stage).map((target) => [target.name.replace(/^stage\d\//, ""), target])),
  )
  for (const [name, target] of after ?? []) {
    const other = before?.get(name)
    if (other === undefined) throw new Error(`stage 3 has no ${name}`)
    const inOne = (target: Target) => {
      const { steps, environment: { PATH, ...environment } = {} } = commandOf(target)
      return scripts({ steps, environment })
    }
    expect(inOne(target)).toBe(inOne(other))
  }
})

test("a tool that no package of stage 3 brings is an error when stage 4 is asked for, and nobody else's", async () => {
  const lacking = stagesOf({
    native,
    parts: { foundation: [], compiler: recipes.make, beside: [], libraries: new Map() },
    base: {
      recipes: [recipes.bison],
      providers: new Map([
        ...baseTools.map((tool) => [tool, [recipes.make]] as const),
        [tools.m4, [recipes.m4]],
        [tools.make, [recipes.make]],
      ]),
      absent: [],
    },
    sources: new Map(),
  })
  const rig = new Rig()
  expectGolden("stage-tool", await thrownBy(rig.build([lacking.stage4.all])))
  expect(() => checkRoots(graphOf([lacking.stage3.all]))).not.toThrow()
})

test("what a compiler of our own compiles for the build itself finds no library of the build machine", () => {
  const kernels = (variables: Readonly<Record<string, string>>) =>
    needed(targets({ TARGET: "all", ...variables }).rootfs).filter(({ name }) => name.endsWith("/linux"))
  const [host, own] = [kernels({}), kernels({ TOOLCHAIN: "stage1" })]
  expect(host.filter((kernel) => toolNames(kernel).includes("host-libelf")).map(({ name }) => name)).toEqual([
    `${native.triple}/linux`,
  ])
  for (const kernel of own) expect(toolNames(kernel).filter((name) => name.startsWith("host-"))).toEqual([])
  const [x86] = own.filter(({ name }) => name.startsWith("x86_64"))
  expect(inputNames(x86 as Target)).toEqual(expect.arrayContaining(["stage1/libelf", "stage1/zlib"]))
})

test("a package of which another brings a part is laid into the system without that", () => {
  const [rest] = needed(stages.stage3.all)
    .concat(needed(...stages.stage3.system.trees.map(({ target }) => target)))
    .filter(({ name }) => name === "stage3/toybox-rest")
  expect(inputNames(rest as Target)).toEqual(["stage3/toybox"])
  expect(
    JSON.stringify(
      rest?.action?.inputs.made && "without" in rest.action.inputs.made ? rest.action.inputs.made.without : [],
    ),
  ).toContain("usr/bin/grep")
})

test("a system with a compiler has clang's headers once: the compiler's own", () => {
  const { rootfs } = targets({ TARGET: native.triple, SYSTEM: "live" })
  const [rest] = needed(rootfs).filter(({ name }) => name === `${native.triple}/clang-headers-rest`)
  expect(rest?.action?.inputs.made).toMatchObject({ without: ["usr/lib/clang/19/include"] })
})

test("with TOOLCHAIN=host nothing waits for a stage", () => {
  const { rootfs } = targets({ TARGET: armv7.triple, TOOLCHAIN: "host" })
  expect(needed(rootfs).filter(({ name }) => name.startsWith("stage"))).toEqual([])
})

const shownBelow = (made: ReturnType<Builds["package"]>) =>
  target({
    name: "shown",
    inputs: { tree: made.outputs.tree },
    outputs: { shown: tree("shown") },
    run: ({ tree }, { shown }) => copy(tree, shown),
  })

const program = `#include <iostream>
#include <stdexcept>
int main() {
  try { throw std::runtime_error("thrown"); }
  catch (const std::exception &e) { std::cout << e.what() << ", and caught\\n"; }
}
`

test("a C++ program that is linked with stage 1's libraries runs", { timeout: 3_600_000 }, async () => {
  const caught = custom({
    name: "caught",
    version: "1",
    about: "throws and catches",
    license: "MIT",
    needs: [libcxx],
    phases: () => ({
      build: `cat >a.cc <<'END'\n${program}END\n$CXX $CXXFLAGS a.cc $LDFLAGS -o a`,
      install: './a >"$DESTDIR/said"; llvm-readelf --program-headers a >"$DESTDIR/headers"',
    }),
  })
  const rig = new Rig()
  bringPatches(rig)
  const made = new Builds(native, "Release", stageParts.foundation, { name: "stage1" }).package(caught)
  const store = storeDirectory(process.env)
  const { said, outcome } = await rig.build([made, shownBelow(made)], { store })
  expect(outcome, said.join("\n")).toBe("done")
  expect(rig.read("shown/said")).toBe("thrown, and caught\n")
  expect(rig.read("shown/headers")).not.toMatch(/INTERP|DYNAMIC/)
})
