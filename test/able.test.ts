// What a machine cannot do is said before it is begun.

import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs"
import { machine } from "node:os"
import { join } from "node:path"
import { expect, test } from "vitest"
import { Toolbox } from "../lib/exec/tools.ts"
import { missingToolsError } from "../lib/graph/errors.ts"
import { graphOf } from "../lib/graph/graph.ts"
import { stagesOf } from "../lib/linux/mod.ts"
import { type MachineNeeds, type Output, renderDiagnostic, shell, source, target, tool, write } from "../lib/mod.ts"
import { Journal } from "../lib/store/journal.ts"
import { stageParts } from "../pkg/all.ts"
import { baseSystem } from "../pkg/base/system.ts"
import native from "../sysdeps/x86_64-linux-musl.ts"
import { expectGolden } from "./golden.ts"
import { coreutils, Rig, thrownBy } from "./rig.ts"

const llvm = (machine: MachineNeeds, script = "echo built", resumable = false, inputs: readonly Output[] = []) =>
  target({
    name: "stage1/llvm",
    where: "pkg/llvm.ts",
    inputs: { all: inputs },
    outputs: { said: "out/llvm" },
    machine,
    resumable,
    run: (_, { said }) => shell(`${script} >${said}`),
  })

const enough: MachineNeeds = { memoryBytes: 1, diskBytes: 1, processor: machine() }
const tooLarge = [
  ["little-memory", { memoryBytes: 2 ** 60 }],
  ["little-space", { diskBytes: 2 ** 60 }],
] as const
const scrub = [[/(there is|free) +\d.*/g, "$1 N"]] as const

test.each([false, true])(
  "too little memory or space is said before anything runs (resumable: %s)",
  async (resumable) => {
    const rig = new Rig()
    const made = target({ name: "source", outputs: { text: "source" }, run: (_, { text }) => write(text, "a") })
    const compiler = (needs: MachineNeeds) => llvm(needs, "echo built", resumable, [made.outputs.text])
    for (const [name, needs] of tooLarge) {
      expectGolden(name, await thrownBy(rig.build([compiler(needs)])), [[rig.store, "STORE"], ...scrub])
      expect(existsSync(rig.path("source"))).toBe(false)
    }
    // What was refused has left nothing that counts as begun.
    const { events, outcome } = await rig.build([compiler(enough)])
    expect(outcome).toBe("done")
    expect(events.filter(({ type }) => type === "notice")).toEqual([])
  },
)

test.each([false, true])(
  "what may be there needs no room; if it is not, that is said before it starts (resumable: %s)",
  async (resumable) => {
    const rig = new Rig()
    rig.write("count", "1")
    const made = target({
      name: "source",
      inputs: { count: source("count") },
      tools: [coreutils],
      outputs: { text: "source" },
      run: ({ count }, { text }) => shell(`tr -d a <${count} >${text}`),
    })
    const compiler = (needs: MachineNeeds) => llvm(needs, "echo built", resumable, [made.outputs.text])
    for (const [name, needs] of tooLarge) {
      expect((await rig.build([compiler(enough)])).outcome).toBe("done")
      rig.write("count", `${rig.read("count")}a`)
      expect(await rig.build([compiler(needs)])).toMatchObject({ outcome: "done", counts: { built: 1 } })
      rig.write("count", `${rig.read("count")}1`)
      const { outcome, said, counts } = await rig.build([compiler(needs)])
      expect([outcome, counts.built]).toEqual(["failed", 1])
      expectGolden(name, said.join("\n"), [[rig.store, "STORE"], ...scrub])
    }
  },
)

test("what there is needs no room", async () => {
  const rig = new Rig()
  await rig.build([llvm({})])
  expect((await rig.build([llvm({ memoryBytes: 2 ** 60, diskBytes: 2 ** 60 })])).outcome).toBe("done")
})

test("what runs on another processor is refused before anything is built", async () => {
  const rig = new Rig()
  expectGolden("other-processor", await thrownBy(rig.build([llvm({ processor: "z80" })])), [[machine(), "PROCESSOR"]])
})

test("the compiler of each stage says what it needs of the machine", () => {
  const stages = stagesOf({ native, parts: stageParts, base: baseSystem, sources: new Map() })
  const compilers = graphOf([stages.stage4.all]).targets.filter(({ name }) => /^stage\d\/llvm$/.test(name))
  expect(compilers.map(({ action }) => action?.terms.machine)).toEqual(
    Array(4).fill({ processor: "x86_64", diskBytes: 12e9, memoryBytes: 2 ** 31 }),
  )
})

test("a tool that is there in another version only is missing, with what there is", () => {
  const rig = new Rig()
  const bin = join(rig.directory, "bin")
  mkdirSync(bin)
  writeFileSync(join(bin, "oldclang-14"), "#!/bin/sh\necho Debian clang version 14.0.6\necho Target: none\n")
  chmodSync(join(bin, "oldclang-14"), 0o755)
  const clang = tool({ name: "clang", programs: { clang: ["oldclang-19"] }, debian: ["clang-19"] })
  const user = target({ ...{ name: "stage1/musl", tools: [clang], outputs: { x: "x" } }, run: () => shell("true") })
  const missing = (path: string) => new Toolbox(new Journal(), path).missing([user])
  const error = missingToolsError(missing(bin), "apt-get install -y clang-19")
  expectGolden("other-version", renderDiagnostic(error.diagnostic), [[bin, "BIN"]])
  expect(missing("").map(({ other }) => other)).toEqual([undefined])
})
