// The examples: what a person reads there and copies is built, edited and built again.

import { spawnSync } from "node:child_process"
import { existsSync, globSync, rmSync } from "node:fs"
import { basename } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
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
