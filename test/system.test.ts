// The whole system, as `./build test` has just built it: what is there, that a second build and a second checkout run nothing, that
// another checkout built by an ordinary user with another store gives the same bits, and that a person can boot it.

import { execFileSync, spawn, spawnSync } from "node:child_process"
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
} from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { formatsFor } from "../lib/linux/mod.ts"
import { storeDirectory } from "../lib/store/directory.ts"
import { Journal } from "../lib/store/journal.ts"
import { Store } from "../lib/store/store.ts"
import { recipes } from "../pkg/all.ts"
import armv7 from "../sysdeps/armv7-linux-musleabihf.ts"
import { checkout, removeCheckouts } from "./checkout.ts"

const root = join(import.meta.dirname, "..")
const triple = "armv7-linux-musleabihf"
const image = (name: string) => join(root, "image", triple, name)
const out = (path: string) => join(root, "out", triple, path)
const hourMs = 3_600_000
const formats = formatsFor(armv7)
const everyImage = `IMAGES=${formats.map(({ name }) => name).join()}`

/** The end of a build's events, from `--json`. */
function build(
  words: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv; uid?: number; node?: string } = {},
) {
  const { cwd = root, env = process.env, uid, node = process.execPath } = options
  const user = uid === undefined ? {} : { uid, gid: uid }
  const { stdout, stderr, status } = spawnSync(node, [join(cwd, "bin/build.ts"), "--json", ...words], {
    cwd,
    env,
    encoding: "utf8",
    maxBuffer: 1 << 28,
    ...user,
  })
  expect(status, stderr + stdout.slice(-3000)).toBe(0)
  const events = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))
  const targetsOf = (...states: readonly string[]) =>
    events.filter(({ state }) => states.includes(state)).map(({ target }): string => target)
  return { ended: events.at(-1), took: targetsOf("built"), touched: targetsOf("built", "restored") }
}

afterAll(removeCheckouts)
beforeAll(() => void build(["rootfs", "check-boot", everyImage]), hourMs)

test("the root tree and the images are where the README says", () => {
  for (const path of ["usr/bin/bash", "usr/bin/toybox", "usr/sbin/init", "bin/sh", "etc/passwd"])
    expect(existsSync(out(path)), path).toBe(true)
  for (const name of ["kernel", ...formats.map(({ file }) => file)]) expect(existsSync(image(name)), name).toBe(true)
  expect(existsSync(out("usr/include"))).toBe(false)
})

test("the disk image is sparse, partitioned, and holds a sound file system", () => {
  const { size, blocks } = statSync(image("disk.img"))
  expect(blocks * 512).toBeLessThan(size / 4)
  expect(
    execFileSync("sfdisk", ["--dump", image("disk.img")], {
      encoding: "utf8",
      env: { PATH: "/usr/sbin:/sbin:/usr/bin" },
    }),
  ).toMatch(/label: dos[\s\S]*type=83/)
  const readable = execFileSync(
    "debugfs",
    ["-R", "stat /etc/shadow-is-not-there", `${image("disk.img")}?offset=1048576`],
    { encoding: "utf8", env: { PATH: "/usr/sbin:/sbin:/usr/bin" } },
  )
  expect(readable).toBe("")
})

test("everything in the images belongs to root, with the modes that the recipes ask for", () => {
  const listed = execFileSync("tar", ["--list", "--verbose", "--numeric-owner", "--file", image("rootfs.tar")], {
    encoding: "utf8",
  })
    .trim()
    .split("\n")
  expect(listed.filter((line) => !/^\S+ 0\/0 /.test(line))).toEqual([])
  expect(listed.find((line) => line.endsWith(" ./tmp/"))).toMatch(/^drwxrwxrwt /)
  expect(listed.find((line) => line.endsWith(" ./root/"))).toMatch(/^drwx------ /)
  const stat = execFileSync("debugfs", ["-R", "stat /root", `${image("disk.img")}?offset=1048576`], {
    encoding: "utf8",
    env: { PATH: "/usr/sbin:/sbin:/usr/bin" },
  })
  expect(stat).toMatch(/Mode: {2}0700[\s\S]*User: {5}0 {3}Group: {5}0/)
})

test("every program is static and for the machine", () => {
  const programs = readdirSync(out("usr"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => readFileSync(path).subarray(1, 4).toString() === "ELF")
  expect(programs.length).toBeGreaterThan(5)
  for (const path of programs) {
    const header = execFileSync("llvm-readelf-19", ["--file-header", "--program-headers", path], { encoding: "utf8" })
    expect(header, path).toMatch(/Machine: +ARM\n/)
    expect(header, path).not.toMatch(/INTERP|DYNAMIC/)
    expect(readFileSync(path, "latin1"), path).not.toMatch(/GCC: \(|GLIBC_2|GNU ld/)
  }
})

test("a second build runs nothing", () => {
  const { ended } = build(["rootfs", "check-boot", everyImage])
  expect(ended.counts).toMatchObject({ built: 0, restored: 0, failed: 0 })
})

test("white space and comments in a recipe rebuild nothing, a flag that one package", () => {
  const copy = checkout()
  const env = { ...process.env, HASHMAKE_STORE: storeDirectory(process.env) }
  const path = join(copy, "pkg/libite.ts")
  const text = readFileSync(path, "utf8")
  execFileSync("sh", ["-c", `printf '// a comment\\n\\n' >>"$1"`, "sh", path])
  expect(build(["libite", "finit"], { cwd: copy, env }).took).toEqual([])
  execFileSync("sh", ["-c", `cat >"$1"`, "sh", path], {
    input: text.replace("--enable-static", `--enable-static HASHMAKE_TRIAL=${Date.now()}`),
  })
  expect(build(["libite", "finit"], { cwd: copy, env }).took).toEqual([`${triple}/libite`])
})

test("a second checkout with the same store compiles nothing, and a package more costs that package and the images", () => {
  const copy = checkout()
  const env = { ...process.env, HASHMAKE_STORE: storeDirectory(process.env) }
  const { ended, took } = build(["rootfs", everyImage], { cwd: copy, env })
  expect(took).toEqual([])
  expect(ended.counts.restored).toBeGreaterThan(5)
  expect(readFileSync(join(copy, "image", triple, "disk.img")).equals(readFileSync(image("disk.img")))).toBe(true)
  // What an earlier run of this test has built is restored.
  const { touched } = build(["rootfs", everyImage, "TARGET_PKGS=dash"], { cwd: copy, env })
  const images = formats.flatMap(({ file }) => [file, `image-${file}`])
  const those = ["check-static", "dash", "dash-files", ...images].map((name) => `${triple}/${name}`)
  expect(touched.sort()).toEqual([...those, "source/dash/download", "source/dash/unpack"].sort())
})

test(
  "another checkout, by an ordinary user, with a store of its own, gives the same bits for every package and image",
  () => {
    const copy = checkout()
    const store = join(copy, "..", "store")
    const mirror = makeMirror(join(copy, "..", "mirror"))
    const uid = process.getuid?.() === 0 ? 65_534 : undefined
    const node = join(copy, "..", "node")
    place(process.execPath, node)
    if (uid !== undefined) giveTo(join(copy, "../.."), uid)
    const images = formats.map(({ file }) => `${triple}/${file}`)
    const env = { PATH: process.env.PATH, HOME: "/nonexistent", HASHMAKE_STORE: store, HASHMAKE_MIRRORS: mirror }
    const { took } = build(
      [...images, everyImage, "-j2"],
      uid === undefined ? { cwd: copy, env, node } : { cwd: copy, env, uid, node },
    )
    expect(took).toContain(`${triple}/bash`)
    expect(took).toContain(`${triple}/musl`)
    const ours = new Journal(join(root, ".hashmake/journal"))
    const theirs = new Journal(join(copy, ".hashmake/journal"))
    const differing = [...theirs.targets()]
      .filter(([name, { outputs }]) => JSON.stringify(outputs) !== JSON.stringify(ours.built(name)?.outputs))
      .map(([name]) => name)
    expect(differing).toEqual([])
  },
  hourMs,
)

test("a disk with all its partitions boots, and they can be used", () => {
  const sizes = ["ROOTFS_SIZE=32M", "RWFS_SIZE=16M", "USERFS_SIZE=16M", "SWAP_SIZE=8M", "EXTRA_SIZE=1M"]
  const env = { ...process.env, HASHMAKE_STORE: storeDirectory(process.env) }
  const { ended } = build(["check-boot", "IMAGES=qcow2", ...sizes], { cwd: checkout(), env })
  expect(ended.outcome).toBe("done")
})

test("a person can boot the disk, log in and power off", async () => {
  const child = spawn(process.execPath, [join(root, "bin/build.ts"), "qemu"], {
    cwd: root,
    stdio: ["pipe", "pipe", "inherit"],
  })
  const before = statSync(image("disk.img")).mtimeMs
  let said = ""
  let answered = 0
  const answers: readonly (readonly [RegExp, string])[] = [
    [/login: $/, "root\n"],
    [/# $/, "echo to be forgotten >/forgotten; poweroff\n"],
  ]
  child.stdout.setEncoding("utf8").on("data", (piece: string) => {
    said += piece
    const [pattern, answer] = answers[answered] ?? []
    if (pattern?.test(said) !== true || answer === undefined) return
    answered++
    child.stdin.write(answer)
  })
  const status = await new Promise((resolve) => child.once("exit", resolve))
  expect([status, answered], said.slice(-1000)).toEqual([0, 2])
  expect(statSync(image("disk.img")).mtimeMs).toBe(before)
})

/** The archives that the store has, under names that a mirror would give them. */
function makeMirror(directory: string): string {
  mkdirSync(directory, { recursive: true })
  const store = new Store(storeDirectory(process.env))
  for (const { source } of Object.values(recipes)) {
    for (const location of source?.locations ?? []) {
      const stored = store.storedFile(location.digest)
      const to = join(
        directory,
        location.kind === "debian" ? `${location.package}_0.orig.tar` : location.url.replace(/.*\//, ""),
      )
      if (stored !== undefined && !existsSync(to)) place(stored, to)
    }
  }
  return directory
}

function place(from: string, to: string): void {
  try {
    linkSync(from, to)
  } catch {
    cpSync(from, to)
  }
}

/** Lets an ordinary user write in a directory; archives of the mirror stay as they are: they are links into the store. */
function giveTo(directory: string, uid: number): void {
  chmodSync(directory, 0o755)
  for (const path of [directory, ...["somewhere", "somewhere/else"].map((name) => join(directory, name))])
    chownSync(path, uid, uid)
  execFileSync("chown", ["-R", `${uid}:${uid}`, join(directory, "somewhere")])
}
