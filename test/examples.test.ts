// The examples: what a person reads there and copies is built, edited and built again.

import { spawn, spawnSync } from "node:child_process"
import { existsSync, globSync, rmSync, statSync } from "node:fs"
import { basename } from "node:path"
import { type Browser, chromium, type Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest"
import { Example, Installation, ownStore } from "./example.ts"

let installation: Installation
beforeAll(() => {
  installation = new Installation()
})
afterAll(() => installation.remove())

describe("examples/c", () => {
  const sources = "upstream/lua/src"

  function lua(): Example {
    const example = new Example("c", installation)
    const { status, said } = example.run("cd upstream && npx hashmake lua", ownStore)
    expect(status, said).toBe(0)
    return example
  }

  /** The sources that include this header, by what they say themselves. */
  function usersOf(example: Example, header: string): readonly string[] {
    const includes = (name: string, seen: Set<string>): Set<string> => {
      seen.add(name)
      for (const [, other = ""] of example.read(`${sources}/${name}`).matchAll(/^#include "(\w+\.h)"/gm))
        if (!seen.has(other)) includes(other, seen)
      return seen
    }
    const all = globSync("*.c", { cwd: example.path(sources) })
    return all.filter((name) => includes(name, new Set()).has(header)).map((name) => basename(name, ".c"))
  }

  test("every command of its README works, and those that come a second time have nothing to do", () => {
    const example = lua()
    const commands = example.commands.filter((line) => line.includes("hashmake") && !line.includes("--watch"))
    expect(commands.length).toBe(5)
    for (const line of commands) {
      const { status, said } = example.run(line, line.includes("upstream") ? ownStore : {})
      expect(status, `${line}\n${said}`).toBe(0)
    }
    expect(example.make("test").changed).toEqual([])
    expect(example.make("lua luac MODE=release").changed).toEqual([])
    const { stdout } = spawnSync(example.path("out/release/lua"), ["-e", "print(_VERSION)"], { encoding: "utf8" })
    expect(stdout).toBe("Lua 5.4\n")
  })

  test("editing a header compiles its users again and nothing else", () => {
    const example = lua()
    expect(example.make("test").status).toBe(0)
    const users = usersOf(example, "lundump.h")
    expect(users).toContain("lundump")
    example.edit(`${sources}/lundump.h`, (text) => text.replace("#define LUAC_FORMAT\t0", "#define LUAC_FORMAT\t1"))
    const { status, changed } = example.make("lua")
    const objects = users.filter((name) => name !== "luac").map((name) => `out/debug/${name}.o`)
    expect([status, changed]).toEqual([0, [...objects, "out/debug/liblua.a", "out/debug/lua"].sort()])
  })

  test("a comment added to a source compiles it again and stops there, as its object is the same", () => {
    const example = lua()
    expect(example.make("test MODE=release").status).toBe(0)
    example.edit(`${sources}/lapi.c`, (text) => `${text}/* nothing */\n`)
    expect(example.make("test MODE=release").changed).toEqual(["out/release/lapi.o"])
  })

  test("another prefix reaches the programs through the generated header", () => {
    const example = lua()
    expect(example.make("test").status).toBe(0)
    const { status, said } = example.make("test PREFIX=/opt")
    if (!existsSync(example.path("log/out/debug/test/path.said.txt"))) throw new Error(said)
    expect([status, example.read("log/out/debug/test/path.said.txt")]).toEqual([
      1,
      expect.stringContaining("> /opt/share/lua/5.4/?.lua"),
    ])
    expect(said).toContain("`out/debug/test/path.said` failed: `test/path.lua` exited with 1")
  })

  test("a test that reads what its target does not declare does not find it", () => {
    const example = lua()
    example.edit("test/path.lua", (text) => `${text}io.open("package.json"):close()\n`)
    expect(example.make("test").status).toBe(1)
    expect(example.read("log/out/debug/test/path.said.txt")).toContain("attempt to index a nil value")
  })

  test("what compile-commands says compiles as it stands", () => {
    const example = lua()
    expect(example.make("lua").status).toBe(0)
    expect(example.run("npx hashmake compile-commands lua").status).toBe(0)
    const commands = JSON.parse(example.read("compile_commands.json")) as {
      directory: string
      file: string
      arguments: string[]
    }[]
    expect(commands.length).toBe(globSync("*.c", { cwd: example.path(sources) }).length - 1)
    const { directory, arguments: argv } = commands.find(({ file }) => file.endsWith("/lvm.c")) ?? commands[0] ?? {}
    rmSync(example.path("out/debug/lvm.o"))
    const { status, stderr } = spawnSync(argv?.[0] ?? "", argv?.slice(1), { cwd: directory ?? "", encoding: "utf8" })
    expect([status, stderr]).toEqual([0, ""])
    expect(existsSync(example.path("out/debug/lvm.o"))).toBe(true)
  })
})

describe("examples/embed", () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: "/usr/bin/chromium", timeout: 0 })
  })
  afterAll(() => browser.close())

  const embed = () => new Example("embed", installation, ["vite"])

  /** Starts Vite as a person does; gives the address of the page once it serves it. */
  async function served(example: Example): Promise<string> {
    const words = [example.path("node_modules/vite/bin/vite.js"), "--host", "127.0.0.1"]
    const child = spawn(process.execPath, words, { cwd: example.root, env: example.environment })
    onTestFinished(() => void child.kill("SIGKILL"))
    return new Promise((resolve, reject) => {
      let said = ""
      const hear = (piece: Buffer) => {
        said += piece
        const [, address] = /Local: +(http\S+)/.exec(said) ?? []
        if (address !== undefined) resolve(address)
      }
      child.stdout.on("data", hear)
      child.stderr.on("data", hear)
      child.once("exit", () => reject(new Error(said)))
    })
  }

  async function opened(address: string): Promise<Page> {
    const context = await browser.newContext()
    onTestFinished(() => context.close())
    context.setDefaultTimeout(0)
    const page = await context.newPage()
    await page.goto(address)
    return page
  }

  const says = (page: Page, text: string) => page.getByRole("status").filter({ hasText: text }).waitFor()
  const overlay = (page: Page) => page.locator("vite-error-overlay .message-body")

  test("the page shows what C computes, follows its changes, and shows in the overlay what is wrong with it", async () => {
    const example = embed()
    const page = await opened(await served(example))
    await says(page, "rgb(20, 40, 90)")
    example.edit("src/colour.c", (text) => text.replace("20 + 2", "33 + 2"))
    await says(page, "rgb(33, 40, 90)")
    example.edit("src/colour.h", (text) => text.replace("LIMIT = 100", "LIMIT = 0"))
    await says(page, "rgb(0, 0, 0)")
    example.edit("src/colour.c", (text) => text.replace("90, 255};", "90, 255}"))
    await overlay(page).waitFor()
    const said = await overlay(page).innerText()
    expect(said).toContain("error: `out/colour.o` failed")
    expect(said).toContain("src/colour.c:5:55: error: expected ';' after return statement")
    await page.reload()
    await overlay(page).waitFor()
    example.edit("src/colour.h", (text) => text.replace("LIMIT = 0", "LIMIT = 100"))
    example.edit("src/colour.c", (text) => text.replace("90, 255}\n", "91, 255};\n"))
    await says(page, "rgb(33, 40, 91)")
    expect(await overlay(page).count()).toBe(0)
  })

  test("what is wrong from the start is shown; once it is mended the page is there", async () => {
    const example = embed()
    example.edit("src/fractal.c", (text) => text.replace('#include "colour.h"', '#include "color.h"'))
    const page = await opened(await served(example))
    await overlay(page).filter({ hasText: "'color.h' file not found" }).waitFor()
    example.edit("src/fractal.c", (text) => text.replace("color.h", "colour.h"))
    await says(page, "rgb(20, 40, 90)")
  })

  test("a change that changes nothing for the page leaves it alone", async () => {
    const example = embed()
    const page = await opened(await served(example))
    await says(page, "rgb(20, 40, 90)")
    let loads = 0
    page.on("load", () => loads++)
    const ran = () => statSync(example.path("log/out/fractal.o.txt"), { throwIfNoEntry: false })?.mtimeMs
    const before = ran()
    example.edit("src/fractal.c", (text) => `${text}// nothing\n`)
    await expect.poll(ran, { timeout: 300_000 }).not.toBe(before)
    // It waits for the build of Vite's engine, or does the same where a second event for the edit cancelled that one.
    expect(example.make("wasm").status).toBe(0)
    expect(example.make("wasm").changed).toEqual([])
    example.edit("src/colour.c", (text) => text.replace("20 + 2", "33 + 2"))
    await says(page, "rgb(33, 40, 90)")
    expect(loads).toBe(1)
  })

  test("the commands of its README that end work, and Vite's build has the module", () => {
    const example = embed()
    const commands = example.commands.filter((line) => !/^npm install|^npx vite$/.test(line))
    expect(commands).toEqual(["npx vite build", "npx hashmake wasm"])
    for (const line of commands) {
      const { status, said } = example.run(line)
      expect(status, `${line}\n${said}`).toBe(0)
    }
    expect(example.read("out/fractal.wasm")).toContain("draw")
    example.edit("src/colour.c", (text) => `${text}#error no more\n`)
    const { status, said } = example.run("npx vite build")
    expect(status).not.toBe(0)
    expect(said).toContain("error: no more")
  })
})

describe("examples/typescript", () => {
  const workspace = () =>
    new Example("typescript", installation, ["typescript", "rolldown", "@typescript", "@rolldown", "@oxc-project"])

  test("every command of its README works, and what it shows is what comes out", () => {
    const example = workspace()
    const commands = example.commands.filter((line) => !/^npm install|--watch/.test(line))
    expect(commands.length).toBe(3)
    let said = ""
    for (const line of commands) {
      const ran = example.run(line)
      expect(ran.status, `${line}\n${ran.said}`).toBe(0)
      said = ran.said
    }
    expect(said).toBe("count   4\nmean    4\nmedian  2.5\n")
    expect(example.make("report check").changed).toEqual([])
  })

  test("a new body is bundled into the users, whose types need no second look", () => {
    const example = workspace()
    expect(example.make("report check").status).toBe(0)
    example.edit("packages/numbers/src/middle.ts", (text) => text.replace("(below + above) / 2", "below"))
    expect(example.make("report check").changed).toEqual(["check-numbers", "numbers", "report"])
    example.edit("packages/numbers/src/middle.ts", (text) =>
      text.replace("  const sorted", "  // Smallest first.\n  const sorted"),
    )
    expect(example.make("report check").changed).toEqual(["check-numbers", "numbers"])
  })

  test("a new type is held against the users", () => {
    const example = workspace()
    expect(example.make("check").status).toBe(0)
    example.edit("packages/numbers/src/index.ts", (text) => text.replace("count: number", "count: string"))
    const { status, changed, said } = example.make("check")
    expect([status, changed]).toEqual([1, ["check-numbers"]])
    expect(said).toContain("packages/report/src/index.ts(5,3): error TS2322")
  })

  test("a package that is used and not declared is not there, though it was built", () => {
    const example = workspace()
    expect(example.make("report check").status).toBe(0)
    example.edit("packages/table/src/index.ts", (text) => `import "@example/numbers"\n${text}`)
    const { status, said } = example.make("check")
    expect(status).toBe(1)
    expect(said).toContain("Cannot find module")
  })

  test("another version of a tool is looked at anew, and what comes out of it the same stops there", () => {
    const example = workspace()
    expect(example.make("report check").status).toBe(0)
    example.edit("node_modules/.package-lock.json", (text) => `${text}\n`)
    expect(example.make("report check").changed).toEqual(["npm/typescript+rolldown"])
  })
})
