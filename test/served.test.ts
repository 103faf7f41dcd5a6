// Builds whose actions' children are clients of the jobserver: real makes, and scripts that take and give tokens as cargo and ninja
// do; and the command itself as a client. Parallelism is counted by the jobs, from the lines that they write; what lost a token would
// wait for ever.

import { spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { appendFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import { type BuildEvent, shell, source, type Target, type Terms, target, tool } from "../lib/mod.ts"
import { clean, Jobs, makefile, mostIn, tokens } from "./jobs.ts"
import { coreutils, Rig } from "./rig.ts"

const tools = [coreutils, tool({ name: "make" }), tool({ name: "grep" }), tool({ name: "dd", debian: ["coreutils"] })]
const sandboxes = ["bwrap", "off"] as const

/** An action that runs a script in its scratch directory; what that logs is its output. */
const logs = (name: string, script: string, terms: Terms = { jobserver: "pipe" }): Target =>
  target({
    name,
    inputs: { makefile: source("Makefile") },
    outputs: { log: `out/${name}` },
    tools,
    run: ({ makefile }, { log }) =>
      shell(`here=$PWD; cd "$SCRATCH"; cp "$here/${makefile}" .; : >log; ${script}\ncat log >"$here/${log}"`),
    ...terms,
  })

const linesOf = (text: string) => text.split("\n").filter(Boolean)

test.for(sandboxes)("a tree of makes runs as much at once as there are slots (%s)", async (sandbox) => {
  const rig = new Rig()
  rig.write("Makefile", makefile(4, 3))
  expect(await rig.build([logs("makes", "make -k")], { slots: 3, sandbox })).toMatchObject({ failures: [] })
  const lines = linesOf(rig.read("out/makes"))
  expect([lines.length, mostIn(lines)]).toEqual([16, 3])
})

test.for(sandboxes)("a child that takes tokens by the pipe's name gets as many as there are (%s)", async (sandbox) => {
  const rig = new Rig()
  rig.write("Makefile", "")
  const take = 'exec 9<>"${MAKEFLAGS##*fifo:}"; take() { dd bs=1 count=1 of=/dev/null 2>/dev/null <&9; }'
  const child = logs("child", `${take}; take; take; take; echo "$MAKEFLAGS" >log; printf +++ >&9`, {
    jobserver: "fifo",
  })
  expect(await rig.build([child], { slots: 4, sandbox })).toMatchObject({ failures: [] })
  expect(rig.read("out/child")).toMatch(/^ -j4 --jobserver-auth=fifo:\//)
})

/** Rules that log to one file when they begin and end, and end once `need` have begun. */
const works = (jobs: Jobs, count: number, need: number, after: readonly Target[] = []) =>
  Array.from({ length: count }, (_, i) =>
    target({
      name: `work${i}`,
      after,
      outputs: { to: `out/work${i}` },
      module: import.meta.url,
      call: async (_, { to }) => {
        appendFileSync(jobs.log, "begin\n")
        await jobs.until("begin", need)
        appendFileSync(jobs.log, "end\n")
        writeFileSync(to, "")
      },
    }),
  )

test("makes of several actions and other actions keep one bound, and reach it", async () => {
  const rig = new Rig()
  const jobs = new Jobs()
  rig.write("Makefile", makefile(3, 4).replaceAll("log", jobs.log))
  const wanted = [logs("one", "make -k"), ...works(jobs, 4, 4), logs("two", "make -k")]
  expect(await rig.build(wanted, { slots: 4, sandbox: "off" })).toMatchObject({ failures: [] })
  expect([jobs.count("end"), jobs.most()]).toEqual([16, 4])
})

test.for(sandboxes)("a make that is killed with tokens in its hand loses none (%s)", async (sandbox) => {
  const rig = new Rig()
  const jobs = new Jobs()
  // Each job kills its make, which holds a token for every job of its own but the first.
  rig.write("Makefile", makefile(2, 3, "kill -9 $$PPID"))
  const killed = logs("killed", "make -k")
  const gate = target({
    name: "gate",
    outputs: { to: "out/gate" },
    module: import.meta.url,
    call: async (_, { to }) => jobs.until("killed", 1).then(() => writeFileSync(to, "")),
  })
  const emit = (event: BuildEvent) => {
    if (event.type === "failure") appendFileSync(jobs.log, "killed\n")
  }
  const options = { slots: 4, sandbox, keepGoing: true, emit } as const
  const { ran, failures } = await rig.build([killed, gate, ...works(jobs, 5, 4, [gate])], options)
  expect([ran.length, failures.length, jobs.most()]).toEqual([6, 1, 4])
})

test("under an outer jobserver its tokens go back when an action fails, and when the build is cancelled", async () => {
  for (const isCancelled of [false, true]) {
    const [rig, jobs] = [new Rig(), new Jobs()]
    const outer = tokens(jobs, "abcd")
    const last = isCancelled ? "sleep 1000" : "kill -9 $$PPID"
    rig.write("Makefile", makefile(2, 3, last).replaceAll("log", jobs.log))
    const cancel = new AbortController()
    const makeflags = ` -j5 --jobserver-auth=fifo:${outer.path}`
    const options = { slots: 3, makeflags, signal: cancel.signal, sandbox: "off" } as const
    const build = rig.build([logs("makes", "make -k")], options)
    await jobs.until("begin", 3)
    if (isCancelled) cancel.abort()
    expect(await build).toMatchObject({ outcome: isCancelled ? "cancelled" : "failed" })
    expect(outer.left()).toBe("abcd")
  }
})

const checkout = join(import.meta.dirname, "..")
const hashmake = `${process.execPath} ${join(checkout, "bin/build.ts")} --sandbox=off`

/** A project of five actions, each of which logs when it begins and ends, and ends once three have begun. */
function project() {
  const [rig, jobs] = [new Rig(), new Jobs()]
  rig.write("package.json", '{ "type": "module" }')
  rig.write(
    "Buildfile.ts",
    `import { buildfile, group, shell, target, tool } from ${JSON.stringify(join(checkout, "lib/mod.ts"))}
const tools = [tool({ name: "coreutils", programs: ["sleep", "touch"] }), tool({ name: "grep" })]
const log = ${JSON.stringify(jobs.log)}
const works = [1, 2, 3, 4, 5].map((i) => target({ outputs: { to: "out/" + i }, tools, run: (_, { to }) => shell(
  "echo begin >>" + log + "; until [ ! -e " + log + " ] || [ $(grep -c begin " + log + ") -ge 3 ]; do sleep 0.01; done; " +
  "until [ ! -e " + log + " ] || [ -e " + log + ".go ]; do sleep 0.01; done; echo end >>" + log + "; touch " + to) }))
export default buildfile({}, () => ({ all: group("all", works) }))
`,
  )
  const env = { ...clean, HASHMAKE_STORE: rig.store, HOME: rig.directory }
  const make = (recipe: string, ...words: readonly string[]) => {
    rig.write("Makefile", `us: ; ${recipe}\n`)
    return spawnSync("make", words, { cwd: rig.root, env, encoding: "utf8" })
  }
  return { rig, jobs, env, make }
}

test("the command under `make -j3` runs three at once, and gives all tokens back", () => {
  const { jobs, make } = project()
  writeFileSync(`${jobs.log}.go`, "")
  const { status, stderr } = make(`+@${hashmake} all`, "-j3")
  // make counts its tokens at the end, and says so if some are missing.
  expect([status, stderr.match(/INTERNAL.*|MAKEFLAGS.*/)]).toEqual([0, null])
  expect([jobs.count("end"), jobs.most()]).toEqual([5, 3])
})

test("without `+` the command says that it cannot reach the jobserver, and builds; `make -n` is a dry run", () => {
  const { jobs, make } = project()
  expect(make(`+@${hashmake} all`, "-n").stderr).toContain("would run")
  expect(jobs.lines()).toEqual([])
  writeFileSync(`${jobs.log}.go`, "")
  const { status, stderr } = make(`@${hashmake} -j4 all`, "-j3")
  expect([status, stderr.includes("MAKEFLAGS names a jobserver that cannot be reached")]).toEqual([0, true])
  expect(jobs.most()).toBeGreaterThanOrEqual(3)
})

test("Ctrl-C gives an outer make its tokens back", async () => {
  const { rig, jobs, env } = project()
  const outer = tokens(jobs, "abcd")
  const [program = "", ...words] = hashmake.split(" ")
  const child = spawn(program, [...words, "all"], {
    cwd: rig.root,
    env: { ...env, MAKEFLAGS: ` -j5 --jobserver-auth=fifo:${outer.path}` },
    stdio: "ignore",
  })
  const ended = once(child, "exit")
  await jobs.until("begin", 5)
  expect(outer.left()).toBe("")
  child.kill("SIGINT")
  expect(await ended).toEqual([130, null])
  expect(outer.left()).toBe("abcd")
})
