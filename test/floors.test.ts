import { globSync, readFileSync } from "node:fs"
import { dirname, join, relative } from "node:path"
import { expect, test } from "vitest"

// What each room may import besides itself (DESIGN: an import goes only down). mod.ts is the engine's door, above all rooms.
const below: Readonly<Record<string, readonly string[]>> = {
  base: [],
  graph: ["base"],
  store: ["graph", "base"],
  remote: ["store", "graph", "base"],
  exec: ["remote", "store", "graph", "base"],
  load: ["remote", "store", "graph", "base"],
  report: ["graph", "base"],
  linux: ["graph", "base"],
  engine: ["load", "exec", "graph", "base"],
  mod: ["engine", "load", "exec", "report", "store", "graph", "base"],
  bin: ["mod", "load", "exec", "report", "linux", "store", "graph", "base"],
  pkg: ["mod", "linux/mod", "sysdeps"],
  sysdeps: ["linux/mod"],
  systems: ["mod", "linux/mod", "pkg", "sysdeps"],
  "Buildfile.ts": ["mod", "linux/mod", "pkg", "sysdeps", "systems"],
}

const root = join(import.meta.dirname, "..")
const files = globSync("{lib,bin,pkg,sysdeps,systems}/**/*.ts", { cwd: root }).concat("Buildfile.ts").sort()

function room(path: string): string {
  const [top = "", second = ""] = path.split("/")
  if (top !== "lib") return top
  return second.replace(/\.ts$/, "")
}

function imports(path: string): string[] {
  const text = readFileSync(join(root, path), "utf8")
  const names = [
    ...text.matchAll(/^\s*(?:import|export)\s(?:[^"';]*?\sfrom\s*)?"(\.[^"]+)"|import\("(\.[^"]+)"\)/gm),
  ].map(([, a, b]) => a ?? b ?? "")
  return names.map((name) => relative(root, join(root, dirname(path), name)))
}

test("an import goes only down", () => {
  const wrong = files.flatMap((path) =>
    imports(path)
      .filter((to) => {
        if (room(to) === room(path)) return false
        const door = to === "lib/linux/mod.ts" ? "linux/mod" : to === "lib/mod.ts" ? "mod" : room(to)
        return !below[room(path)]?.includes(door)
      })
      .map((to) => `${path} imports ${to}`),
  )
  expect(wrong).toEqual([])
})

test("no file of the engine imports itself by a circle", () => {
  const circles: string[] = []
  const done = new Set<string>()
  const visit = (path: string, chain: readonly string[]): void => {
    if (chain.includes(path)) circles.push([...chain.slice(chain.indexOf(path)), path].join(" → "))
    if (done.has(path) || chain.includes(path)) return
    for (const to of runtimeImports(path)) visit(to, [...chain, path])
    done.add(path)
  }
  for (const path of files) visit(path, [])
  expect(circles).toEqual([])
})

/** Without `import type`, which is gone when the program runs. */
function runtimeImports(path: string): string[] {
  const text = readFileSync(join(root, path), "utf8").replace(/^\s*(import|export) type [^;]*? from "[^"]+"/gm, "")
  return [...text.matchAll(/^\s*(?:import|export)\s(?:[^"';]*?\sfrom\s*)?"(\.[^"]+)"/gm)].map(([, name = ""]) =>
    relative(root, join(root, dirname(path), name)),
  )
}

test("the graph touches no disk, clock, environment or randomness", () => {
  const banned = /node:(fs|child_process|os|process)|process\.|Date\.|performance\.|Math\.random/
  expect(
    files.filter((path) => path.startsWith("lib/graph/") && banned.test(readFileSync(join(root, path), "utf8"))),
  ).toEqual([])
})

test("nothing outside report prints, and nothing reads the current directory", () => {
  const banned = /\bconsole\.(log|error|warn|info|debug)|process\.(stdout|stderr)|process\.cwd/
  expect(
    files.filter(
      (path) =>
        path.startsWith("lib/") &&
        !path.startsWith("lib/report/") &&
        banned.test(readFileSync(join(root, path), "utf8")),
    ),
  ).toEqual([])
})

test("only exec and base start children", () => {
  const starts = files.filter(
    (path) => path.startsWith("lib/") && readFileSync(join(root, path), "utf8").includes("node:child_process"),
  )
  expect(starts.filter((path) => !/^lib\/(exec|base)\//.test(path))).toEqual([])
})
