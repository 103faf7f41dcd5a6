// `--watch` and `--wait`, through the real command.

import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { expect, onTestFinished, test } from "vitest"
import { unwatched } from "../bin/options.ts"
import { expectGolden } from "./golden.ts"
import { Rig } from "./rig.ts"

const checkout = join(import.meta.dirname, "..")

const buildfile = `
import { buildfile, command, group, shell, target, tool, tree } from ${JSON.stringify(join(checkout, "lib/mod.ts"))}
const coreutils = tool({ name: "coreutils", programs: ["tr", "cat"] })
export default buildfile({}, (_, { files }) => ({
  all: group("all", [
    ...files("src/**/*.txt").map((from) => target({
      inputs: { from },
      outputs: { to: "out/" + from.path },
      tools: [coreutils],
      run: ({ from }, { to }) => shell("tr a-z A-Z <" + from + " >" + to),
    })),
    target({ outputs: { all: tree("made") }, run: (_, { all }) => shell("echo >" + all + "/one") }),
  ]),
}))
`

function project() {
  const rig = new Rig()
  rig.write("Buildfile.ts", buildfile)
  rig.write("package.json", '{ "type": "module" }')
  rig.write("src/a.txt", "a\n")
  const env = { ...process.env, HASHMAKE_STORE: rig.store, XDG_RUNTIME_DIR: rig.directory, NO_COLOR: "1" }
  const words = ["--disable-warning=ExperimentalWarning", join(checkout, "bin/build.ts"), "all"]
  // Not spawnSync: what the watching process writes has to be read meanwhile.
  const wait = async () => {
    const child = spawn(process.execPath, [...words, "--wait"], { cwd: rig.root, env })
    let stderr = ""
    child.stderr.on("data", (text: Buffer) => {
      stderr += text
    })
    const [status] = await once(child, "close")
    return { status, stderr }
  }
  const watch = (how = "--watch") =>
    new Watching(spawn(process.execPath, [...words, how], { cwd: rig.root, env, detached: true }))
  return { rig, words, env, wait, watch }
}

/** Resolves once somebody has asked who watches, as the kernel tells it. */
async function connected({ directory }: Rig): Promise<void> {
  const sockets = () =>
    readFileSync("/proc/net/unix", "utf8")
      .split("\n")
      .filter((line) => line.includes(directory))
  // The one that listens, and one for each who asked.
  while (sockets().length < 2) await sleep(5)
}

class Watching {
  readonly child: ChildProcess
  said = ""
  #wake: () => void = () => {}

  constructor(child: ChildProcess) {
    this.child = child
    child.stderr?.on("data", (text: Buffer) => {
      this.said += text
      this.#wake()
    })
    onTestFinished(() => {
      if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, "SIGKILL")
    })
  }

  async says(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.said))
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
  }
}

test("what changes while one watches is built; whoever waits is told once it is", async () => {
  const { rig, wait, watch } = project()
  const watching = watch()
  await watching.says(/watching/)
  expect(rig.read("out/src/a.txt")).toBe("A\n")
  for (const text of ["b", "c", "d"]) {
    rig.write("src/a.txt", `${text}\n`)
    expect(await wait()).toEqual({ status: 0, stderr: "up to date\n" })
    expect(rig.read("out/src/a.txt")).toBe(`${text.toUpperCase()}\n`)
  }
  mkdirSync(rig.path("src/deep/deeper"), { recursive: true })
  rig.write("src/deep/deeper/new.txt", "new\n")
  expect((await wait()).status).toBe(0)
  expect(rig.read("out/src/deep/deeper/new.txt")).toBe("NEW\n")
  rig.write("src/deep/deeper/new.txt", "newer\n")
  rmSync(rig.path("out/src/a.txt"))
  expect((await wait()).status).toBe(0)
  expect(rig.read("out/src/deep/deeper/new.txt")).toBe("NEWER\n")
  expect(rig.read("out/src/a.txt")).toBe("D\n")
  rig.write("Buildfile.ts", buildfile.replace("tr a-z A-Z", "tr a-z b-za"))
  expect((await wait()).status).toBe(0)
  expect(rig.read("out/src/a.txt")).toBe("e\n")
  rig.write("Buildfile.ts", buildfile.replace("tr a-z A-Z", "exit 3; tr a-z A-Z"))
  expect(await wait()).toEqual({ status: 1, stderr: "the last build failed\n" })
  rig.write("Buildfile.ts", buildfile)
  expect((await wait()).status).toBe(0)
  expect(rig.read("out/src/a.txt")).toBe("D\n")
  watching.child.kill("SIGINT")
  expect(await once(watching.child, "exit")).toEqual([130, null])
})

test("watching may be asked for among other short options, and who builds meanwhile does not watch", async () => {
  expect(unwatched(["-kwj4", "all", "--watch", "--", "-w"])).toEqual(["-k", "-j", "4", "all", "--", "-w"])
  const { rig, watch } = project()
  const watching = watch("-kw")
  await watching.says(/watching; Ctrl-C ends it/)
  expect(rig.read("out/src/a.txt")).toBe("A\n")
  rig.write("src/b.txt", "b\n")
  await watching.says(/1 built, 2 up to date/)
})

test("what the Buildfile imports from elsewhere is watched, and sources beside the logs", async () => {
  const { rig, wait, watch } = project()
  const rules = (letters: string) => `export const letters = "${letters}"\n`
  const replace = (text: string) => {
    rig.write("../common/rules.ts.new", text)
    renameSync(rig.path("../common/rules.ts.new"), rig.path("../common/rules.ts"))
  }
  rig.write("../common/rules.ts", rules("a-z A-Z"))
  rig.write(
    "Buildfile.ts",
    `import { letters } from "../common/rules.ts"\n${buildfile.replace('"tr a-z A-Z <"', '"tr " + letters + " <"').replace("src/**/*.txt", "{src/**/*.txt,log/**/*.in}")}`,
  )
  rig.write("log/words/b.in", "b\n")
  const watching = watch()
  await watching.says(/watching/)
  expect(rig.read("out/src/a.txt")).toBe("A\n")
  for (const [to, expected] of [
    ["b-za", "b\n"],
    ["c-zab", "c\n"],
    ["a-z", "a\n"],
  ] as const) {
    replace(rules(`a-z ${to}`))
    expect(await wait()).toEqual({ status: 0, stderr: "up to date\n" })
    expect(rig.read("out/src/a.txt")).toBe(expected)
  }
  rig.write("log/words/b.in", "edited\n")
  expect((await wait()).status).toBe(0)
  expect(rig.read("out/log/words/b.in")).toBe("edited\n")
})

test("a directory of outputs that becomes a file is no end of watching", async () => {
  const { rig, wait, watch } = project()
  const watching = watch()
  await watching.says(/watching/)
  rmSync(rig.path("out/src"), { recursive: true })
  rig.write("out/src", "a file\n")
  const { status } = await wait()
  expect([status, watching.child.exitCode], watching.said).toEqual([2, null])
  expect(watching.said).toContain("out/src")
  rmSync(rig.path("out/src"))
  expect(await wait()).toEqual({ status: 0, stderr: "up to date\n" })
  expect(rig.read("out/src/a.txt")).toBe("A\n")
})

test("an error of the build itself is told, and watching goes on", async () => {
  const { rig, wait, watch } = project()
  const watching = watch()
  await watching.says(/watching/)
  const version = join(rig.store, "VERSION")
  const right = readFileSync(version, "utf8")
  writeFileSync(version, "999\n")
  rig.write("src/a.txt", "b\n")
  expect(await wait()).toEqual({ status: 2, stderr: "the last build failed\n" })
  expect(watching.said).toContain("newer hashmake")
  writeFileSync(version, right)
  rig.write("src/a.txt", "c\n")
  expect(await wait()).toEqual({ status: 0, stderr: "up to date\n" })
  expect(rig.read("out/src/a.txt")).toBe("C\n")
})

/** Whoever watches may make it again while it is being removed. */
const removal = { recursive: true, maxRetries: 100, retryDelay: 10 }

test("who waits is told, though what the engine keeps was removed while it watched", async () => {
  const { rig, wait, watch } = project()
  const watching = watch()
  await watching.says(/watching/)
  rmSync(rig.path(".hashmake"), removal)
  expect(await wait()).toEqual({ status: 0, stderr: "up to date\n" })
  rmSync(rig.path(".hashmake"), removal)
  writeFileSync(rig.path("src/a.txt"), "changed\n")
  expect((await wait()).status).toBe(0)
  expect(readFileSync(rig.path("out/src/a.txt"), "utf8")).toBe("CHANGED\n")
  watching.child.kill("SIGINT")
  expect(await once(watching.child, "exit")).toEqual([130, null])
})

test("a build that fails, and writes where it is watched, is not built again and again", async () => {
  const { rig, wait, watch, words } = project()
  words.push("--sandbox", "off")
  rig.write(
    "Buildfile.ts",
    buildfile
      .replace('" >" + to)', '" >" + to + "; echo >" + to + ".$$; rm " + to + ".$$; exit 3")')
      .replace('"cat"]', '"cat", "rm"]'),
  )
  const watching = watch()
  await watching.says(/watching/)
  writeFileSync(rig.path("src/b.txt"), "b\n")
  expect((await wait()).status).toBe(1)
  rmSync(rig.path("src/a.txt"))
  expect((await wait()).status).toBe(1)
  rmSync(rig.path("src/b.txt"))
  expect((await wait()).status).toBe(0)
})

test("what somebody put into an output directory is gone when who waits is told", async () => {
  const { rig, wait, watch } = project()
  const watching = watch()
  await watching.says(/watching/)
  writeFileSync(rig.path("made/stray"), "")
  expect((await wait()).status).toBe(0)
  expect(readdirSync(rig.path("made"))).toEqual(["one"])
})

test("a link that leads to itself can be watched", async () => {
  const { rig, wait, watch } = project()
  symlinkSync("loop", rig.path("src/loop"))
  const watching = watch()
  await watching.says(/watching/)
  writeFileSync(rig.path("src/a.txt"), "changed\n")
  expect((await wait()).status).toBe(0)
  expect(readFileSync(rig.path("out/src/a.txt"), "utf8")).toBe("CHANGED\n")
})

test("more directories than may be watched: said, and ended", () => {
  const { rig, words, env } = project()
  for (let i = 0; i < 20; i++) mkdirSync(rig.path(`src/${i}`))
  const script = `echo 8 >/proc/sys/user/max_inotify_watches && exec "$@"`
  const program = ["-Ur", "sh", "-c", script, "sh", process.execPath, ...words, "--watch"]
  const { status, stderr } = spawnSync("unshare", program, { cwd: rig.root, env, encoding: "utf8" })
  expectGolden("too-many-to-watch", stderr.replaceAll(/(at +).*/g, "$1DIRECTORY"))
  expect(status).toBe(2)
})

test("who waits while watching is ended builds", async () => {
  const { rig, wait, watch } = project()
  const watching = watch()
  await watching.says(/watching/)
  watching.child.kill("SIGSTOP")
  rig.write("src/a.txt", "b\n")
  const waiting = wait()
  await connected(rig)
  watching.child.kill("SIGINT")
  watching.child.kill("SIGCONT")
  expect((await waiting).status).toBe(0)
  expect(rig.read("out/src/a.txt")).toBe("B\n")
  expect(watching.child.exitCode ?? (await once(watching.child, "exit"))[0]).toBe(130)
})

test("where nobody watches, who waits builds", async () => {
  const { rig, wait } = project()
  expect((await wait()).status).toBe(0)
  expect(rig.read("out/src/a.txt")).toBe("A\n")
})

test("where nobody can be heard, in a user's directory that is none, one watches all the same, and who waits builds", async () => {
  const { rig, env, wait, watch } = project()
  rig.write("none", "")
  for (const directory of [join(rig.directory, "nowhere"), rig.path("none"), join(rig.directory, "x".repeat(200))]) {
    env.XDG_RUNTIME_DIR = directory
    const watching = watch()
    await watching.says(/watching/)
    expect((await wait()).status).toBe(0)
    watching.child.kill("SIGINT")
    await once(watching.child, "exit")
  }
})
