// What `menuconfig` starts: the kernel's own configuration program, and then what of its outcome belongs into the machine's record.
// Found by asking the kernel: what savedefconfig names are causes, and what follows from them is not written down.

import { spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { readIfThere } from "../lib/base/files.ts"
import * as errors from "../lib/graph/errors.ts"
import {
  type Configuration,
  differing,
  editRecord,
  parseConfig,
  takenBack,
  withChosen,
  wordsOf,
} from "../lib/linux/look/kernel-config.ts"
import type { Configured } from "../lib/linux/look/menuconfig.ts"
import { kernelConfig, kernelOptions, type Machine } from "../lib/linux/machine.ts"
import { sayThrown } from "./thrown.ts"

/** These draw on the terminal. */
const drawing = ["menuconfig", "nconfig"]

/** The kernel's build directory of one configuration. */
class Kernel {
  readonly #told: Configured
  readonly directory = mkdtempSync(join(tmpdir(), "hashmake-kernel-"))

  constructor(told: Configured) {
    this.#told = told
  }

  /** Makes one of its targets; attached to the terminal where a person takes part. */
  make(goal: string, besides: readonly string[] = [], isAttached = false): void {
    const { source, make } = this.#told
    const words = ["-s", "-C", source, `O=${this.directory}`, ...make, ...besides, goal]
    const env = Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !/^(MAKE|MFLAGS|K(BUILD|CONFIG)_)/.test(name)),
    )
    const { status, stdout, stderr } = spawnSync("make", words, {
      env,
      encoding: "utf8",
      stdio: isAttached ? "inherit" : "pipe",
    })
    if (status !== 0) throw errors.kernelGoalError(goal, `${stdout ?? ""}${stderr ?? ""}`)
  }

  path = (name: string): string => join(this.directory, name)
  read = (name = ".config"): Configuration => parseConfig(readFileSync(this.path(name), "utf8"))

  /** What a record's options give. */
  configured(record: Pick<Machine, "kernel">): Configuration {
    writeFileSync(this.path("wanted"), kernelConfig(record))
    this.make("allnoconfig", [`KCONFIG_ALLCONFIG=${this.path("wanted")}`])
    return this.read()
  }
}

/** The words that a record needs to give the configuration, and the names that it does not give all the same. */
function chosenFor(
  kernel: Kernel,
  machine: Machine,
  after: Configuration,
): readonly [readonly string[], readonly string[]] {
  kernel.make("savedefconfig")
  const causes = kernel.read("defconfig")
  const back = takenBack(machine, after)
  const named = kernelOptions(withChosen(machine, []))
  const chosen = new Set([...causes.keys()].filter((name) => after.has(name) && named.get(name) !== after.get(name)))
  for (;;) {
    const words = [...back, ...wordsOf([...chosen].sort(), after)]
    const lost = differing(kernel.configured(withChosen(machine, words)), after)
    // What has a default is not named by savedefconfig; allnoconfig leaves it out unless it is.
    const more = lost.filter((name) => after.has(name) && !chosen.has(name))
    if (more.length === 0) return [words, lost]
    for (const name of more) chosen.add(name)
  }
}

function configure(told: Configured, goal: string): void {
  const { machine } = told
  const kernel = new Kernel(told)
  try {
    const before = kernel.configured(machine)
    kernel.make(goal, [], true)
    const after = kernel.read()
    if (differing(before, after).length === 0) return void process.stdout.write("nothing has changed\n")
    const [words, lost] = chosenFor(kernel, machine, after)
    save(machine, words)
    if (lost.length > 0) throw errors.lostOptionsError(machine.triple, lost)
  } finally {
    rmSync(kernel.directory, { recursive: true, force: true })
  }
}

function save({ triple }: Machine, words: readonly string[]): void {
  const path = `sysdeps/${triple}.ts`
  const text = editRecord(readIfThere(path) ?? "", words)
  if (text === undefined) throw errors.noOptionsBlockError(path, words)
  writeFileSync(path, text)
  process.stdout.write(`${path}: ${words.length === 0 ? "nothing besides what it names" : words.join(" ")}\n`)
}

// Ctrl-C is for the kernel's program; what that then leaves is tidied up here.
process.on("SIGINT", () => {})
try {
  const [told = "", ...words] = process.argv.slice(2)
  const goal = words.join(" ") || "menuconfig"
  if (!/^[\w.-]*config$/.test(goal)) throw errors.kernelProgramError(goal)
  if (drawing.includes(goal) && !(process.stdin.isTTY && process.stdout.isTTY)) throw errors.noTerminalError(goal)
  configure(JSON.parse(told), goal)
} catch (thrown) {
  process.exitCode = sayThrown(thrown)
}
