import { readdirSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { expect, onTestFinished, test } from "vitest"
import { command, copy, inOrder, layers, shell, source, target, tool, tree, write } from "../lib/mod.ts"
import { collect } from "../lib/store/gc.ts"
import { Store } from "../lib/store/store.ts"
import { coreutils, Rig } from "./rig.ts"

const shows = (script: string, name = "shown") =>
  target({
    name,
    outputs: { shown: "out/shown" },
    tools: [coreutils],
    run: (_, { shown }) => shell(`{ ${script}; } >${shown} 2>&1`),
  })

test("a file that is not declared cannot be read", async () => {
  const rig = new Rig()
  rig.write("declared", "1")
  rig.write("secret", "2")
  const reads = target({
    name: "reads",
    inputs: { declared: source("declared") },
    outputs: { both: "out/both" },
    tools: [coreutils],
    run: ({ declared }, { both }) => shell(`cat ${declared} secret >${both}`),
  })
  const { failures, said } = await rig.build([reads])
  expect(failures).toHaveLength(1)
  expect(said.join()).toContain("secret: No such file or directory")
})

test("a program that is not declared cannot be run, by its name or by its path", async () => {
  const rig = new Rig()
  await rig.build([shows("sed --version || /usr/bin/sed --version || true")])
  expect(rig.read("out/shown").match(/not found/g)).toHaveLength(2)
})

test("however many programs its tools have, a sandbox has few mounts, and nothing can be put beside them", async () => {
  const rig = new Rig()
  const many = tool({ name: "many", programs: readdirSync("/usr/bin").filter((name) => /^[a-d]\w+$/.test(name)) })
  const looks = target({
    name: "looks",
    outputs: { shown: "out/shown" },
    tools: [coreutils, many],
    run: (_, { shown }) => shell(`ls /usr/bin >${shown}; cat /proc/self/mountinfo >>${shown}; ! echo 1 >/usr/bin/sed`),
  })
  expect((await rig.build([looks])).outcome).toBe("done")
  const lines = rig.read("out/shown").trim().split("\n")
  const mounts = lines.filter((line) => / \/\S* /.test(line))
  expect(lines.length - mounts.length).toBeGreaterThan(100)
  expect(mounts.length).toBeLessThan(30)
})

test("tools are there again after a collection, and after their tree was damaged", async () => {
  const rig = new Rig()
  const says = async (text: string) => {
    await rig.build([shows(`echo ${text}`)])
    return rig.read("out/shown")
  }
  expect(await says("first")).toBe("first\n")
  await collect(new Store(rig.store), { limitBytes: 0, isDryRun: false, emit: () => {} })
  expect(readdirSync(join(rig.store, "tree"), { recursive: true }).filter((path) => path.length > 3)).toEqual([])
  expect(await says("second")).toBe("second\n")
  const checkouts = join(rig.store, "checkout")
  const programs = readdirSync(checkouts, { recursive: true, encoding: "utf8" }).filter((path) =>
    path.endsWith("/bin/dash"),
  )
  expect(programs).toHaveLength(1)
  for (const program of programs) rmSync(join(checkouts, program))
  expect(await says("third")).toBe("third\n")
})

test("there is no network, no home, and nobody but root", async () => {
  const rig = new Rig()
  await rig.build([shows("ls /home /root || true; cat /proc/net/dev; env | sort")])
  const shown = rig.read("out/shown")
  expect(shown).not.toMatch(/eth0|HOME=/)
  expect(shown).toContain("PATH=/usr/bin\n")
})

test("an input cannot be written to", async () => {
  const rig = new Rig()
  rig.write("a", "1")
  const writes = target({
    name: "writes",
    inputs: { a: source("a") },
    outputs: { b: "out/b" },
    tools: [coreutils],
    run: ({ a }, { b }) => shell(`echo 2 >${a}; cp ${a} ${b}`),
  })
  expect((await rig.build([writes])).outcome).toBe("failed")
  expect(rig.read("a")).toBe("1")
})

test("paths inside do not tell where the workspace lies", async () => {
  const rig = new Rig()
  await rig.build([shows('pwd; echo "$SCRATCH"')])
  expect(rig.read("out/shown")).toBe("/project\n/build\n")
})

test("without a sandbox the same action gives the same output, and shares no result", async () => {
  const rig = new Rig()
  const made = shows("echo same")
  await rig.build([made])
  const off = await rig.build([made], { sandbox: "off" })
  expect(off.ran).toEqual(["shown"])
  expect(off.said.join()).toContain("without a sandbox")
  expect(rig.read("out/shown")).toBe("same\n")
  expect((await rig.build([made])).restored).toEqual(["shown"])
})

test("without a sandbox an action sees its inputs and declared tools, and cannot change the store", async () => {
  const rig = new Rig()
  const made = target({
    name: "made",
    outputs: { tree: tree() },
    run: (_, { tree }) => inOrder([write(`${tree}/a`, "1"), write(`${tree}/b/c`, "2")]),
  })
  const used = target({
    name: "used",
    inputs: { all: layers([made.outputs.tree]) },
    outputs: { text: "out/text" },
    tools: [coreutils],
    run: ({ all }, { text }) =>
      shell(`cat ${all}/a ${all}/b/c >${text}; echo changed >${all}/a; sed --version && exit 1; true`),
  })
  expect((await rig.build([used], { sandbox: "off" })).outcome).toBe("done")
  expect(rig.read("out/text")).toBe("12")
  const again = target({
    name: "again",
    inputs: { tree: made.outputs.tree },
    outputs: { copy: tree("out/copy") },
    run: ({ tree }, { copy: to }) => copy(tree, to),
  })
  await rig.build([again])
  expect(readFileSync(rig.path("out/copy/a"), "utf8")).toBe("1")
})

test("outputs that are missing, or written though undeclared, are errors", async () => {
  const rig = new Rig()
  const nothing = target({
    name: "nothing",
    outputs: { a: "out/a", t: tree() },
    tools: [coreutils],
    run: () => shell("true"),
  })
  const much = target({
    name: "much",
    outputs: { a: "out/b" },
    tools: [coreutils],
    run: (_, { a }) => shell(`touch ${a} out/c`),
  })
  const { said } = await rig.build([nothing, much], { keepGoing: true })
  expect(said.join("\n")).toContain("did not write `out/a`, `t`")
  expect(said.join("\n")).toContain("wrote `out/c` without declaring it")
})

test("a program is run without a shell, its words as they are", async () => {
  const rig = new Rig()
  const made = target({ outputs: { to: "out/$x 'y'" }, tools: [coreutils], run: (_, { to }) => command("touch", to) })
  expect((await rig.build([made])).outcome).toBe("done")
  expect(rig.read("out/$x 'y'")).toBe("")
})

test("the modes of what an action finds and makes do not depend on who runs it", async () => {
  const rig = new Rig()
  const before = process.umask(0o077)
  onTestFinished(() => void process.umask(before))
  const made = (name: string) =>
    target({ name, outputs: { to: tree() }, tools: [coreutils], run: (_, { to }) => shell(`mkdir ${to}/${name}`) })
  const modes = 'mkdir "$SCRATCH/d"; touch "$SCRATCH/f"; stat -c %a "$SCRATCH"/*'
  const tools = [coreutils, tool({ name: "stat" })]
  const found = target({
    name: "found",
    inputs: { all: layers([made("a").outputs.to, made("b").outputs.to]) },
    outputs: { to: "out/found" },
    tools,
    run: ({ all }, { to }) => shell(`{ stat -c %a ${all} ${all}/a; ${modes}; } >${to}`),
  })
  const small = target({
    name: "small",
    outputs: { to: "out/small" },
    tools,
    run: (_, { to }) => shell(`{ ${modes}; } >${to}`),
  })
  const two = target({
    name: "two",
    outputs: { to: "out/two" },
    tools,
    run: (_, { to }) => inOrder([command("mkdir", "d"), shell(`stat -c %a d >${to}; rm -r d`)]),
  })
  for (const sandbox of ["bwrap", "off"] as const) {
    await rig.build([found, small, two], { sandbox })
    expect([sandbox, ...["found", "small", "two"].map((name) => rig.read(`out/${name}`))]).toEqual([
      sandbox,
      "755\n755\n755\n644\n",
      "755\n644\n",
      "755\n",
    ])
  }
})
