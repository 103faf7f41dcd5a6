// Actions and sessions whose root is a tree: they see that, and nothing of the build machine. And sessions without one.

import { spawnSync } from "node:child_process"
import { join } from "node:path"
import { expect, onTestFinished, test, vi } from "vitest"
import { withMachinery } from "../lib/exec/open.ts"
import { sessionFor } from "../lib/exec/session.ts"
import { Builds, custom, tools } from "../lib/linux/mod.ts"
import { completeness } from "../lib/linux/stage.ts"
import { rootToolchain } from "../lib/linux/toolchain.ts"
import { command, copy, layers, type Output, shell, target, tool, tree, write } from "../lib/mod.ts"
import { resultOf } from "../lib/store/result.ts"
import native from "../sysdeps/x86_64-linux-musl.ts"
import { expectGolden } from "./golden.ts"
import { coreutils, Rig, thrownBy } from "./rig.ts"
import { smallSystem } from "./small-system.ts"

const said = (name: string, root: Output, script: string) =>
  target({ name, root, outputs: { said: `out/${name}` }, run: (_, { said }) => shell(`{ ${script}; } >${said}`) })

test("a command whose root is a tree sees that tree, read-only, and nothing of the build machine", {
  timeout: 1_800_000,
}, async () => {
  const rig = new Rig()
  const { tree: root } = (await smallSystem(rig)).outputs
  const looks = [
    said("top", root, "ls / | sort"),
    said("programs", root, "ls /usr/bin | sort"),
    said(
      "usual",
      root,
      "echo $PATH; pwd; id -u; cat /etc/passwd /etc/hosts; touch /tmp/x $TMPDIR/x $SCRATCH/x && echo written",
    ),
    said("written", root, "for at in /usr/x /x /in/x /etc/x; do { touch $at 2>&1; } >/dev/null || echo $at; done"),
    said("shell", root, "readlink /proc/$$/exe"),
  ]
  const built = await rig.build(looks)
  expect(built.outcome, built.said.join("\n")).toBe("done")
  const top = ["bin", "build", "dev", "etc", "lib", "out", "proc", "project", "sbin", "tmp", "usr", "var"]
  expect(rig.read("out/top").trim().split("\n")).toEqual(top)
  expect(rig.read("out/programs")).toMatch(/^toybox$/m)
  expect(rig.read("out/programs")).not.toMatch(/^(bash|clang|gcc|perl|python3)$/m)
  expect(rig.read("out/usual")).toBe(
    "/usr/bin\n/project\n0\nroot:x:0:0:root:/build:/bin/sh\n127.0.0.1 localhost\n::1 localhost\nwritten\n",
  )
  expect(rig.read("out/written")).toBe("/usr/x\n/x\n/in/x\n/etc/x\n")
  expect(rig.read("out/shell")).toBe("/usr/bin/dash\n")
  const again = await rig.build(looks)
  expect(again.ran).toEqual([])
})

test("the root is in the key, and no tool of the build machine is", { timeout: 1_800_000 }, async () => {
  const rig = new Rig()
  const { tree: root } = (await smallSystem(rig)).outputs
  const look = said("look", root, "true")
  await rig.build([look])
  const manifest = await withMachinery({ root: rig.root, store: rig.store }, async ({ store, workspace }) => {
    const key = workspace.journal.built("look")?.key
    return key === undefined ? undefined : resultOf(store, key)?.manifest
  })
  expect(manifest).toMatch(/^input layers "\/" [0-9a-f]{64}$/m)
  expect(manifest).not.toMatch(/^tool /m)

  const more = target({
    name: "more",
    outputs: { tree: tree() },
    run: (_, { tree }) => write(`${tree}/usr/share/more`, ""),
  })
  const changed = target({
    name: "look",
    root: { kind: "layers", trees: [root, more.outputs.tree], without: [] },
    outputs: { said: "out/look" },
    run: (_, { said }) => shell(`{ true; } >${said}`),
  })
  expect((await rig.build([said("look", root, "true")])).ran).toEqual([])
  expect((await rig.build([changed])).ran).toEqual(["more", "look"])
})

test("a root keeps its own /etc and /var, and links at its top", { timeout: 1_800_000 }, async () => {
  const rig = new Rig()
  const { tree: system } = (await smallSystem(rig)).outputs
  const more = target({
    name: "more",
    outputs: { tree: tree() },
    tools: [coreutils],
    run: (_, { tree }) =>
      shell(
        `cd ${tree} && mkdir -p etc var/lib/own var/tmp opt && echo own >etc/motd && ln -s opt linked && echo x >opt/x && touch var/lib/own/x`,
      ),
  })
  const root = { kind: "layers", trees: [system, more.outputs.tree], without: [] } as const
  const look = target({
    name: "look",
    root,
    outputs: { said: "out/look" },
    run: (_, { said }) => shell(`cat /etc/motd /linked/x >${said}; ls /etc /var/lib >>${said}; touch /var/tmp/y`),
  })
  const built = await rig.build([look])
  expect(built.outcome, built.said.join("\n")).toBe("done")
  expect(rig.read("out/look")).toBe("own\nx\n/etc:\nmotd\n\n/var/lib:\nown\n")
})

test("a session in a root sees that tree, may write to the workspace, and its status is passed on", {
  timeout: 1_800_000,
}, async () => {
  const rig = new Rig()
  const { tree: root } = (await smallSystem(rig)).outputs
  const chroot = target({
    name: "chroot",
    root,
    session: (_, [program = "sh", ...words]) => command(program, ...words),
  })
  const engine = { root: rig.root, store: rig.store }
  const within = async (...words: readonly string[]) =>
    (await withMachinery(engine, (machinery) => sessionFor(chroot, machinery, words)))()
  expect((await rig.build([chroot])).outcome).toBe("done")
  expect(await within("sh", "-c", "exit 7")).toBe(7)
  expect(
    await within(
      "sh",
      "-c",
      "ls /usr/bin/perl /work >/dev/null 2>&1 || readlink /proc/$$/exe >said; pwd >>said; echo $HOME >>said",
    ),
  ).toBe(0)
  expect(rig.read("said")).toBe("/usr/bin/dash\n/project\n/build\n")
})

test("a session starts its tool where that was found, though PATH does not lead there", async () => {
  const rig = new Rig()
  const shows = target({
    name: "shows",
    tools: [coreutils],
    session: () => command("touch", rig.path("touched")),
  })
  vi.stubEnv("PATH", "/nonexistent")
  onTestFinished(() => void vi.unstubAllEnvs())
  const status = await (
    await withMachinery({ root: rig.root, store: rig.store }, (machinery) => sessionFor(shows, machinery))
  )()
  expect([status, rig.read("touched")]).toEqual([0, ""])
})

test("an action in a root names no tool, and needs a sandbox", async () => {
  const rig = new Rig()
  const system = target({
    name: "stage3/dash",
    outputs: { tree: tree() },
    run: (_, { tree }) => write(`${tree}/x`, ""),
  })
  const { tree: root } = system.outputs
  const without = said("stage4/dash", root, "true")
  expectGolden("root-without-sandbox", await thrownBy(rig.build([without], { sandbox: "off" })))
  const naming = target({
    name: "stage4/llvm",
    where: "pkg/llvm.ts",
    root,
    tools: [coreutils],
    outputs: { x: "x" },
    run: (_, { x }) => write(x, ""),
  })
  expectGolden("root-tool", await thrownBy(rig.build([naming])))
})

const everyTool = Object.values(tools).flatMap((tool) => ("kind" in tool ? [tool] : []))

test("a package is built in a system by the programs of that", { timeout: 1_800_000 }, async () => {
  const rig = new Rig()
  const { tree: root } = (await smallSystem(rig)).outputs
  const toolchain = rootToolchain(native, "stage4", layers([root]), everyTool)
  const builds = new Builds(native, "Release", [], { name: "stage4", toolchain })
  const recipe = custom({
    name: "told",
    version: "1",
    about: "what its build sees",
    license: "MIT",
    tools: [tools.python, tools.m4],
    phases: () => ({
      build: 'echo "one two" | sed s/two/three/ >said; readlink /proc/$$/exe >>said; ls /in >>said',
      install: 'cp said "$DESTDIR"; cat "$TOOLCHAIN/bin/x86_64-linux-musl-clang" | head -n 1 >>"$DESTDIR/said"',
    }),
  })
  const shown = target({
    name: "shown",
    inputs: { tree: builds.tree(recipe) },
    outputs: { shown: tree("shown") },
    run: ({ tree }, { shown }) => copy(tree, shown),
  })
  const { outcome, said } = await rig.build([shown])
  expect(outcome, said.join("\n")).toBe("done")
  expect(rig.read("shown/said")).toBe("one three\n/usr/bin/dash\nsysroot\ntoolchain\n#!/bin/sh\n")
})

test("a system that lacks programs which recipes declare is not complete", { timeout: 1_800_000 }, async () => {
  const rig = new Rig()
  const system = layers([(await smallSystem(rig)).outputs.tree])
  const look = (programs: readonly string[]) =>
    completeness("stage3", system, [tool({ name: "some", programs })], ["join"])
  expect((await rig.build([look(["sed", "tar", "join"])])).outcome).toBe("done")
  const { outcome, said } = await rig.build([look(["sed", "perl", "tr"])])
  expect(outcome).toBe("failed")
  expectGolden("incomplete-system", said.join("\n"))
})

const checkout = join(import.meta.dirname, "..")

test("`chroot -- PROGRAM …` runs a program in a system and ends as it did; what is built in one is remembered", {
  timeout: 1_800_000,
}, async () => {
  const rig = new Rig()
  await smallSystem(rig)
  const from = JSON.stringify(rig.path("system"))
  rig.write(
    "Buildfile.ts",
    `import { cpSync } from "node:fs"
import { chroot } from ${JSON.stringify(join(checkout, "lib/linux/mod.ts"))}
import { buildfile, layers, shell, source, target, tree } from ${JSON.stringify(join(checkout, "lib/mod.ts"))}
export default buildfile({}, () => {
  const system = target({
    name: "stage3",
    outputs: { tree: tree() },
    module: import.meta.url,
    call: async (_, { tree }) => cpSync(${from}, tree, { recursive: true, verbatimSymlinks: true }),
  })
  const look = target({
    root: system.outputs.tree,
    inputs: { from: source("a.txt") },
    outputs: { to: "out/look" },
    run: ({ from }, { to }) => shell(\`{ cat \${from}; readlink /proc/$$/exe; } >\${to}\`),
  })
  return { chroot: chroot(layers([system.outputs.tree])), look }
})
`,
  )
  const build = (...words: readonly string[]) =>
    spawnSync(process.execPath, [join(checkout, "bin/build.ts"), ...words], {
      cwd: rig.root,
      encoding: "utf8",
      input: "readlink /proc/$$/exe; exit 3",
      env: { PATH: process.env.PATH, HASHMAKE_STORE: rig.store },
    })
  const run = (...words: readonly string[]) => build("chroot", ...words)
  const typed = run("--", "sh", "-c", "ls /usr/bin | grep -c toybox; exit 7")
  expect([typed.status, typed.stdout], typed.stderr).toEqual([7, "1\n"])
  const shell = run()
  expect([shell.status, shell.stdout], shell.stderr).toEqual([3, "/usr/bin/dash\n"])
  // The second time from what is remembered of the Buildfile.
  for (const text of ["one\n", "two\n"]) {
    rig.write("a.txt", text)
    const built = build("look")
    expect(built.status, built.stderr).toBe(0)
    expect(rig.read("out/look")).toBe(`${text}/usr/bin/dash\n`)
  }
  const off = run("--sandbox", "off")
  expect(off.status).toBe(2)
  expect(off.stderr).toContain("which only a sandbox can give it")
})
