// The examples as a person has them: a copy in a directory of its own, with hashmake installed in it as its package would be.

import { spawnSync } from "node:child_process"
import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { delimiter, dirname, join } from "node:path"
import { onTestFinished } from "vitest"
import { pack } from "../bench/package.ts"
import { readIfThere } from "../lib/base/files.ts"
import { storeDirectory } from "../lib/store/directory.ts"

const checkout = join(import.meta.dirname, "..")
const installed = join(checkout, "node_modules")

/** A directory with the package as npm would install it, and a store; the examples of one test file share both. */
export class Installation {
  readonly directory = mkdtempSync(join(tmpdir(), "hashmake-examples-"))
  readonly store = join(this.directory, "store")
  readonly package = join(this.directory, "node_modules", "hashmake")

  constructor() {
    mkdirSync(this.package, { recursive: true })
    const words = ["-xzf", pack(this.directory), "--strip-components=1", "-C", this.package]
    const { status, stderr } = spawnSync("tar", words)
    if (status !== 0) throw new Error(String(stderr))
    chmodSync(join(this.package, "dist/bin/build.js"), 0o755)
    const { dependencies } = JSON.parse(readFileSync(join(checkout, "package.json"), "utf8"))
    for (const name of Object.keys(dependencies)) symlinkSync(join(installed, name), join(this.package, "..", name))
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true })
  }
}

/** What a build of an example did. */
export interface Made {
  readonly status: number | null
  /** The targets that ran, or that the store had from an earlier test, sorted. */
  readonly changed: readonly string[]
  readonly said: string
}

/** A copy of one of the examples. */
export class Example {
  readonly #installation: Installation
  readonly root: string

  /** `besides`: other npm packages, or scopes of them, that it has installed. */
  constructor(name: string, installation: Installation, besides: readonly string[] = []) {
    this.#installation = installation
    this.root = join(mkdtempSync(join(installation.directory, `${name}-`)), name)
    cpSync(join(checkout, "examples", name), this.root, { recursive: true, filter: isSource })
    const bin = this.path("node_modules/.bin")
    mkdirSync(bin, { recursive: true })
    symlinkSync(installation.package, this.path("node_modules/hashmake"))
    copyFileSync(join(installed, ".package-lock.json"), this.path("node_modules/.package-lock.json"))
    symlinkSync("../hashmake/dist/bin/build.js", join(bin, "hashmake"))
    for (const one of besides) {
      mkdirSync(dirname(this.path(`node_modules/${one}`)), { recursive: true })
      symlinkSync(join(installed, one), this.path(`node_modules/${one}`))
      for (const name of binariesOf(one)) symlinkSync(join(installed, ".bin", name), join(bin, name))
    }
    onTestFinished(() => rmSync(dirname(this.root), { recursive: true, force: true }))
  }

  path = (path: string): string => join(this.root, path)
  read = (path: string): string => readFileSync(this.path(path), "utf8")
  write = (path: string, text: string): void => writeFileSync(this.path(path), text)
  edit = (path: string, change: (text: string) => string): void => this.write(path, change(this.read(path)))

  /** The commands that its README shows. */
  get commands(): readonly string[] {
    return [...this.read("README.md").matchAll(/^ {4}(\S.*?)(?: {2,}.*)?$/gm)].map(([, line = ""]) => line)
  }

  /** The environment of a person who uses it. */
  get environment(): NodeJS.ProcessEnv {
    const PATH = [this.path("node_modules/.bin"), dirname(process.execPath), process.env.PATH].join(delimiter)
    return { ...process.env, PATH, HASHMAKE_STORE: this.#installation.store, NO_COLOR: "1" }
  }

  /** Runs a command line as its README has it. What it downloads is kept in the person's own store. */
  run(line: string, environment: NodeJS.ProcessEnv = {}): { status: number | null; said: string } {
    const { status, stdout, stderr } = spawnSync("sh", ["-euc", `npx() { "$@"; }\n${line}`], {
      cwd: this.root,
      encoding: "utf8",
      env: { ...this.environment, ...environment },
    })
    return { status, said: stdout + stderr }
  }

  /** Runs `hashmake` with these words. */
  make(words: string): Made {
    const { status, said } = this.run(`npx hashmake ${words} --json`)
    const events = said.split("\n").flatMap((line) => (line.startsWith("{") ? [JSON.parse(line)] : []))
    const changed = events.filter(({ type, state }) => type === "state" && ["built", "restored"].includes(state))
    return { status, said, changed: changed.map(({ target }) => target as string).sort() }
  }
}

/** What is downloaded is asked for once, not in every test. */
export const ownStore = { HASHMAKE_STORE: storeDirectory(process.env) }

function binariesOf(name: string): readonly string[] {
  const { bin = {} } = JSON.parse(readIfThere(join(installed, name, "package.json")) ?? "{}")
  return typeof bin === "string" ? [name] : Object.keys(bin)
}

const isSource = (path: string): boolean => !/\/(node_modules|out|log|\.hashmake|upstream\/lua)$/.test(path)
