// The real command in a small project, against golden output.

import { spawn, spawnSync } from "node:child_process"
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { expect, test } from "vitest"
import { parse } from "../bin/options.ts"
import { expectGolden } from "./golden.ts"
import { Rig } from "./rig.ts"

const checkout = join(import.meta.dirname, "..")

const buildfile = `
import { buildfile, choice, command, group, shell, source, target, tool } from ${JSON.stringify(join(checkout, "lib/mod.ts"))}

const coreutils = tool({ name: "coreutils", programs: ["cat", "tr", "sleep", "touch"] })
const variables = { MODE: choice(["debug", "release"], "optimise or not") }

export default buildfile(variables, ({ MODE }, { files }) => {
  const upper = files("src/*.txt").map((source) => target({
    about: "in capitals",
    where: "Buildfile.ts:8",
    inputs: { source },
    outputs: { to: "out/" + MODE + "/" + source.stem },
    tools: [coreutils],
    run: ({ source }, { to }) => shell("echo working; tr a-z A-Z <" + source + " >" + to),
  }))
  const bad = target({ name: "bad", about: "it fails", outputs: { x: "out/x" }, run: () => shell("echo so it goes; exit 4") })
  const slow = target({ name: "slow", outputs: { x: "out/slow" }, tools: [coreutils], run: (_, { x }) => shell("touch " + x + "; sleep 1000") })
  const rare = target({ name: "rare", outputs: { x: "out/rare" }, tools: [tool({ name: "frobnicate" })], run: () => shell("frobnicate") })
  const again = target({ name: "again", about: "the command in itself", after: upper, session: () => command(process.execPath, ${JSON.stringify(join(checkout, "bin/build.ts"))}, "all") })
  const deaf = target({ name: "deaf", outputs: { x: "out/deaf" }, module: import.meta.url, call: () => new Promise(() => setInterval(() => {}, 1e6)) })
  return { all: group("all", upper, "every text"), bad, slow, rare, again, deaf }
})
`

/** A project with two texts, and a way to run the command in it. */
function project(besides: NodeJS.ProcessEnv = {}) {
  const rig = new Rig()
  rig.write("Buildfile.ts", buildfile)
  rig.write("package.json", '{ "type": "module" }')
  rig.write("src/a.txt", "a\n")
  rig.write("src/b.txt", "b\n")
  const environment = { ...process.env, HASHMAKE_STORE: rig.store, NO_COLOR: "1", ...besides }
  const run = (...words: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(checkout, "bin/build.ts"), ...words], {
      cwd: rig.root,
      env: environment,
      encoding: "utf8",
    })
    return { status, stdout, stderr, all: stdout + stderr }
  }
  return { rig, run, environment }
}

const scrub = (rig: Rig) =>
  [
    [rig.root, "WORKSPACE"],
    [rig.store, "STORE"],
  ] as const

test("help, and no target at all, show targets, commands, variables and options", () => {
  const { run } = project()
  expectGolden("help", run("help").stdout)
  expect(run().stdout).toBe(run("--help").stdout)
})

test("what cannot be built in is told before anything is built", () => {
  const elsewhere = project({ HASHMAKE_STORE: "here" })
  const { rig, run } = project()
  mkdirSync(rig.path("log/build.ndjson"), { recursive: true })
  const told = [elsewhere.run("all"), run("all")]
  rmSync(rig.path("log"), { recursive: true })
  rig.write("Buildfile.ts", `await new Promise(() => {})\n${buildfile}`)
  told.push(run("all"))
  expect(told.map(({ status }) => status)).toEqual([2, 2, 2])
  expectGolden("cannot-begin", told.map(({ all }) => all).join("\n"), scrub(rig))
  for (const { root } of [elsewhere.rig, rig])
    expect(readdirSync(root).sort()).toEqual(["Buildfile.ts", "package.json", "src"])
})

test("the version is told, also where there is no project", () => {
  const { rig, run } = project()
  const { version } = JSON.parse(readFileSync(join(checkout, "package.json"), "utf8"))
  rmSync(rig.path("Buildfile.ts"))
  const told = { status: 0, stdout: `hashmake ${version}, Node ${process.versions.node}\n`, stderr: "" }
  expect(run("--version")).toMatchObject(told)
})

test("list", () => expectGolden("list", project().run("list").stdout))

test("a build, another one, and one after an edit", () => {
  const { rig, run } = project()
  expectGolden("build-first", run("all", "-j1").all)
  expectGolden("build-second", run("all").all)
  rig.write("src/a.txt", "changed\n")
  expectGolden("build-dry", run("-n", "all").all)
  expectGolden("build-explain", run("all", "--explain").all)
  expect(rig.read("out/debug/a")).toBe("CHANGED\n")
  rig.write("src/b.txt", "b2\n")
  expectGolden("explain", run("explain", "all").all, [[/[0-9a-f]{64}/g, "DIGEST"]])
})

test("explain says what keeps a build from being one, and explains the rest", () => {
  const { rig, run } = project()
  rig.write(
    "Buildfile.ts",
    buildfile.replace(
      "return { all:",
      'return { lacks: target({ name: "lacks", inputs: { from: source("none") }, outputs: { to: "out/lacks" }, run: () => shell(":") }), all:',
    ),
  )
  const { status, stdout, stderr } = run("explain", "lacks", "out/debug/a")
  expect([status, stderr]).toEqual([2, expect.stringContaining("`lacks` reads `none`, which is not there")])
  expect(stdout).toMatch(/^would run: `out\/debug\/a`/)
  expect(run("explain", "lacks")).toMatchObject({ status: 2, stdout: "" })
})

test("a target given twice, or by its group and its name, is built once", () => {
  const { run } = project()
  expect(run("all", "all", "out/debug/a", "-j1").all.match(/^built/gm)).toHaveLength(2)
})

test("variables choose between variants that lie side by side", () => {
  const { rig, run } = project()
  run("all", "MODE=release")
  run("all")
  expect(rig.read("out/release/a") + rig.read("out/debug/a")).toBe("A\nA\n")
  expect(run("all", "MODE=release").all).toContain("2 up to date")
})

test("unknown targets, variables, values and options name the nearest; nothing is changed", () => {
  const { rig, run } = project()
  const wrong = [
    ["al"],
    ["all", "MOOD=debug"],
    ["all", "MODE=relese"],
    ["all", "--jbos", "2"],
    ["all", "-jmany"],
    ["all", "-kj1.5"],
    ["all", "-kz"],
    ["all", "--color=blue"],
    ["all", "--log-level=loud"],
    ["all", "--sandbox=on"],
    ["log"],
    ["log", "bad"],
    ["shell", "all"],
    ["shell", "bad", "all"],
    ["all", "list"],
    ["list", "all"],
    ["help", "all"],
    ["distclean", "all"],
    ["completion", "bash", "zsh"],
    ["all", "--json=no"],
    ["all", "-n=1"],
    ["all", "--color"],
    ["gc", "--max-size"],
    ["all", "--", "-x"],
    ["list", "--", "-x"],
    ["all", "--repair"],
    ["gc", "--repair"],
    ["verify", "--max-size=1GB"],
    ["all", "-o", "file"],
  ]
  const told = wrong.map((words) => `$ build ${words.join(" ")}\n${run(...words).all}`)
  expectGolden("wrong-words", told.join("\n"))
  expect(wrong.map((words) => run(...words).status)).toEqual(wrong.map(() => 2))
  expect(existsSync(rig.path("out"))).toBe(false)
})

test("an option that is given again counts as it was given last", () => {
  const { rig, run } = project()
  expect(run("all", "-n", "-n", "-k", "-k", "-j2", "-j", "1", "--trace", "one", "--trace", "other").status).toBe(0)
  expect(["out", "one", "other"].map((name) => existsSync(rig.path(name)))).toEqual([false, false, true])
})

test("a failed action: status 1, its log, and the log command", () => {
  const { rig, run } = project()
  const failed = run("bad")
  expect(failed.status).toBe(1)
  expectGolden("build-failed", failed.all, scrub(rig))
  expectGolden("log", run("log", "bad").stdout)
})

test("the log of a group is those of its members that ran here", () => {
  const { run } = project()
  expect(run("log", "all").all).toContain("`all` has no log")
  run("out/debug/a")
  expect(run("log", "all").stdout.match(/^# out.*$/gm)).toEqual(["# out/debug/a"])
  run("all")
  expect(run("log", "all").stdout.match(/^# out.*$/gm)).toEqual(["# out/debug/a", "# out/debug/b"])
})

test("the log of any target is shown: one named as another's log, with a long name, or longer than a text can be", () => {
  const { rig, run, environment } = project()
  const names = ["c", "c.txt/d", "build.ndjson/x", "../e", "n".repeat(255)]
  rig.write(
    "Buildfile.ts",
    buildfile.replace(
      "return { all:",
      `return { ...Object.fromEntries(${JSON.stringify(names)}.map((name, i) => [name, target({ name, outputs: { x: "out/" + i }, run: (_, { x }) => shell("echo of " + i + "; : >" + x) })])), all:`,
    ),
  )
  expect(run(...names).status).toBe(0)
  for (const [i, name] of names.entries()) expect(run("log", name).stdout).toContain(`of ${i}\n`)
  expect(existsSync(rig.path("e.txt"))).toBe(false)
  truncateSync(rig.path("log/c.txt"), 540e6)
  const { status, stderr } = spawnSync(process.execPath, [join(checkout, "bin/build.ts"), "log", "c"], {
    cwd: rig.root,
    env: environment,
    stdio: ["ignore", "ignore", "pipe"],
  })
  expect([status, String(stderr)]).toEqual([0, ""])
})

test("a missing tool: status 2, what needs it, and the one command that installs it", () => {
  const { status, all } = project().run("rare")
  expect(status).toBe(2)
  expectGolden("missing-tool", all, [["sudo ", ""]])
})

test("a Buildfile that is not there, does not export one, or throws", () => {
  const { rig, run } = project()
  rig.write("Buildfile.ts", "export default 3\n")
  expectGolden("no-default", run("all").all)
  rig.write("Buildfile.ts", "export default missing\n")
  expectGolden("broken-buildfile", run("all").all)
  const { stderr } = spawnSync(process.execPath, [join(checkout, "bin/build.ts"), "all"], {
    cwd: rig.directory,
    encoding: "utf8",
  })
  expectGolden("no-buildfile", stderr, [[rig.directory, "DIRECTORY"]])
})

test("what does not parse, or asks for what is not exported, is told with its file and line, whichever module it is in", () => {
  const { rig, run } = project()
  rig.write("Buildfile.ts", 'import { rule } from "./some rules/c.ts"\n')
  const broken = [
    "export const rule = {\n  depth: 1 +,\n}\n",
    "export enum Rule { a }\n",
    "export const rules = 1\n",
    "export const rule = {\n",
  ]
  const told = broken.map((text) => {
    rig.write("some rules/c.ts", text)
    return run("list").all
  })
  rig.write("some rules/c.ts", "export const rule = 1\n")
  rig.write("package.json", '{ "type": "commonjs" }')
  told.push(run("list").all.replace(/^\(.*\n/gm, ""))
  expectGolden("broken-module", told.join("\n"), scrub(rig))
})

test("short options may stand together, and -j without a number is as many as there are processors", () => {
  const jobs = (...argv: string[]) => {
    const { words, jobs, keepGoing, output, rest } = parse(argv)
    return { words, jobs, keepGoing, output, rest }
  }
  const plain = { words: ["all"], jobs: undefined, keepGoing: true, output: undefined, rest: [] }
  for (const words of ["-kj", "-kj all", "-j -k"])
    expect([words, jobs(...words.split(" "), ...(words.includes("all") ? [] : ["all"]))]).toEqual([words, plain])
  for (const words of ["-kj4", "-kj 4", "-j4 -k", "-k -j=4", "-k --jobs=4"])
    expect([words, jobs(...words.split(" "), "all")]).toEqual([words, { ...plain, jobs: 4 }])
  expect(jobs("all", "-kofile", "--", "-kj4")).toEqual({ ...plain, output: "file", rest: ["-kj4"] })
})

test("a name that every object has is no target, variable, option or question", () => {
  const { run } = project()
  for (const name of ["constructor", "toString", "__proto__", "valueOf"]) {
    const typed = [
      [name],
      [`${name}=1`, "all"],
      ["clean", name],
      ["log", name],
      ["query", name],
      ["query", "deps", name],
    ]
    for (const words of [...typed, ["query", "targets", name], [`--${name}`], [`--${name}=1`]])
      expect([words, run(...words).all.split("\n")[0]]).toEqual([words, expect.stringMatching(/^error: .*`.*`/)])
    expect(run("complete", name, "").all + run("complete", `${name}=`).all).not.toContain("rror")
  }
})

test("what cannot be written to is told where that can be, and a build goes on without standard error", () => {
  const { rig, environment } = project()
  const command = `${process.execPath} ${join(checkout, "bin/build.ts")}`
  const sh = (line: string) => spawnSync("sh", ["-c", line], { cwd: rig.root, env: environment, encoding: "utf8" })
  for (const words of ["list", "help", "all --json", "query targets"]) {
    const { status, stderr } = sh(`${command} ${words} >/dev/full`)
    expect([words, status, stderr.split("\n")[0]]).toEqual([words, 2, "error: `standard output` cannot be written"])
  }
  expect([sh(`${command} all 2>/dev/full`).status, sh(`${command} all 2>/dev/full`).status]).toEqual([0, 0])
  expect([sh(`${command} bad 2>/dev/full`).status, sh(`${command} nothing 2>/dev/full`).status]).toEqual([1, 2])
})

test("json: one event a line", () => {
  const { run } = project()
  const events = run("all", "--json")
    .stdout.trim()
    .split("\n")
    .map((line) => JSON.parse(line))
  expect(events[0]).toMatchObject({ type: "build-started", targets: 2 })
  expect(events.at(-1)).toMatchObject({ type: "build-ended", outcome: "done" })
})

test("quiet says nothing, verbose shows what actions write", () => {
  const { run } = project()
  expect(run("all", "-q").all).toBe("")
  const { run: another } = project()
  expect(another("all", "-v").all).toContain("working\n")
})

test("the log of builds holds what ran, and is not touched when nothing runs", () => {
  const { rig, run } = project()
  run("all")
  const log = rig.read("log/build.ndjson")
  expect(
    log
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).state),
  ).toContain("built")
  run("all")
  expect(rig.read("log/build.ndjson")).toBe(log)
})

test("clean takes the outputs away, and the store brings them back", () => {
  const { rig, run } = project()
  run("all")
  expect(run("clean-out/debug/a").stdout).toBe("removed 1 file\n")
  expect([existsSync(rig.path("out/debug/a")), existsSync(rig.path("out/debug/b"))]).toEqual([false, true])
  expect(run("all").all).toContain("1 restored, 1 up to date")
  run("clean")
  expect(existsSync(rig.path("out"))).toBe(false)
})

test("distclean takes away what builds left and their logs, and nothing of the user's own", () => {
  const { rig, run } = project()
  run("all")
  run("bad")
  const own = ["out/own", "image/logo.svg", "log/notes.txt", "log/logger.ts", "src/a.txt"]
  for (const path of own.slice(0, -1)) rig.write(path, "mine\n")
  expect(run("distclean").status).toBe(0)
  expect(own.filter((path) => !existsSync(rig.path(path)))).toEqual([])
  expect(
    [".hashmake", "out/debug", "log/bad.txt", "log/build.ndjson"].filter((path) => existsSync(rig.path(path))),
  ).toEqual([])
})

test("with -n, what would be removed is told and nothing is", () => {
  const { rig, run } = project()
  run("all")
  const both = "would remove out/debug/a\nwould remove out/debug/b\nwould remove 2 files\n"
  expect(run("-n", "clean-out/debug/a").stdout).toBe("would remove out/debug/a\nwould remove 1 file\n")
  expect(run("-n", "clean").stdout).toBe(both)
  expect(run("-n", "distclean").stdout).toContain(both)
  expect(run("all").all).toContain("2 up to date")
  expect(existsSync(rig.path("log/build.ndjson"))).toBe(true)
})

test("shell starts where the action runs, with its tools and nothing else", () => {
  const { rig, environment } = project()
  const script = "pwd; cat src/a.txt; command -v sed || echo none; cat /etc/steps/1-*; exit 5"
  const { status, stdout } = spawnSync(process.execPath, [join(checkout, "bin/build.ts"), "shell", "out/debug/a"], {
    cwd: rig.root,
    env: environment,
    input: script,
    encoding: "utf8",
  })
  expect(stdout).toBe("/project\na\nnone\necho working; tr a-z A-Z <src/a.txt >out/debug/a\n")
  expect(status).toBe(5)
})

test("a session may build in the same workspace, which is let go before it starts", () => {
  const { status, all } = project().run("again")
  expect(status, all).toBe(0)
  expect(all).toContain("2 up to date")
})

test.each([
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const)("%s to the command ends what a session started, too", async (signal, expected) => {
  const { rig, environment } = project()
  rig.write(
    "Buildfile.ts",
    `import { buildfile, command, target } from ${JSON.stringify(join(checkout, "lib/mod.ts"))}
export default buildfile({}, () => ({ wait: target({ name: "wait", session: () => command("sh", "-c", "echo $$ >pid; exec sleep 1000") }) }))`,
  )
  const child = spawn(process.execPath, [join(checkout, "bin/build.ts"), "wait"], { cwd: rig.root, env: environment })
  const status = new Promise((resolve) => child.once("exit", (code, by) => resolve(code ?? by)))
  const pid = () => (existsSync(rig.path("pid")) ? Number(rig.read("pid")) : 0)
  while (pid() === 0) await sleep(10)
  child.kill(signal)
  expect(await status).toBe(expected)
  expect(() => process.kill(pid(), 0)).toThrow("ESRCH")
})

test("doctor says what is missing and what needs it", () => {
  const { status, stdout } = project().run("doctor")
  expect(status).toBe(1)
  expect(stdout).toMatch(/missing +frobnicate +needed by rare/)
})

test("Ctrl-C ends the build with 130; a second one at once", async () => {
  for (const signals of [1, 2]) {
    const { rig, environment } = project()
    const child = spawn(process.execPath, [join(checkout, "bin/build.ts"), "slow"], {
      cwd: rig.root,
      env: environment,
      stdio: ["ignore", "ignore", "pipe"],
    })
    let said = ""
    child.stderr.setEncoding("utf8").on("data", (piece: string) => (said += piece))
    // As a shell counts: one that comes when the process is all but gone ends it by the signal, which is 130, too.
    const status = new Promise((resolve) =>
      child.once("exit", (code, by) => resolve(code ?? (by === "SIGINT" ? 130 : by))),
    )
    while (!said.includes("runs      slow")) await sleep(10)
    for (let i = 0; i < signals; i++) {
      child.kill("SIGINT")
      await sleep(20)
    }
    expect(await status).toBe(130)
    expect(existsSync(rig.path("out/slow"))).toBe(false)
  }
})

test("Ctrl-C ends a build in which a function does not hear of it, and says how to end it sooner", async () => {
  const { rig, environment } = project()
  const child = spawn(process.execPath, [join(checkout, "bin/build.ts"), "deaf"], {
    cwd: rig.root,
    env: environment,
    stdio: ["ignore", "ignore", "pipe"],
  })
  let said = ""
  child.stderr.setEncoding("utf8").on("data", (piece: string) => (said += piece))
  const status = new Promise((resolve) => child.once("exit", resolve))
  while (!said.includes("runs      deaf")) await sleep(10)
  child.kill("SIGINT")
  expect(await status).toBe(130)
  expectGolden("ending", said)
})

test("an old Node is refused by the launcher, with what to do", () => {
  const rig = new Rig()
  mkdirSync(join(rig.directory, "bin"))
  for (const name of ["sh", "readlink", "dirname", "cmp", "uname", "env", "flock"]) {
    const path = ["/usr/bin", "/bin"].map((directory) => join(directory, name)).find(existsSync)
    if (path !== undefined && name !== "uname") symlinkSync(path, join(rig.directory, "bin", name))
  }
  rig.write("build", readFileSync(join(checkout, "build"), "utf8"))
  rig.write("package-lock.json", "{}")
  rig.write("node_modules/.package-lock.installed", "{}")
  const programs: Record<string, string> = {
    uname: "echo mips",
    node: "case $1 in --version) echo v20.1.0;; *) exit 1;; esac",
  }
  for (const [name, text] of Object.entries(programs))
    writeFileSync(join(rig.directory, "bin", name), `#!/bin/sh\n${text}\n`, { mode: 0o755 })
  const { status, stderr } = spawnSync("sh", [rig.path("build"), "all"], {
    env: { PATH: join(rig.directory, "bin") },
    encoding: "utf8",
  })
  expect(status).toBe(2)
  expectGolden("old-node", stderr)
})
