// The kernel's configuration: what a record says, how a person's choice gets into it, and `menuconfig` itself on a terminal.

import { spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { afterAll, expect, test } from "vitest"
import { renderDiagnostic } from "../lib/base/diagnostic.ts"
import * as errors from "../lib/graph/errors.ts"
import { chosenTopic, editRecord, parseConfig, takenBack, withChosen } from "../lib/linux/look/kernel-config.ts"
import { kernelOptions } from "../lib/linux/machine.ts"
import { Builds, kernelConfig, type Machine, Packages, systemTargets } from "../lib/linux/mod.ts"
import { storeDirectory } from "../lib/store/directory.ts"
import { recipes } from "../pkg/all.ts"
import { machines } from "../sysdeps/all.ts"
import x86 from "../sysdeps/x86_64-linux-musl.ts"
import { systems } from "../systems/all.ts"
import { checkout, removeCheckouts } from "./checkout.ts"
import { expectGolden } from "./golden.ts"
import { clean } from "./jobs.ts"
import { Rig } from "./rig.ts"

const root = join(import.meta.dirname, "..")
const recordOf = (triple: string) => readFileSync(join(root, `sysdeps/${triple}.ts`), "utf8")
const having = (options: Readonly<Record<string, string>>) => ({ kernel: { ...x86.kernel, options } })

afterAll(removeCheckouts)

test("options have values, and one that is taken back is not set, wherever it is named", () => {
  const record = having({ One: "A B C", [chosenTopic]: '-B D=16 CMDLINE="a \\"b\\" c" E=m' })
  expect([...kernelOptions(record)].map((pair) => pair.join(" "))).toEqual([
    "A y",
    "C y",
    "D 16",
    'CMDLINE "a \\"b\\" c"',
    "E m",
  ])
  expect(kernelConfig(record)).toBe('CONFIG_A=y\nCONFIG_C=y\nCONFIG_D=16\nCONFIG_CMDLINE="a \\"b\\" c"\nCONFIG_E=m\n')
  expect(parseConfig(`# CONFIG_B is not set\nCONFIG_N=n\n${kernelConfig(record)}`)).toEqual(kernelOptions(record))
})

test("what the record names and the configuration lacks is taken back", () => {
  const record = having({ One: "A B=3 C F", Not: "-F", [chosenTopic]: "-A D" })
  expect(takenBack(record, new Map([["C", "y"]]))).toEqual(["-A", "-B"])
  expect(kernelOptions(withChosen(record, ["-A", "E"]))).toEqual(new Map([["B", "3"], ["C", "y"], ["E", "y"]])) // biome-ignore format: one line
})

test.for(machines)("the record of $triple takes what was chosen, in its place, and gives it back", ({ triple }) => {
  const text = recordOf(triple)
  const once = editRecord(text, ["IKCONFIG", "-EXT4_FS"]) ?? ""
  expect(once.split("\n").filter((line) => !text.includes(line))).toEqual([
    `      "${chosenTopic}": "IKCONFIG -EXT4_FS",`,
  ])
  const long = Array.from({ length: 30 }, (_, i) => `OPTION_${i}`)
  const quoted = ['CMDLINE="a b"']
  for (const words of [long, quoted]) {
    const again = editRecord(once, words) ?? ""
    expect(again.match(new RegExp(chosenTopic, "g"))).toHaveLength(1)
    const format = [biome, "format", `--stdin-file-path=sysdeps/${triple}.ts`]
    const { stdout } = spawnSync(process.execPath, format, { cwd: root, input: again, encoding: "utf8" })
    expect(stdout).toBe(again)
    expect(editRecord(again, [])).toBe(text)
  }
  expect(editRecord("export default machine({})\n", ["A"])).toBeUndefined()
})

test("an image that needs an option which was taken back is an error before anything is built", () => {
  const machine = { ...x86, ...withChosen(x86, ["-BLK_DEV_INITRD"]) }
  const made = (record: Machine) =>
    systemTargets(new Packages(new Builds(record, "Release", [])), systems.hello, {
      kernel: recipes.linux,
      live: { loader: recipes.grub, init: recipes["live-init"] },
      images: ["initramfs"],
    })
  expect(() => made(x86)).not.toThrow()
  expect(() => made(machine)).toThrow(
    "the kernel of `x86_64-linux-musl` cannot start the system `hello` from `initramfs`",
  )
})

test("an option that was taken back is an error only where an image is asked for that needs it", () => {
  const copy = checkout()
  const path = join(copy, "sysdeps/x86_64-linux-musl.ts")
  writeFileSync(path, editRecord(readFileSync(path, "utf8"), ["-ISO9660_FS"]) ?? "")
  const run = (...words: readonly string[]) =>
    spawnSync(process.execPath, [join(copy, "bin/build.ts"), ...words], { cwd: copy, encoding: "utf8" })
  for (const words of [["help"], ["list"], ["query", "targets", "TARGET=x86_64-linux-musl"]])
    expect(run(...words).status, words.join(" ")).toBe(0)
  const { status, stderr } = run("rootfs", "TARGET=x86_64-linux-musl", "IMAGES=iso")
  expect(status).toBe(2)
  expect(stderr).toMatch(/cannot start .*from `iso`[\s\S]* ISO9660_FS\n/)
})

const biome = join(root, "node_modules/@biomejs/biome/bin/biome")

const command = (words: string) =>
  `${process.execPath} bin/build.ts --color never menuconfig TARGET=x86_64-linux-musl ${words}`

/** What a terminal shows, without what colours and places it. */
const plain = (text: string): string => text.replace(/\x1b\[[0-9;?]*[A-Za-z]|\x1b[()].|[\x0e\x0f]/g, "")

test("what a person chooses in the kernel's menus is written into the machine's record", {
  timeout: 900_000,
}, async () => {
  const copy = checkout()
  const temporary = join(copy, "..", "temporary")
  mkdirSync(temporary)
  const env = { ...clean, HASHMAKE_STORE: storeDirectory(process.env), TERM: "xterm", TMPDIR: temporary }
  const child = spawn("script", ["-qefc", command(""), "/dev/null"], { cwd: copy, env })
  let shown = ""
  child.stdout.on("data", (piece) => {
    shown += piece
  })
  /** Types, and waits for what is shown next. */
  const answer = async (typed: string, next: string) => {
    shown = ""
    child.stdin.write(typed)
    while (!plain(shown).includes(next)) {
      if (child.exitCode !== null) throw new Error(plain(shown))
      await sleep(20)
    }
  }
  const ended = once(child, "exit")
  await answer("", "< Load >")
  await answer("/", "Search Configuration Parameter")
  await answer("^IKCONFIG$\r", "Kernel .config support")
  await answer("1", "< Load >")
  await answer("y", "< Load >")
  await answer("\x1b\x1b", "IKCONFIG [=y]")
  await answer("\x1b\x1b", "< Load >")
  await answer("\x1b\x1b", "save your new")
  child.stdin.write("\r")
  expect(await ended).toEqual([0, null])
  expect(plain(shown)).toContain("sysdeps/x86_64-linux-musl.ts: IKCONFIG\r\n")
  const record = readFileSync(join(copy, "sysdeps/x86_64-linux-musl.ts"), "utf8")
  expect(record).toBe(editRecord(recordOf("x86_64-linux-musl"), ["IKCONFIG"]))
  expect(readdirSync(temporary)).toEqual([])
})

/** Makefiles of a kernel that has what it is given, and one option more. */
const littleKernel = `allnoconfig:
	cp $(KCONFIG_ALLCONFIG) $(O)/.config
more.config:
	echo CONFIG_MORE=y >>$(O)/.config
savedefconfig:
	cp $(O)/.config $(O)/defconfig
`

test("what was chosen is told where the machine's record is not in the workspace", () => {
  const rig = new Rig()
  rig.write("kernel/Makefile", littleKernel)
  const told = JSON.stringify({
    source: rig.path("kernel"),
    make: [],
    machine: { triple: "mine", ...having({ One: "A B=3" }) },
  })
  const run = (...words: readonly string[]) =>
    spawnSync(process.execPath, [join(root, "bin/menuconfig.ts"), told, ...words], {
      cwd: rig.root,
      env: clean,
      encoding: "utf8",
    })
  const { status, stderr } = run("more.config")
  expect([status, stderr]).toEqual([
    2,
    expect.stringMatching(/`options: \{`[\s\S]* sysdeps\/mine\.ts\n +chosen +MORE\n/),
  ])
  expect(run("more.config", "other.config").stderr).toContain("`more.config other.config` is no configuration program")
})

test("menuconfig says what it cannot do", () => {
  const run = (words: string) => {
    const env = { ...process.env, HASHMAKE_STORE: storeDirectory(process.env) }
    const { status, stderr } = spawnSync("sh", ["-c", `${command(words)} </dev/null`], {
      cwd: root,
      env,
      encoding: "utf8",
    })
    expect(status).toBe(2)
    return stderr.slice(stderr.indexOf("error:"))
  }
  expectGolden("menuconfig-errors", [run(""), run("-- gconfigs")].join("\n"))
  const others = [
    errors.kernelGoalError("olddefconfig", "make[1]: *** No rule\nmake: *** stop\n"),
    errors.noOptionsBlockError("sysdeps/mine.ts", ["IKCONFIG"]),
    errors.lostOptionsError("mine", ["A", "B"]),
  ]
  expectGolden("menuconfig-failures", others.map(({ diagnostic }) => renderDiagnostic(diagnostic)).join("\n\n"))
})
