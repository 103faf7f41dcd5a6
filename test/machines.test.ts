// The machines that there are, and several of them in one graph.

import { readdirSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import buildfile from "../Buildfile.ts"
import { commandOf } from "../lib/exec/order.ts"
import { valuesOf } from "../lib/graph/buildfile.ts"
import { graphOf } from "../lib/graph/graph.ts"
import { chosenTopic } from "../lib/linux/look/kernel-config.ts"
import { kernelOptions, optionWords } from "../lib/linux/machine.ts"
import {
  Builds,
  custom,
  files,
  formatsFor,
  type Machine,
  Packages,
  system,
  systemTargets,
  tools,
} from "../lib/linux/mod.ts"
import { evaluate } from "../lib/load/load.ts"
import { type Target, target, write } from "../lib/mod.ts"
import { machines } from "../sysdeps/all.ts"
import native from "../sysdeps/x86_64-linux-musl.ts"
import type { systems } from "../systems/all.ts"
import { expectGolden } from "./golden.ts"
import { Rig, thrownBy } from "./rig.ts"

const root = join(import.meta.dirname, "..")
const targets = (TARGET: string, others: Readonly<Record<string, string>> = {}): Readonly<Record<string, Target>> =>
  evaluate(buildfile, valuesOf(buildfile.variables, { TARGET, ...others }), root)
const namesIn = (...wanted: readonly (Target | undefined)[]) =>
  graphOf(wanted.filter((target) => target !== undefined)).targets.map(({ name }) => name)
const triples = machines.map(({ triple }) => triple)

test("each record in sysdeps is one of the machines, and is called what it is", () => {
  const records = readdirSync(join(root, "sysdeps")).filter((name) => name.includes("-"))
  expect(records.sort()).toEqual(triples.map((triple) => `${triple}.ts`).sort())
})

test("a kernel is asked for each option once", () => {
  for (const machine of machines) {
    const { [chosenTopic]: _, ...options } = machine.kernel.options
    const names = Object.values(options).flatMap((names) => names.split(/\s+/))
    expect([machine.triple, names.filter((name, i) => names.indexOf(name) !== i)]).toEqual([machine.triple, []])
  }
})

test("every kernel has several processors and is hardened, but for what a machine cannot have", () => {
  const every =
    "SMP STACKPROTECTOR_STRONG VMAP_STACK FORTIFY_SOURCE HARDENED_USERCOPY STRICT_KERNEL_RWX CPU_MITIGATIONS RANDOMIZE_BASE SECCOMP_FILTER SYN_COOKIES IPV6 USER_NS"
  const besides: Readonly<Record<string, string>> = {
    arm: "HARDEN_BRANCH_PREDICTOR HARDEN_BRANCH_HISTORY ARM_PAN",
    arm64: "UNMAP_KERNEL_AT_EL0 MITIGATE_SPECTRE_BRANCH_HISTORY ARM64_PAN",
    i386: "MITIGATION_SPECTRE_V2 MITIGATION_RETPOLINE",
    x86: "MITIGATION_SPECTRE_V2 MITIGATION_RETPOLINE MITIGATION_PAGE_TABLE_ISOLATION",
  }
  const lacks = ({ kernel }: Machine) => {
    const options = kernelOptions({ kernel })
    return optionWords(`${every} ${besides[kernel.arch] ?? ""}`).filter((name) => options.get(name) !== "y")
  }
  expect(
    machines.map((machine) => [machine.triple, ...lacks(machine)]).filter(([, ...names]) => names.length > 0),
  ).toEqual([
    ["armv7-linux-musleabihf", "RANDOMIZE_BASE"],
    ["i386-linux-musl", "VMAP_STACK", "FORTIFY_SOURCE"],
  ])
})

test("what a package's test-suite runs besides is a tool of its check, not of the package", () => {
  const recipe = custom({
    name: "counted",
    version: "1",
    about: "counts itself",
    license: "MIT",
    source: [],
    where: "pkg/counted.ts",
    phases: () => ({ build: "echo 1 >count" }),
    check: () => "perl -ne 'exit $_ != 1' count",
    checkTools: [tools.perl],
  })
  const builds = new Builds(native, "Release", [])
  const toolsOf = (target: Target | undefined) => target?.action?.tools.map(({ name }) => name)
  expect(toolsOf(builds.check(recipe))).toContain("perl")
  expect(toolsOf(builds.package(recipe))).not.toContain("perl")
})

test("several machines are built in one graph, in which what they share is once", () => {
  const both = "armv7-linux-musleabihf, riscv64-linux-musl"
  const one = namesIn(targets("riscv64-linux-musl").rootfs)
  const two = namesIn(targets(both).rootfs)
  expect(two).toEqual(expect.arrayContaining([...one, "armv7-linux-musleabihf/disk.img"]))
  expect(two.filter((name) => name === "source/bash/unpack")).toHaveLength(1)
  const { "check-boot": checkBoot, "install-bash": install, qemu } = targets(both)
  for (const [target, name] of [
    [checkBoot, "boot-disk"],
    [install, "bash-files"],
    [qemu, "qemu"],
  ] as const)
    expect(namesIn(target)).toEqual(
      expect.arrayContaining([`armv7-linux-musleabihf/${name}`, `riscv64-linux-musl/${name}`]),
    )
})

test("`check-all` makes every image that a machine's firmware or loader starts from: no kernel lacks what one of them takes", () => {
  for (const machine of machines) {
    const made = namesIn(targets(machine.triple)["check-all"])
    for (const { file } of formatsFor(machine)) expect(made).toContain(`${machine.triple}/image-${file}`)
  }
})

test("`check-systems` boots each system from each image on the machines that are asked for, the chosen one and others", () => {
  const { "check-systems": one, "check-all": chosen } = targets("armv7-linux-musleabihf", { SYSTEM: "server" })
  const boots = namesIn(one).filter((name) => name.includes("/boot-"))
  expect(boots).toEqual(expect.arrayContaining(namesIn(chosen).filter((name) => name.includes("/boot-"))))
  expect(boots).toEqual(
    expect.arrayContaining(["default", "hello"].map((of) => `armv7-linux-musleabihf/${of}/boot-disk`)),
  )
  expect(boots.filter((name) => !name.startsWith("armv7-linux-musleabihf/"))).toEqual([])
  const { "check-systems": every } = targets("all")
  for (const triple of triples) expect(namesIn(every)).toContain(`${triple}/hello/boot-disk`)
})

test("`builtins` are every machine's C and C++ libraries; `install-toolchain` is a clang that a stage's has compiled", () => {
  const { builtins } = targets("armv7-linux-musleabihf")
  for (const triple of triples)
    for (const name of ["musl", "compiler-rt", "libcxx"]) expect(namesIn(builtins)).toContain(`${triple}/${name}`)
  const { "install-toolchain": install } = targets("aarch64-linux-musl", { TOOLCHAIN: "stage2" })
  const [compiler] = graphOf(install === undefined ? [] : [install]).targets.filter(
    ({ name }) => name === "stage2/aarch64-linux-musl/llvm",
  )
  expect(namesIn(compiler)).toEqual(expect.arrayContaining(["stage2/llvm", "stage2/aarch64-linux-musl/libcxx"]))
  expect(commandOf(compiler as Target).environment).toMatchObject({ CC: "aarch64-linux-musl-clang" })
  const { all } = targets("armv7-linux-musleabihf")
  for (const triple of triples) {
    expect(namesIn(all)).toContain(`stage1/${triple}/check-compiler`)
    expect(namesIn(all)).toContain(`stage4/${triple}/dash`)
  }
})

test("a stage asked for with other machines only is refused; beside its own machine, or without TARGET, it is not", async () => {
  const rig = new Rig()
  const made = targets("aarch64-linux-musl,riscv64-linux-musl")
  const { stage2, chroot } = made
  if (stage2 === undefined || chroot === undefined) throw new Error("there are stages")
  expectGolden("only-for", await thrownBy(rig.build([stage2])))
  expect(await thrownBy(rig.build([chroot]))).toContain("`chroot` is for")
  const other = target({ name: "other", outputs: { text: "other" }, run: (_, { text }) => write(text, "") })
  const whole = { targets: [...Object.values(made), other], variant: "" }
  expect((await rig.build([other], { whole })).outcome).toBe("done")
  expect(namesIn(targets("all").stage2)).toContain("stage2/llvm")
  expect(namesIn(evaluate(buildfile, valuesOf(buildfile.variables, {}), root).stage2)).toContain("stage2/llvm")
  // Everything is more than what is typed.
  expect(namesIn(targets("aarch64-linux-musl").all)).toContain("stage4/llvm")
})

test("a package that wants what a machine has not is refused there, alone and in a system, and is in no `all`", async () => {
  const rig = new Rig()
  const { grub, "install-grub": install, "check-bash": other, all } = targets("armv7-linux-musleabihf")
  for (const asked of [grub, install]) {
    if (asked === undefined) throw new Error("it has a name all the same")
    expectGolden("unfit-package", await thrownBy(rig.build([asked])))
  }
  expect(namesIn(other)).toContain("armv7-linux-musleabihf/bash-check")
  const [has, not] = [namesIn(all), machines.filter(({ firmware }) => firmware === undefined)]
  for (const machine of machines)
    for (const name of ["grub", "grub-check"])
      expect(has.includes(`${machine.triple}/${name}`), `${machine.triple}/${name}`).toBe(!not.includes(machine))
  expect(not.length).toBeGreaterThan(0)
  const kernel = files({ name: "kernel", version: "1", about: "a kernel", license: "MIT", files: () => ({ boot: "" }) })
  const odd = files({
    ...{ name: "odd", version: "1", about: "something", license: "MIT" },
    wants: { what: "a name with x", has: ({ triple }) => triple.startsWith("x") },
    files: () => ({ "etc/odd": "" }),
  })
  const bare = system({ name: "bare", about: "nothing", packages: [odd], talks: {} })
  const made = async (machine: Machine) =>
    systemTargets(new Packages(new Builds(machine, "Release", [])), bare, { kernel, images: ["tar"] }).rootfs.name
  expect(await thrownBy(made(native))).toBe("nothing was thrown")
  for (const machine of not) expect(await thrownBy(made(machine))).toContain(`\`odd\` is not for \`${machine.triple}\``)
})

test("`all` is every machine, and no two of their targets have one name", () => {
  const all = targets("all")
  const named = namesIn(...Object.values(all))
  expect(new Set(named).size).toBe(named.length)
  for (const triple of triples) expect(named).toContain(`${triple}/check-boot`)
})

test("the target `all` is every package, system and way to boot of every machine, in one graph, whatever else is asked for with it", () => {
  const choices = [
    {},
    { SYSTEM: "live" },
    { TARGET: "x86_64-linux-musl", IMAGES: "iso" },
    { SYSTEM: "server", TOOLCHAIN: "stage2", TARGET_PKGS: "zstd" },
  ]
  for (const chosen of choices) {
    const { all, rootfs, "check-boot": boots } = targets("x86_64-linux-musl,riscv64-linux-musl", chosen)
    const named = namesIn(all, rootfs, boots)
    expect(new Set(named).size).toBe(named.length)
    for (const triple of triples) {
      expect(named).toEqual(expect.arrayContaining([`${triple}/bash`, `${triple}/bash-check`]))
      const other = chosen.TOOLCHAIN === undefined && chosen.SYSTEM !== "live" ? "stage4" : "host"
      expect(named).toContain(`${other}/${triple}/bash`)
      expect(named.some((name) => name.startsWith(triple) && name.endsWith("/boot-qcow2"))).toBe(true)
    }
    const boot = (name: string) => named.filter((one) => one.endsWith(`/boot-${name}`)).sort()
    const besides = (of: keyof typeof systems) => (chosen.SYSTEM === of ? "" : `${of}/`)
    expect(boot("usb-uefi")).toContain(`x86_64-linux-musl/${besides("live")}boot-usb-uefi`)
    expect(boot("disk")).toContain(`aarch64-linux-musl/${besides("server")}boot-disk`)
    expect(boot("initramfs")).toContain(`armv7-linux-musleabihf/${besides("hello")}boot-initramfs`)
    expect(named).toContain("check-bootstrap")
  }
})

test("one word that is no machine among several is an error", async () => {
  const message = await thrownBy(Promise.resolve().then(() => targets("armv7-linux-musleabihf,riscv-linux-musl")))
  expect(message).toContain("no machine is named `riscv-linux-musl`")
  expect(message).toContain("did you mean `riscv64-linux-musl`?")
})
