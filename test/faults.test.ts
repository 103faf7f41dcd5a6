// What can go wrong around a build, brought about for real: each ends in the right result, or in an error that names it and
// changes nothing; and the next build is right.

import { execFileSync, spawn, spawnSync } from "node:child_process"
import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { expect, test, vi } from "vitest"
import { build } from "../lib/exec/engine.ts"
import { type BuildEvent, shell, source, type Target, target, tool, write } from "../lib/mod.ts"
import { expectGolden } from "./golden.ts"
import { copies, coreutils, Rig } from "./rig.ts"
import { noneLeft } from "./torture/process.ts"

// An input that is edited while its action runs

/** Waits, in its first run, until its input is no longer the old one. */
const waiting = () =>
  target({
    name: "waits",
    inputs: { from: source("in") },
    outputs: { to: "out/to" },
    tools: [coreutils],
    run: ({ from }, { to }) =>
      shell(`cat ${from} >${to}; echo it was read; while [ "$(cat ${from})" = old ]; do sleep 0.02; done`),
  })

test("an input edited while its action runs makes it run again, and nothing of that run is shared", async () => {
  const rig = new Rig()
  rig.write("in", "old")
  const states: string[] = []
  const edit = (event: BuildEvent) => {
    if (event.type === "output") rig.write("in", "new")
    if (event.type === "state") states.push(event.state)
  }
  await build([waiting()], { root: rig.root, store: rig.store, slots: 1 }, { verbose: true, emit: edit })
  expect(rig.read("out/to")).toBe("new")
  // Its slot was free meanwhile.
  expect(states).toEqual(["wanted", "ready", "running", "ready", "running", "built"])
  expect((await rig.build([waiting()])).ran).toEqual([])
  const other = new Rig()
  other.write("in", "old")
  const { events } = await other.build([waiting()], { store: rig.store, dryRun: true })
  expect(events.some(({ type }) => type === "would-run")).toBe(true)
})

/** A function that runs `meddle` in its first run, before it reads its input. */
function meddled(meddle: () => void): Target {
  let runs = 0
  return target({
    name: "meddled",
    inputs: { from: source("in") },
    outputs: { to: "out/to" },
    module: import.meta.url,
    call: async ({ from }, { to }) => {
      if (runs++ === 0) meddle()
      writeFileSync(to, readFileSync(from))
    },
  })
}

test("an input that is replaced, or edited without another size and mtime, while its action runs, is seen", async () => {
  for (const isReplaced of [true, false]) {
    const rig = new Rig()
    rig.write("in", "old")
    utimesSync(rig.path("in"), 1, 1)
    const edit = () => {
      rig.write(isReplaced ? "fresh" : "in", "new")
      if (isReplaced) renameSync(rig.path("fresh"), rig.path("in"))
      utimesSync(rig.path("in"), 1, 1)
    }
    await rig.build([meddled(edit)])
    const other = new Rig()
    other.write("in", "old")
    const { ran } = await other.build([meddled(() => {})], { store: rig.store })
    expect([rig.read("out/to"), ran, other.read("out/to")]).toEqual(["new", ["meddled"], "old"])
  }
})

test("an input edited and reverted while its action runs makes it run again", async () => {
  const rig = new Rig()
  rig.write("in", "old")
  let reads = 0
  const reverts = target({
    name: "reverts",
    inputs: { from: source("in") },
    outputs: { to: "out/to" },
    module: import.meta.url,
    call: async ({ from }, { to }) => {
      if (reads++ === 0) rig.write("in", "new")
      writeFileSync(to, readFileSync(from))
      rig.write("in", "old")
    },
  })
  await rig.build([reverts])
  expect(rig.read("out/to")).toBe("old")
})

/** A function that reads a file without declaring it, and does something else after that in its first run. */
function reader(path: string, meddle: () => void): Target {
  let runs = 0
  return target({
    name: "reader",
    outputs: { to: "out/to" },
    module: import.meta.url,
    call: async (_, { to }, { need }) => {
      const full = need(path)
      writeFileSync(to, existsSync(full) ? readFileSync(full) : "nothing")
      if (runs++ === 0) meddle()
    },
  })
}

test("what an action reads without declaring it, and is edited behind a link or removed while it runs, is seen", async () => {
  const rig = new Rig()
  rig.write("in", "old")
  symlinkSync("in", rig.path("link"))
  await sleep(50)
  await rig.build([reader("link", () => rig.write("in", "new"))])
  expect(rig.read("out/to")).toBe("new")
  const other = new Rig()
  other.write("directory/in", "old")
  await sleep(50)
  await other.build([reader("directory/in", () => rmSync(other.path("directory"), { recursive: true }))])
  expect(other.read("out/to")).toBe("nothing")
})

test("what an action wrote, read and took away again in the workspace makes it run once more, and not for ever", async () => {
  const rig = new Rig()
  const fleeting = target({
    outputs: { to: "out/to" },
    tools: [coreutils],
    run: (_, { to }) =>
      shell(`echo said >fleeting; cat fleeting >${to}; rm fleeting; echo ${to}: fleeting >${to}.d`).depfile(`${to}.d`),
  })
  for (const sandbox of ["bwrap", "off"] as const) {
    expect((await rig.build([fleeting], { sandbox })).outcome).toBe("done")
    expect((await rig.build([fleeting], { sandbox })).ran).toEqual([])
  }
})

test("what was run by a tool that was upgraded meanwhile is not taken for what either gives, and the next build is right", async () => {
  const rig = new Rig()
  vi.stubEnv("PATH", `${rig.path("tools")}:${process.env.PATH}`)
  const install = (version: string) => {
    rig.write("tools/fresh", `#!/bin/sh\necho ${version}\n`)
    chmodSync(rig.path("tools/fresh"), 0o755)
    renameSync(rig.path("tools/fresh"), rig.path("tools/says"))
  }
  const says = (meddle: () => void) =>
    target({
      outputs: { to: "out/said" },
      tools: [tool({ name: "says" })],
      module: import.meta.url,
      call: async (_, { to }, { program }) => {
        meddle()
        writeFileSync(to, execFileSync(program("says")))
      },
    })
  install("one")
  const { outcome, said } = await rig.build([says(() => install("two"))])
  expect(outcome).toBe("failed")
  expectGolden("changed-tool", said.join("\n\n"))
  expect((await rig.build([says(() => {})])).ran).toEqual(["out/said"])
  expect(rig.read("out/said")).toBe("two\n")
  install("one")
  expect((await rig.build([says(() => {})])).ran).toEqual(["out/said"])
  vi.unstubAllEnvs()
})

test("a command that removes its scratch directory, or the logs, is one that ended well", async () => {
  const rig = new Rig()
  const removes = (name: string, words: string) =>
    target({
      name,
      outputs: { to: `out/${name}` },
      tools: [coreutils],
      run: (_, { to }) => shell(`echo said; ${words}; echo ${name} >${to}`),
    })
  const gone = removes("gone", 'rm -r "$SCRATCH" log')
  const next = removes("next", 'touch "$SCRATCH/x"')
  const wanted = [
    target({
      name: "all",
      inputs: { gone: gone.outputs.to },
      outputs: { to: "out/all" },
      run: (_, { to }) => write(to, ""),
    }),
    next,
  ]
  const { outcome, said } = await rig.build(wanted, { sandbox: "off", slots: 1 })
  expect(outcome, said.join("\n")).toBe("done")
  expect(rig.read("log/gone.txt")).toContain("said")
})

// Kills

test("a child that is killed fails its action, publishes nothing, and the next build is right", async () => {
  const rig = new Rig()
  const dies = (script: string) =>
    target({
      name: "dies",
      outputs: { to: "out/to" },
      tools: [coreutils],
      run: (_, { to }) => shell(`echo partial >${to}; ${script}`),
    })
  for (const sandbox of ["bwrap", "off"] as const) {
    const { outcome, said } = await rig.build([dies("kill -9 $$")], { sandbox })
    expect([outcome, existsSync(rig.path("out/to"))]).toEqual(["failed", false])
    expect(said.join()).toMatch(/exited with 137|ended by SIGKILL/)
    await rig.build([dies(":")], { sandbox })
    expect(rig.read("out/to")).toBe("partial\n")
    unlinkSync(rig.path("out/to"))
  }
})

/** Starts an engine with one action that never ends, kills the engine with -9 once the action runs, and says what is left. */
async function killEngine(rig: Rig, sandbox: "bwrap" | "off"): Promise<void> {
  const text = `
import { build } from ${JSON.stringify(join(import.meta.dirname, "../lib/exec/engine.ts"))}
import { shell, target, tool } from ${JSON.stringify(join(import.meta.dirname, "../lib/mod.ts"))}
const sleep = tool({ name: "sleep", debian: ["coreutils"] })
const long = target({ name: "long", outputs: { to: "out/to" }, tools: [sleep], run: (_, { to }) => shell("echo partial >" + to + "; echo it runs; sleep 1000") })
const emit = (event) => event.type === "output" && console.log(event.text)
await build([long], { root: ${JSON.stringify(rig.root)}, store: ${JSON.stringify(rig.store)}, slots: 1, sandbox: "${sandbox}" }, { verbose: true, emit })
`
  writeFileSync(join(rig.directory, "engine.ts"), text)
  const child = spawn(process.execPath, [join(rig.directory, "engine.ts")], { stdio: ["ignore", "pipe", "inherit"] })
  await new Promise((resolve) => child.stdout.once("data", resolve))
  child.kill("SIGKILL")
  await new Promise((resolve) => child.once("exit", resolve))
}

test("the children of an engine that is killed end with it, and what they wrote is not taken for good", async () => {
  const rig = new Rig()
  await killEngine(rig, "bwrap")
  await noneLeft(rig.directory)
  const whole = target({
    name: "long",
    outputs: { to: "out/to" },
    tools: [coreutils],
    run: (_, { to }) => shell(`echo whole >${to}`),
  })
  expect((await rig.build([whole])).ran).toEqual(["long"])
  expect(rig.read("out/to")).toBe("whole\n")
})

test("without a sandbox, too, the children of an engine that is killed end with it", async () => {
  const rig = new Rig()
  await killEngine(rig, "off")
  await noneLeft(rig.directory)
})

// File systems that refuse

/** Runs a shell text in a mount namespace, with Node and a script that builds 2 MB as $NODE and $BUILD. */
function inNamespace(rig: Rig, script: string): string {
  const env = { ...process.env, NODE: process.execPath, BUILD: join(import.meta.dirname, "full.ts"), AT: rig.directory }
  const { stdout, stderr } = spawnSync("unshare", ["-Urm", "sh", "-c", script], { encoding: "utf8", env })
  return stdout + stderr
}

test("wherever a full disk stops a build, it says so, and once there is space the next one is right", () => {
  const rig = new Rig()
  const told = inNamespace(
    rig,
    `for size in 16k 64k 900k 2100k 3000k 4000k 4100k; do
       mkdir -p $AT/disk; mount -t tmpfs -o size=$size none $AT/disk; mkdir $AT/disk/workspace 2>&1
       $NODE $BUILD $AT/disk/workspace $AT/disk/store
       mount -o remount,size=64m $AT/disk
       mkdir -p $AT/disk/workspace; $NODE $BUILD $AT/disk/workspace $AT/disk/store
       echo "whole: $(cat $AT/disk/workspace/out/big | wc -c)"; umount $AT/disk
     done`,
  )
  const others = told.match(/^error: .*$/gm)?.filter((line) => line !== "error: there is no space left")
  expect(others).toEqual([])
  expect(told.match(/^whole: 2000000$/gm)).toHaveLength(7)
  expect(told).not.toMatch(/^\s+at /m)
})

test("of a file for which there is too little space on the disk no part is taken for the whole", () => {
  const rig = new Rig()
  const told = inNamespace(
    rig,
    `for size in 40k 48k 56k 64k 72k 80k 88k 96k; do
       mkdir -p $AT/disk; mount -t tmpfs -o size=$size none $AT/disk
       $NODE $BUILD $AT/disk $AT/store 60000
       mount -o remount,size=64m $AT/disk
       $NODE $BUILD $AT/disk $AT/store 60000
       echo "whole: $(tr -d '\\0' <$AT/disk/out/big | wc -c)"; umount $AT/disk
     done`,
  )
  expect(told.match(/^error: there is no space left$/gm)?.length).toBeGreaterThan(2)
  expect(told.match(/^whole: 60000$/gm), told).toHaveLength(8)
})

test("where logs cannot be written for want of space, that is said, and nothing ends with a stack", () => {
  const rig = new Rig()
  rig.write("package.json", '{ "type": "module" }')
  rig.write(
    "Buildfile.ts",
    `import { buildfile, shell, target, tool } from ${JSON.stringify(join(import.meta.dirname, "../lib/mod.ts"))}
const tools = [tool({ name: "coreutils", programs: ["head", "tr"] })]
const says = target({ outputs: { to: "out/to" }, tools, run: (_, { to }) => shell("head -c 300000 /dev/zero | tr '\\\\0' x; echo >" + to) })
const calls = target({ outputs: { to: "out/called" }, tools, module: import.meta.url,
  call: async (_, __, { start, program }) => { await start([program("head"), "-c", "300000", "/dev/zero"], { capture: true }).status } })
export default buildfile({}, () => ({ says, calls }))
`,
  )
  const told = inNamespace(
    rig,
    `export HASHMAKE_STORE=$AT/store; mkdir $AT/disk; mount -t tmpfs -o size=100k none $AT/disk; cp $AT/workspace/* $AT/disk; cd $AT/disk
     for words in "says -v" calls; do $NODE ${join(import.meta.dirname, "../bin/build.ts")} $words; rm -r log; done`,
  )
  expect(told.match(/^error: .*$/gm)).toEqual(Array(2).fill("error: there is no space left"))
  expect(told).not.toMatch(/^\s+at /m)
})

test("a workspace or a store that cannot be written to is named; nothing is changed, and the next build is right", () => {
  const rig = new Rig()
  for (const name of ["workspace", "store"]) {
    const told = inNamespace(
      rig,
      `mkdir -p $AT/store; mount --bind $AT/${name} $AT/${name} && mount -o remount,bind,ro $AT/${name}
       $NODE $BUILD $AT/workspace $AT/store`,
    )
    expect(told).toMatch(/^error: the (workspace|store) cannot be written to/)
    expect(told).toContain(`${rig.directory}/${name}`)
    expect(told).not.toMatch(/^\s+at /m)
  }
  expect(inNamespace(rig, "$NODE $BUILD $AT/workspace $AT/store; cat $AT/workspace/out/big | wc -c")).toBe("2000000\n")
})

/** Builds `all` without what root may do to files whatever their modes. */
const makeAsUser = (rig: Rig, mode: string) =>
  spawnSync(
    "unshare",
    [
      ...["-Ur", "setpriv", "--bounding-set=-dac_override,-dac_read_search"],
      ...[process.execPath, join(import.meta.dirname, "../bin/build.ts"), "all", "--sandbox", mode],
    ],
    { cwd: rig.root, encoding: "utf8", env: { ...process.env, HASHMAKE_STORE: rig.store } },
  )

test("directories that an action took the right to write from are outputs and leavings like others, for who is not root", () => {
  const rig = new Rig()
  const mod = JSON.stringify(join(import.meta.dirname, "../lib/mod.ts"))
  rig.write("package.json", '{ "type": "module" }')
  rig.write(
    "Buildfile.ts",
    `import { buildfile, shell, target, tool, tree } from ${mod}
const tools = [tool({ name: "coreutils", programs: ["mkdir", "chmod", "cp"] })]
const full = (at) => "mkdir " + at + "/d; echo said >" + at + "/d/f; echo said >" + at + "/d/g; chmod -R a-w " + at + "; "
export default buildfile({}, () => {
  const trees = target({ outputs: { stored: tree(), placed: tree("out/placed") }, tools,
    run: (_, { stored, placed }) => shell(full(stored) + full(placed) + 'mkdir "$SCRATCH"/x; ' + full('"$SCRATCH"/x')) })
  return { all: target({ inputs: { stored: trees.outputs.stored }, outputs: { to: "out/to" }, tools,
    run: ({ stored }, { to }) => shell("cp " + stored + "/d/f " + to) }) }
})
`,
  )
  for (const mode of ["bwrap", "off", "bwrap"]) {
    const { status, stderr } = makeAsUser(rig, mode)
    expect([status, rig.read("out/to"), rig.read("out/placed/d/g")], stderr).toEqual([0, "said\n", "said\n"])
    rig.write("out/placed/d/g", "edited")
  }
  expect(readdirSync(join(rig.store, "work")).filter((name) => name.startsWith("action"))).toEqual([])
})

test("files that an action took the right to read from are outputs like others, for who is not root", () => {
  const rig = new Rig()
  rig.write("package.json", '{ "type": "module" }')
  rig.write(
    "Buildfile.ts",
    `import { buildfile, shell, target, tool, tree } from ${JSON.stringify(join(import.meta.dirname, "../lib/mod.ts"))}
const tools = [tool({ name: "coreutils", programs: ["chmod"] })]
export default buildfile({}, () => ({
  all: target({ outputs: { closed: "out/closed", programs: tree(), placed: tree("out/placed") }, tools,
    run: (_, { closed, programs, placed }) => shell(
      ["echo said >" + closed, "chmod 0 " + closed, ...[programs, placed].flatMap((at) => ["echo said >" + at + "/run", "chmod 4111 " + at + "/run"])].join("; ")) }),
}))
`,
  )
  for (const mode of ["bwrap", "off"]) {
    const { status, stderr } = makeAsUser(rig, mode)
    expect([status, rig.read("out/closed"), rig.read("out/placed/run")], stderr).toEqual([0, "said\n", "said\n"])
    expect(statSync(rig.path("out/placed/run")).mode & 0o7777).toBe(0o755)
  }
})

test("what may not be read is named, at first and later; once it may be, the next build is right", () => {
  const rig = new Rig()
  rig.write("package.json", '{ "type": "module" }')
  rig.write(
    "Buildfile.ts",
    `import { buildfile, group, shell, source, target, tool } from ${JSON.stringify(join(import.meta.dirname, "../lib/mod.ts"))}
const tools = [tool({ name: "coreutils", programs: ["cat"] })]
const all = (name, from) => target({ name, inputs: { from }, outputs: { to: "out/" + name }, tools,
  run: ({ from }, { to }) => shell("cat " + from + " >" + to) })
export default buildfile({}, (_, { files }) => ({
  all: group("all", [all("named", source("src/text")), ...files("found/*/text").map((from) => all("found", from))]) }))
`,
  )
  rig.write("src/text", "said")
  rig.write("found/here/text", "said")
  const closed = ["src/text", "src", "found/here/text", "found/here", "found", "Buildfile.ts"]
  for (const path of [...closed, ...closed]) {
    const { mode } = statSync(rig.path(path))
    chmodSync(rig.path(path), 0)
    const { status, stderr } = makeAsUser(rig, "off")
    chmodSync(rig.path(path), mode)
    expect(stderr).not.toMatch(/^\s+at |bug in hashmake|written to/m)
    expect(status, stderr).toBe(2)
    expect(stderr).toContain(path)
    expect(makeAsUser(rig, "off").status).toBe(0)
    expect([rig.read("out/named"), rig.read("out/found")]).toEqual(["said", "said"])
  }
})

test("from a store that nothing may be run from, sandboxes have the tools all the same", () => {
  const store = "mkdir -p $AT/store && mount -t tmpfs -o noexec none $AT/store && mount | grep -c store.*noexec"
  const told = inNamespace(
    new Rig(),
    `${store}; $NODE $BUILD $AT/workspace $AT/store; cat $AT/workspace/out/big | wc -c`,
  )
  expect(told).toBe("1\n2000000\n")
})

test("few file descriptors are enough, or are said to be too few", () => {
  const rig = new Rig()
  for (const [limit, sandbox] of [
    ["40", "off"],
    ["64", "bwrap"],
  ] as const) {
    const wide = `ulimit -n ${limit}; exec $NODE ${join(import.meta.dirname, "torture/wide.ts")} $AT/workspace $AT/store ${sandbox}`
    const told = inNamespace(rig, wide)
    expect(told.trim()).toMatch(/^(done$|error: too many files are open)/)
    expect(told).not.toMatch(/^\s+at /m)
  }
  expect(inNamespace(rig, `$NODE ${join(import.meta.dirname, "torture/wide.ts")} $AT/workspace $AT/store bwrap`)).toBe(
    "done\n",
  )
})

// Clocks

test("a clock that is set back or forward, and files from the future, change nothing", async () => {
  const rig = new Rig()
  const now = Date.now
  const clock = vi.spyOn(Date, "now")
  for (const [turn, hours] of [0, -1, -1000, 0, 1, 0].entries()) {
    clock.mockImplementation(() => now() + hours * 3_600_000)
    for (const [edit, time] of [now() / 1000 + 1e6, 1, now() / 1000 - hours * 3600].entries()) {
      rig.write("in", `${turn} ${edit}`)
      utimesSync(rig.path("in"), time, time)
      expect((await rig.build([copies("in")])).ran).toEqual(["copy"])
      expect(rig.read("out/copy")).toBe(`${turn} ${edit}`)
      expect((await rig.build([copies("in")])).ran).toEqual([])
    }
  }
  clock.mockRestore()
})

test("of many engines that find the lock of a dead one, only one at a time builds", async () => {
  const rig = new Rig()
  rig.write(".hashmake/lock", '{"pid":4194304,"startedAt":"1","command":"all"}')
  const text = `
import { build } from ${JSON.stringify(join(import.meta.dirname, "../lib/exec/engine.ts"))}
import { target } from ${JSON.stringify(join(import.meta.dirname, "../lib/mod.ts"))}
import { mkdirSync, rmdirSync } from "node:fs"
import { setTimeout as sleep } from "node:timers/promises"
const busy = ${JSON.stringify(join(rig.directory, "busy"))}
const alone = target({ name: "alone", outputs: { to: "out/to" + process.pid }, module: import.meta.url, call: async (_, { to }) => {
  mkdirSync(busy)
  await sleep(5)
  mkdirSync(busy + process.pid)
  rmdirSync(busy)
  const { writeFileSync } = await import("node:fs")
  writeFileSync(to, "")
} })
const { outcome } = await build([alone], { root: ${JSON.stringify(rig.root)}, store: ${JSON.stringify(rig.store)}, slots: 1 })
process.exit(outcome === "done" ? 0 : 1)
`
  writeFileSync(join(rig.directory, "engine.ts"), text)
  const engines = Array.from({ length: 4 }, () => spawn(process.execPath, [join(rig.directory, "engine.ts")]))
  const ends = engines.map((child) => new Promise((resolve) => child.once("exit", resolve)))
  expect(await Promise.all(ends)).toEqual(engines.map(() => 0))
})
