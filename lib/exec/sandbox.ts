// A command's sandbox, by bubblewrap: the declared tools with the libraries they need, the declared inputs, read-only, and a
// few private directories. No network, no home, no other program; the same paths and the same user (root, of nothing but its
// own files) on every machine. A box with a root of its own has that in the place of the tools. Where the kernel forbids it, `off` runs
// the command in the private directories as they are.

import { basename, join } from "node:path"
import { chmodSync, mkdirSync, readdirSync, readlinkSync, symlinkSync, writeFileSync } from "../base/fs.ts"
import { ask } from "../base/process.ts"
import { epochSeconds } from "../graph/command.ts"
import { noNamespacesError, processesError } from "../graph/errors.ts"
import { sandboxRoots } from "./layout.ts"
import type { FoundTool } from "./tools.ts"

/** Something an action may read: a path of this machine, and where the action sees it. */
export interface Mount {
  readonly from: string
  readonly at: string
  /** Whether it is no error that nothing is there, or a link that leads nowhere. */
  readonly mayBeGone?: true
}

/** The tools of a sandbox: a directory that is mounted at /usr, and what is mounted over it. */
export interface ToolRoot {
  readonly usr: string
  readonly mounts: readonly Mount[]
}

/** What a sandbox is made of. `directory` has build, out, project, tmp and etc in it (see makeDirectories). */
export interface Box {
  readonly directory: string
  /** A directory that is the root, read-only, or the tools that the root is made of; without a sandbox there is none. */
  readonly root: string | ToolRoot | undefined
  /** What is writable at /project instead of a private directory. */
  readonly project?: string
  readonly mounts: readonly Mount[]
  readonly tools: readonly FoundTool[]
  readonly environment: Readonly<Record<string, string>>
  /** Where the command starts: in the workspace's image, or in the scratch directory. */
  readonly start: "project" | "build"
  /** What the command finds in its environment of how it is run, and what its key does not hold. */
  readonly told: Readonly<Record<string, string>>
}

/** How to start something: the whole argv and environment, and the directory. */
export interface Launch {
  readonly argv: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  readonly directory: string
}

export const fixedEnvironment = { LC_ALL: "C", TZ: "UTC", SOURCE_DATE_EPOCH: String(epochSeconds), TERM: "dumb" }

/** What a shell is told first: the modes of what an action makes do not depend on who runs it. */
export const fixedUmask = "umask 022"

/** Makes the private directories of an action. */
export function makeDirectories(directory: string): void {
  for (const name of ["build", "out", "project", "tmp", "etc", "in"]) {
    mkdirSync(join(directory, name), { recursive: true })
    chmodSync(join(directory, name), 0o755)
  }
  writeFileSync(join(directory, "etc/passwd"), "root:x:0:0:root:/build:/bin/sh\n")
  writeFileSync(join(directory, "etc/group"), "root:x:0:\n")
  writeFileSync(join(directory, "etc/hosts"), "127.0.0.1 localhost\n::1 localhost\n")
}

/** `argv` inside a sandbox; it stays in the process group of whoever starts it, so that it can be ended with that. */
function inSandbox(bwrap: string, box: Box, argv: readonly string[]): Launch {
  const below = (name: string) => join(box.directory, name)
  const args = [
    bwrap,
    "--unshare-all",
    "--die-with-parent",
    "--uid",
    "0",
    "--gid",
    "0",
    "--hostname",
    "hashmake",
    "--clearenv",
  ]
  args.push("--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--bind", below("tmp"), "/var/tmp")
  args.push(...rootArgs(box, below("etc")))
  args.push("--bind", below("build"), "/build", "--bind", below("out"), "/out")
  args.push("--bind", box.project ?? below("project"), "/project")
  for (const { from, at, mayBeGone } of box.mounts) args.push(mayBeGone ? "--ro-bind-try" : "--ro-bind", from, at)
  const environment = environmentOf(box, "/usr/bin", sandboxRoots.scratch, "/var/tmp")
  for (const [name, value] of Object.entries(environment)) args.push("--setenv", name, value)
  // What the tree does not hold cannot be put there, either.
  if (typeof box.root === "string") args.push("--remount-ro", "/")
  return { argv: [...args, "--chdir", `/${box.start}`, "--", ...argv], environment: {}, directory: "/" }
}

/** `argv` in its sandbox, or, where there is no bubblewrap, without one. */
export const launchFor = (bwrap: string | undefined, box: Box, argv: readonly string[]): Launch =>
  bwrap === undefined ? withoutSandbox(box, argv) : inSandbox(bwrap, box, argv)

function rootArgs({ root }: Box, etc: string): readonly string[] {
  if (root === undefined) throw new Error("a sandbox has a root")
  return typeof root === "string" ? treeRoot(root, etc) : toolRoot(root, etc)
}

/** A root that holds tools and no other program. */
const toolRoot = ({ usr, mounts }: ToolRoot, etc: string): readonly string[] => [
  ...["--ro-bind", etc, "/etc", "--ro-bind", usr, "/usr"],
  ...["bin", "lib", "lib64"].flatMap((name) => ["--symlink", `usr/${name}`, `/${name}`]),
  ...["--symlink", "usr/bin", "/sbin"],
  ...mounts.flatMap(({ from, at }) => ["--ro-bind", from, at]),
]

/** What a sandbox has of its own, whatever its root holds. */
const ownRooms = new Set(["build", "dev", "in", "out", "proc", "project", "run", "tmp"])
/** Where programs look, in trees that keep all below usr. */
const mergedNames = ["bin", "lib", "sbin"]

/** A root that is a tree. Its top is made anew, so that a sandbox's own directories can lie beside what it holds. */
function treeRoot(root: string, etc: string): readonly string[] {
  const entries = readdirSync(root, { withFileTypes: true })
  const names = new Set(entries.map(({ name }) => name))
  const bind = (path: string) => ["--ro-bind", join(root, path), `/${path}`]
  const held = entries.flatMap((entry) => {
    const { name } = entry
    if (ownRooms.has(name)) return []
    if (entry.isSymbolicLink()) return ["--symlink", readlinkSync(join(root, name)), `/${name}`]
    return name === "var" ? readdirSync(join(root, name)).flatMap(besidesTmp(bind)) : bind(name)
  })
  const missing = mergedNames.filter((name) => !names.has(name))
  const links = missing.flatMap((name) => ["--symlink", name === "sbin" ? "usr/bin" : `usr/${name}`, `/${name}`])
  return [...held, ...links, ...(names.has("etc") ? [] : ["--ro-bind", etc, "/etc"])]
}

const besidesTmp =
  (bind: (path: string) => string[]) =>
  (name: string): string[] =>
    name === "tmp" ? [] : bind(`var/${name}`)

/** `argv` without a sandbox, with a PATH that holds the declared tools only. */
function withoutSandbox(box: Box, argv: readonly string[]): Launch {
  const bin = join(box.directory, "bin")
  linkPrograms(box.tools, bin)
  const environment = environmentOf(box, bin, join(box.directory, "build"), join(box.directory, "tmp"))
  return { argv, environment, directory: join(box.directory, box.start) }
}

/** Fills a directory with the tools' programs. */
export function linkPrograms(tools: readonly FoundTool[], bin: string): void {
  mkdirSync(bin, { recursive: true })
  const linked = new Set<string>()
  for (const { name, path } of tools.flatMap(({ programs }) => programs)) {
    if (linked.has(name)) continue
    linked.add(name)
    // A script finds its own file by its name: only what is called otherwise is called through a script of ours.
    if (basename(path) === name) symlinkSync(path, join(bin, name))
    else {
      writeFileSync(join(bin, name), `#!/bin/sh\nexec ${path} "$@"\n`)
      chmodSync(join(bin, name), 0o755)
    }
  }
}

/** A PATH of the command's own goes before that of the tools. */
function environmentOf(
  { environment, told }: Box,
  tools: string,
  scratch: string,
  temporary: string,
): Record<string, string> {
  const path = environment.PATH
  const fixed = { ...fixedEnvironment, TMPDIR: temporary, SCRATCH: scratch }
  return { ...fixed, ...told, ...environment, PATH: path === undefined ? tools : `${path}:${tools}` }
}

/** Throws a BuildError unless this kernel lets bubblewrap make a sandbox. */
export async function checkSandbox(bwrap: string): Promise<void> {
  const { status, stderr } = await ask([
    bwrap,
    "--unshare-all",
    "--uid",
    "0",
    "--gid",
    "0",
    "--ro-bind",
    "/",
    "/",
    "--proc",
    "/proc",
    "true",
  ])
  // "Resource temporarily unavailable", "Cannot allocate memory".
  if (/: (Resource temp|Cannot alloc)/.test(stderr)) throw processesError()
  if (status !== 0) throw noNamespacesError(stderr.trim() || `exited with ${status}`)
}
