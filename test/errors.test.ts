// Every error a user can run into, as it is shown. Each is brought about for real where a test can.

import { execFileSync, spawnSync } from "node:child_process"
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs"
import { join } from "node:path"
import { expect, test, vi } from "vitest"
import type { BuildOptions, EngineOptions } from "../lib/exec/engine.ts"
import { install } from "../lib/exec/install.ts"
import * as errors from "../lib/graph/errors.ts"
import { graphOf } from "../lib/graph/graph.ts"
import {
  archive,
  autotools,
  Builds,
  cmake,
  custom,
  debian,
  diskSizes,
  files,
  machine,
  networkVariables,
  plainMake,
  type Recipe,
  type RecipeFields,
  someMachines,
  system,
  url,
} from "../lib/linux/mod.ts"
import { evaluate } from "../lib/load/load.ts"
import {
  BuildError,
  buildfile,
  type Command,
  createEngine,
  group,
  layer,
  layers,
  renderDiagnostic,
  shell,
  source,
  type Target,
  target,
  tool,
  tree,
  write,
} from "../lib/mod.ts"
import { Store } from "../lib/store/store.ts"
import armv7 from "../sysdeps/armv7-linux-musleabihf.ts"
import { expectGolden } from "./golden.ts"
import { coreutils, Rig } from "./rig.ts"

/** What throws, as a person sees it. */
function thrown(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    if (error instanceof BuildError) return renderDiagnostic(error.diagnostic)
    throw error
  }
  throw new Error("nothing was thrown")
}

async function said(
  rig: Rig,
  wanted: readonly Target[],
  options: BuildOptions & Partial<EngineOptions> = {},
): Promise<string> {
  try {
    return (await rig.build(wanted, options)).said.join("\n\n")
  } catch (error) {
    if (error instanceof BuildError) return renderDiagnostic(error.diagnostic)
    throw error
  }
}

const does = (name: string, script: string, at = `out/${name}`) =>
  target({
    name,
    where: "Buildfile.ts:3",
    outputs: { to: at },
    tools: [coreutils],
    run: (_, { to }) => shell(script.replaceAll("TO", to)),
  })
const scrub = (rig: Rig) =>
  [
    [rig.root, "WORKSPACE"],
    [rig.store, "STORE"],
    [/action\.\d+\.\d+/g, "ACTION"],
  ] as const

test("a cycle", () => {
  const first: Target = { ...group("first", []), name: "first" }
  const second = group("second", [first])
  Object.assign(first, { members: [second] })
  expectGolden(
    "cycle",
    thrown(() => graphOf([first])),
  )
})

test("two targets of one name, or of one path", () => {
  expectGolden(
    "name-twice",
    thrown(() => graphOf([does("a", "", "x"), does("a", "", "y")])),
  )
  expectGolden(
    "path-twice",
    thrown(() => graphOf([does("a", "", "out/x"), does("b", "", "out/x")])),
  )
})

test("a source that a target makes, without needing that, or that is its own output", () => {
  const makes = (at: string, inputs = {}, after: readonly Target[] = []) =>
    target({ inputs, after, outputs: { to: at }, run: (_, { to }) => write(to, "") })
  const made = makes("gen/x")
  const use = (...after: readonly Target[]) => makes("out/y", { from: source("gen/x") }, after)
  expectGolden(
    "made-source",
    thrown(() => graphOf([made, use()])),
  )
  expectGolden(
    "own-source",
    thrown(() => graphOf([makes("gen/y", { from: source("gen/y") })])),
  )
  const whole = target({ name: "all", outputs: { to: tree("gen") }, run: (_, { to }) => write(`${to}/x`, "") })
  expect(thrown(() => graphOf([whole, use()]))).toContain("`out/y` reads `gen/x`, which another target makes")
  expect(() => graphOf([made, use(made)])).not.toThrow()
})

test("two targets without a name; what a Buildfile returns has one", async () => {
  const stored = (about = "") =>
    target({ about, outputs: { tree: tree() }, run: (_, { tree }) => write(`${tree}/x`, about) })
  expectGolden(
    "no-name",
    thrown(() => graphOf([stored(), stored("the second")])),
  )
  const rig = new Rig()
  const returned = evaluate(
    buildfile({}, () => {
      const [one, two] = [stored("1"), stored("2")]
      return { default: one, one, two }
    }),
    {},
    rig.root,
  )
  expect((await rig.build(Object.values(returned), { slots: 1 })).ran.toSorted()).toEqual(["one", "two"])
})

test("a path within an output of another, or none in the workspace", () => {
  expectGolden(
    "path-within",
    thrown(() => graphOf([does("a", "", "out/x/y"), does("b", "", "out/x")])),
  )
  const laid = target({ name: "laid", outputs: { to: layer("out/x/y") }, run: (_, { to }) => write(`${to}/z`, "") })
  for (const other of [does("a", "", "out/x"), does("a", "", "out/x/y")])
    for (const both of [
      [laid, other],
      [other, laid],
    ])
      expect(thrown(() => graphOf(both))).toMatch(/^error: `out\/x\/y` (lies within|is an output of two)/)
  const wrong = ["../x", "/x", "./x", "x/", "a//b", "a/../b", "", ".", "..", "a\0b", "\ud800"]
  expectGolden("path-form", wrong.map((path) => thrown(() => graphOf([does("a", "", path)]))).join("\n\n"))
  for (const path of wrong) expect(thrown(() => graphOf([reads(path)]))).toContain("none in the workspace")
  for (const path of ["a", "...", "a/.b", "a/..b/c.", ".hidden/x"])
    expect(graphOf([reads(path)]).targets).toHaveLength(1)
})

const reads = (path: string) =>
  target({ name: "reads", inputs: { from: source(path) }, outputs: { to: "out/to" }, run: () => shell(":") })

test("two trees that hold the same path, laid over each other or into one directory", async () => {
  const rig = new Rig()
  const holds = (name: string, path: string) =>
    target({
      name,
      where: `pkg/${name}.ts`,
      outputs: { tree: tree() },
      run: (_, { tree }) => write(`${tree}/${path}`, name),
    })
  const both = target({
    name: "rootfs",
    inputs: { all: layers([holds("bash", "usr/bin/sh").outputs.tree, holds("toybox", "usr/bin/sh").outputs.tree]) },
    outputs: { to: "out/x" },
    run: (_, { to }) => shell(`: ${to}`),
  })
  expectGolden("layers", await said(rig, [both]))
  const lays = (name: string) =>
    target({ name, outputs: { to: layer("out/root") }, run: (_, { to }) => write(`${to}/same`, name) })
  expect(await said(rig, [lays("one"), lays("two")], { slots: 1 })).toContain(
    "`out/root/same` is an output of two targets",
  )
})

test("a source file that is not there", async () => {
  const rig = new Rig()
  const reads = target({
    name: "app",
    where: "Buildfile.ts:9",
    inputs: { main: source("src/main.c") },
    outputs: { to: "out/app" },
    run: (_, { to }) => shell(`: >${to}`),
  })
  const told = [await said(rig, [reads])]
  mkdirSync(rig.path("src/main.c"), { recursive: true })
  told.push(await said(rig, [reads]))
  rmdirSync(rig.path("src/main.c"))
  symlinkSync("nowhere", rig.path("src/main.c"))
  told.push(await said(rig, [reads]))
  rmSync(rig.path("src/main.c"))
  symlinkSync("/dev/null", rig.path("src/main.c"))
  told.push(await said(rig, [reads]))
  expectGolden("missing-source", told.join("\n\n"))
})

test("a failing command", async () => {
  const rig = new Rig()
  const bad = does("bash", "echo compiling; echo 'error: undefined symbol'; exit 2")
  expectGolden("failed-action", await said(rig, [group("rootfs", [bad])]), scrub(rig))
})

test("a rule that writes nothing, too much, or what cannot be kept", async () => {
  const rig = new Rig()
  expectGolden("no-output", await said(rig, [does("bash", 'touch "$SCRATCH"/x')]), scrub(rig))
  const pipe = target({
    name: "bash",
    outputs: { to: "out/bash" },
    tools: [tool({ name: "mkfifo", debian: ["coreutils"] })],
    run: (_, { to }) => shell(`mkfifo ${to}`),
  })
  const others = [does("bash", "mkdir TO; touch TO/x"), does("bash", "ln -s x TO"), pipe]
  const file = (command: Command) => target({ name: "bash", outputs: { to: "out/bash" }, run: () => command })
  const builtin = [file(write("out/other", "")), file(write("out/bash/x", ""))]
  const trees = [target({ name: "bash", outputs: { to: tree("out/t") }, run: (_, { to }) => write(to, "") })]
  for (const sandbox of ["bwrap", "off"] as const) {
    const texts = []
    for (const one of [...others, ...builtin, ...trees]) {
      const { failures } = await rig.build([one], { sandbox })
      texts.push(...failures.map(({ diagnostic }) => renderDiagnostic(diagnostic)))
    }
    expectGolden("other-output", texts.join("\n\n"), scrub(rig))
    expect(existsSync(rig.path("out/bash"))).toBe(false)
  }
  expectGolden("extra-output", await said(rig, [does("bash", "touch TO out/more out/most")]), scrub(rig))
  const pipes = target({
    name: "pipes",
    outputs: { tree: tree() },
    tools: [tool({ name: "mkfifo", debian: ["coreutils"] })],
    run: (_, { tree }) => shell(`mkfifo ${tree}/pipe`),
  })
  expectGolden("strange-file", await said(rig, [pipes]), scrub(rig))
})

test("a depfile that is not there, or none; what is read of another target without needing it", async () => {
  const rig = new Rig()
  const reads = (script: string, after: readonly Target[] = []) =>
    target({
      name: "object",
      where: "Buildfile.ts:4",
      outputs: { to: "out/object" },
      after,
      run: (_, { to }) => shell(`: >${to}; ${script}`).depfile("out/object.d"),
    })
  expectGolden("no-depfile", await said(rig, [reads("true")]))
  expectGolden("bad-depfile", await said(rig, [reads("echo rubbish >out/object.d")]))
  const header = target({ outputs: { to: "gen/a.h" }, run: (_, { to }) => write(to, "1") })
  const undeclared = reads("echo 'out/object: gen/a.h' >out/object.d")
  expectGolden("undeclared-read", await said(rig, [header, undeclared]))
})

test("a file system that is full", async () => {
  const rig = new Rig()
  // A file system of 1 MB for the store, inside a user namespace of its own.
  const engine = join(import.meta.dirname, "full.ts")
  const command = `mkdir -p ${rig.store} && mount -t tmpfs -o size=1m none ${rig.store} && exec ${process.execPath} ${engine} ${rig.root} ${rig.store}`
  const { stdout, stderr } = spawnSync("unshare", ["--user", "--map-root-user", "--mount", "sh", "-c", command], {
    encoding: "utf8",
  })
  expectGolden("no-space", stdout + stderr, [
    [rig.root, "WORKSPACE"],
    [/\/\S*\/(blob|work|tree|result)\S*/g, "STORE/…"],
    [rig.store, "STORE"],
  ])
})

test("a file system that is full where the workspace lies", () => {
  const rig = new Rig()
  const command = `mount -t tmpfs -o size=64k none ${rig.root} && mkdir ${rig.root}/.hashmake; cat /dev/zero >${rig.root}/fill 2>/dev/null; exec ${process.execPath} ${join(import.meta.dirname, "full.ts")} ${rig.root} ${rig.store}`
  const { stdout, stderr } = spawnSync("unshare", ["--user", "--map-root-user", "--mount", "sh", "-c", command], {
    encoding: "utf8",
  })
  expectGolden("no-space-workspace", stdout + stderr, [
    [rig.root, "WORKSPACE"],
    [/lock\.\d+\.\d+\.new/g, "lock…"],
  ])
})

test("something else in the place of what is kept in the workspace or in the store", async () => {
  const told: string[] = []
  const odd: Record<string, (rig: Rig) => void> = {
    "a file .hashmake": (rig) => rig.write(".hashmake", ""),
    "a link .hashmake to nowhere": (rig) => symlinkSync("nowhere", rig.path(".hashmake")),
    "a directory .hashmake/journal": (rig) => mkdirSync(rig.path(".hashmake/journal"), { recursive: true }),
    "a directory .hashmake/lock": (rig) => mkdirSync(rig.path(".hashmake/lock"), { recursive: true }),
    "a file log": (rig) => rig.write("log", ""),
    "a directory log/a.txt": (rig) => mkdirSync(rig.path("log/a.txt"), { recursive: true }),
    "a file store": (rig) => writeFileSync(rig.store, ""),
    "a link store to nowhere": (rig) => symlinkSync("nowhere", rig.store),
    "a directory store/VERSION": (rig) => mkdirSync(join(rig.store, "VERSION"), { recursive: true }),
  }
  for (const [what, put] of Object.entries(odd)) {
    const rig = new Rig()
    put(rig)
    const text = await said(rig, [does("a", "touch TO")])
    told.push(`${what}\n${text.replaceAll(rig.root, "WORKSPACE").replaceAll(rig.store, "STORE")}\n`)
  }
  told.push(`a store in /proc\n${await said(new Rig(), [does("a", "touch TO")], { store: "/proc/nothing" })}`)
  expectGolden("misplaced", told.join("\n"))
})

test("a workspace that cannot be written to", async () => {
  const rig = new Rig()
  const command = `mount --bind ${rig.root} ${rig.root} && mount -o remount,bind,ro ${rig.root} && exec ${process.execPath} ${join(import.meta.dirname, "full.ts")} ${rig.root} ${rig.store}`
  const { stdout, stderr } = spawnSync("unshare", ["--user", "--map-root-user", "--mount", "sh", "-c", command], {
    encoding: "utf8",
  })
  expectGolden("read-only", stdout + stderr, [[rig.root, "WORKSPACE"]])
  expect(readdirSync(rig.root)).toEqual([])
})

test("a store or a journal of a newer version", async () => {
  const rig = new Rig()
  mkdirSync(rig.store)
  writeFileSync(join(rig.store, "VERSION"), "99\n")
  expectGolden("newer-store", await said(rig, [does("a", "touch TO")]), scrub(rig))
  const other = new Rig()
  other.write(".hashmake/journal", "hashmake journal 99\n")
  expectGolden("newer-journal", await said(other, [does("a", "touch TO")]), scrub(other))
})

test("a damaged journal, blob or result", async () => {
  const rig = new Rig()
  rig.write(".hashmake/journal", "hashmake journal 1\nrubbish\nmore\n")
  expectGolden("damaged-journal", await said(rig, [does("a", "touch TO")]))
  expectGolden("aside", renderDiagnostic(errors.asideNotice("docs", ".hashmake/aside-AbCdEf"), "note"))
  expectGolden("damaged-blob", renderDiagnostic(errors.damagedStoreNotice("blob", "STORE/blob/ab/cdef"), "note"))
  expect(new Store(rig.store).listing("0".repeat(64) as never)).toBeUndefined()
})

test("user namespaces that the kernel forbids, or has no room for", async () => {
  const rig = new Rig()
  const told = (refusal: string) => {
    rig.write("bin/bwrap", `#!/bin/sh\necho 'bwrap: ${refusal}' >&2; exit 1\n`)
    chmodSync(rig.path("bin/bwrap"), 0o755)
    const argv = [join(import.meta.dirname, "forbidden.ts"), rig.path("bin/bwrap")]
    return execFileSync(process.execPath, argv, { encoding: "utf8" })
  }
  expectGolden("no-namespaces", told("No permissions to create a new namespace"))
  const full = [
    "Creating new namespace failed: Resource temporarily unavailable",
    "Creating new namespace failed: Cannot allocate memory",
  ]
  for (const refusal of full) expect(told(refusal)).toMatch(/^error: no more processes can be started$/m)
})

test("a source that never stays the same while it is read, and a build without a sandbox", async () => {
  const rig = new Rig()
  rig.write("in", "")
  const restless = target({
    inputs: { from: source("in") },
    outputs: { to: "out/restless" },
    module: import.meta.url,
    call: async (_, { to }) => {
      writeFileSync(to, "")
      appendFileSync(rig.path("in"), "more")
    },
  })
  expectGolden("unstable-input", await said(rig, [restless], { sandbox: "off" }), scrub(rig))
})

test("a package manager that fails", async () => {
  const rig = new Rig()
  for (const [name, lines] of [
    ["apt-get", "exit 100"],
    ["sudo", 'exec "$@"'],
  ] as const) {
    rig.write(`bin/${name}`, `#!/bin/sh\n${lines}\n`)
    chmodSync(rig.path(`bin/${name}`), 0o755)
  }
  vi.stubEnv("PATH", `${rig.path("bin")}:${process.env.PATH}`)
  const failed = await install([{ name: "flex", debian: ["flex"], neededBy: [] }]).catch((error: BuildError) => error)
  vi.unstubAllEnvs()
  expectGolden("install-failed", renderDiagnostic((failed as BuildError).diagnostic), [["sudo ", ""]])
})

test("tools that are missing", () => {
  const missing = [
    { name: "clang", debian: ["clang-19"], neededBy: ["armv7/musl", "armv7/bash"] },
    { name: "flex", debian: ["flex"], neededBy: ["armv7/linux"] },
  ]
  expectGolden(
    "missing-tools",
    renderDiagnostic(errors.missingToolsError(missing, "apt-get install -y clang-19 flex").diagnostic),
  )
})

const fields: RecipeFields = { name: "thing", version: "1", about: "a thing", license: "MIT" }
const digest = "a".repeat(64)

test("recipes: a missing field, a wrong digest, an unknown licence, a need that does not exist", () => {
  const { version: _, ...without } = fields
  expectGolden(
    "recipe-field",
    thrown(() => autotools(without as RecipeFields)),
  )
  expectGolden(
    "recipe-digest",
    thrown(() => autotools({ ...fields, source: [url("https://example.org/thing.tar.gz", "abc")] })),
  )
  expectGolden(
    "recipe-license",
    thrown(() => autotools({ ...fields, license: "GPL-3.0-or-latr" })),
  )
  expectGolden(
    "recipe-need",
    thrown(() => autotools({ ...fields, needs: [undefined as never] })),
  )
})

test("recipes: a field that the style does not know, or that holds something else", () => {
  const make = tool({ name: "make" })
  const phases = () => ({})
  const wrong: readonly (readonly [(fields: never) => Recipe, Readonly<Record<string, unknown>>])[] = [
    [autotools, { patchs: ["thing/security.patch"] }],
    [autotools, { need: [] }],
    [autotools, { mode: { a: "755" } }],
    [autotools, { licence: "MIT" }],
    [autotools, { tool: [make] }],
    [autotools, { instal: [] }],
    [autotools, { rubbish: 1 }],
    [cmake, { inSource: true }],
    [files, { files: phases, check: phases }],
    [autotools, { flags: "-O3" }],
    [autotools, { seconds: "x" }],
    [autotools, { tools: [make, "bison"] }],
    [autotools, { tools: make }],
    [autotools, { tools: [undefined] }],
    [autotools, { needs: ["zlib"] }],
    [autotools, { needs: files({ ...fields, files: () => ({}) }) }],
    [autotools, { modes: { "usr/bin/sudo": "u+s" } }],
    [autotools, { modes: { "usr/bin/sudo": 0o755 } }],
    [autotools, { answers: { ac_cv: true } }],
    [autotools, { source: url("https://example.org/thing.tar.gz", digest) }],
    [autotools, { source: ["https://example.org/thing.tar.gz"] }],
    [autotools, { source: [debian("thing", digest.toUpperCase())] }],
    [autotools, { source: archive([debian("thing", digest)]), patches: ["thing/security.patch"] }],
    [autotools, { patches: ["thing/security.patch"] }],
    [autotools, { givesWay: { grep: "usr/bin/grep" } }],
    [autotools, { lto: "no" }],
    [autotools, { check: "make check" }],
    [plainMake, { make: "CC=cc" }],
    [cmake, { define: { BUILD_SHARED: 1 } }],
    [custom, {}],
  ]
  const said = wrong.map(([style, besides]) => thrown(() => style({ ...fields, ...besides } as never)))
  expectGolden("recipe-fields", said.join("\n\n"))
})

test("systems: a field that there is not, or that holds something else", () => {
  const one = files({ ...fields, files: () => ({}) })
  const given = { name: "small", about: "a small one", packages: [one], talks: {} }
  const wrong: readonly Readonly<Record<string, unknown>>[] = [
    { isReadonly: true },
    { talk: {} },
    { packages: [one, undefined] },
    { packages: one },
    { modes: { "etc/shadow": 600 } },
    { sizes: { ROOTFS: 32 } },
    { sizes: { ROOTFS_SIZE: "32M" } },
    { sizes: { ROOTFS_SIZE: 1.5 } },
    { needsSizes: ["RWFS"] },
    { memoryMiB: "1G" },
    { talks: { tar: () => [] } },
    { talks: { disk: [{ logIn: "root" }] } },
    { name: undefined },
  ]
  expect(system(given)).toBe(given)
  expectGolden(
    "system-fields",
    wrong.map((besides) => thrown(() => system({ ...given, ...besides } as never))).join("\n\n"),
  )
})

test("machines: a field that there is not, or that holds something else", () => {
  const { kernel, qemu } = armv7
  const wrong: readonly Readonly<Record<string, unknown>>[] = [
    { tripel: "armv8" },
    { codegen: "-march=armv8-a" },
    { kernel: undefined },
    { kernel: { ...kernel, option: {} } },
    { kernel: { ...kernel, options: { "The processor": ["SMP"] } } },
    { kernel: { ...kernel, drivers: { console: "SERIAL_AMBA_PL011" } } },
    { elf: { machine: "ARM", class: 32 } },
    { firmware: { uefi: { platform: "arm-efi", program: "BOOTARM.EFI" } } },
    { qemu: { ...qemu, disk: "virtio-blk-pci" } },
    { qemu: { ...qemu, uefi: { file: "/usr/share/AAVMF/AAVMF32_CODE.fd" } } },
    { triple: undefined },
  ]
  expect(machine(armv7)).toBe(armv7)
  expectGolden(
    "machine-fields",
    wrong.map((besides) => thrown(() => machine({ ...armv7, ...besides } as never))).join("\n\n"),
  )
})

test("values of the system's variables that an embedder gives: what is none", () => {
  const variables = { TARGET: someMachines([armv7], "machines"), ...diskSizes, ...networkVariables }
  const project = buildfile(variables, () => ({}))
  const rig = new Rig()
  const load = (given: Readonly<Record<string, unknown>>) =>
    createEngine({ root: rig.root, store: rig.store }).load(project, given as never)
  expect(() => load({ TARGET: [armv7], ROOTFS_SIZE: 64, SWAP_SIZE: 0, LOCAL_IP: "10.0.2.9/24" })).not.toThrow()
  const wrong: readonly Readonly<Record<string, unknown>>[] = [
    { TARGET: [] },
    { TARGET: armv7 },
    { TARGET: [{ ...armv7, triple: "armv8-linux-musl" }] },
    { TARGET: [undefined] },
    { ROOTFS_SIZE: 0 },
    { SWAP_SIZE: 1.5 },
    { SWAP_SIZE: -1 },
    { SSH_PORT: 2222 },
    { USE_DHCP: false },
  ]
  expectGolden("system-values", wrong.map((given) => thrown(() => load(given))).join("\n\n"))
})

test("recipes: a license that is no SPDX expression", () => {
  const license = (text: string) => thrown(() => autotools({ ...fields, license: text }))
  const wrong = [
    "GPL-2.0-or-later AND",
    "(MIT OR (",
    "MIT BSD-2-Clause",
    "MIT and ISC",
    "AND MIT",
    "MIT)",
    "(MIT",
    "()",
    " ",
  ]
  const others = [
    "MIT OR WITH",
    "Apache-2.0 WITH",
    "Apache-2.0 WITH LLVM-exceptio",
    "MIT WITH LLVM-exception WITH LLVM-exception",
  ]
  expectGolden("recipe-license-form", [...wrong, ...others].map(license).join("\n\n"))
  for (const sound of ["(MIT)", "((MIT OR ISC) AND Apache-2.0 WITH LLVM-exception)", "MIT AND(ISC OR 0BSD)"])
    expect(autotools({ ...fields, license: sound }).license).toBe(sound)
})

test("recipes: a phase that there is not", async () => {
  const recipe = custom({ ...fields, phases: () => ({ instal: "true" }) as never })
  expectGolden("recipe-phase", await said(new Rig(), [new Builds(armv7, "Release", []).package(recipe)]))
})

test("a machine without sysdeps", () => {
  expectGolden(
    "unknown-machine",
    thrown(() => someMachines([armv7], "the machine").parse("TARGET", "armv7-linux-musleabi")),
  )
})

test("recipes: a patch that does not apply", async () => {
  const rig = new Rig()
  const mirror = join(rig.directory, "mirror")
  mkdirSync(join(rig.directory, "thing-1"))
  writeFileSync(join(rig.directory, "thing-1/README"), "one\n")
  mkdirSync(mirror)
  execFileSync("tar", ["-C", rig.directory, "-czf", join(mirror, "thing-1.tar.gz"), "thing-1"])
  rig.write("pkg/thing/wrong.patch", "--- a/README\n+++ b/README\n@@ -1 +1 @@\n-two\n+three\n")
  const sum = execFileSync("sha256sum", [join(mirror, "thing-1.tar.gz")], { encoding: "utf8" }).slice(0, 64)
  const from = archive([url("http://127.0.0.1:1025/thing-1.tar.gz", sum)], { patches: ["pkg/thing/wrong.patch"] })
  process.env.HASHMAKE_MIRRORS = mirror
  const builds = new Builds(armv7, "Release", [])
  const recipe = files({ ...fields, source: from as never, files: () => ({ a: "1" }) })
  expectGolden("recipe-patch", await said(rig, [builds.package(recipe)]), scrub(rig))
})

test("a download that nobody has", async () => {
  const rig = new Rig()
  delete process.env.HASHMAKE_MIRRORS
  const recipe = files({
    ...fields,
    source: [url("http://127.0.0.2:1025/thing.tar.gz", digest)],
    files: () => ({ a: "1" }),
  })
  expectGolden("no-download", await said(rig, [new Builds(armv7, "Release", []).package(recipe)]), scrub(rig))
  expect(debian("thing", digest).kind).toBe("debian")
})

test("what the system refuses: a path in the way, too long or not UTF-8, too many files, a store that is read-only", () => {
  const all = [
    errors.inTheWayError("WORKSPACE/out/a"),
    errors.longPathError("WORKSPACE/ddd/fff"),
    errors.notUtf8Error("tree/b\ufffdd"),
    errors.openFilesError(),
    errors.processesError(),
    errors.unreadableError("WORKSPACE/in"),
    errors.readOnlyStoreError("STORE"),
  ]
  expectGolden("refused", all.map(({ diagnostic }) => renderDiagnostic(diagnostic)).join("\n\n"))
})
