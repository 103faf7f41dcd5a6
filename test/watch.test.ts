// `--watch` and `--wait`, through the real command.

import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdirSync, rmSync } from "node:fs"
import { join } from "node:path"
import { expect, onTestFinished, test } from "vitest"
import { Rig } from "./rig.ts"

const checkout = join(import.meta.dirname, "..")

const buildfile = `
import { buildfile, command, group, shell, target, tool } from ${JSON.stringify(join(checkout, "lib/mod.ts"))}
const coreutils = tool({ name: "coreutils", programs: ["tr", "cat"] })
export default buildfile({}, (_, { files }) => ({
  all: group("all", files("src/**/*.txt").map((from) => target({
    inputs: { from },
    outputs: { to: "out/" + from.path },
    tools: [coreutils],
    run: ({ from }, { to }) => shell("tr a-z A-Z <" + from + " >" + to),
  }))),
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
  const watch = () =>
    new Watching(spawn(process.execPath, [...words, "--watch"], { cwd: rig.root, env, detached: true }))
  return { rig, wait, watch }
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

test("where nobody watches, who waits builds", async () => {
  const { rig, wait } = project()
  expect((await wait()).status).toBe(0)
  expect(rig.read("out/src/a.txt")).toBe("A\n")
})
