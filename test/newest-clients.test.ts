// The jobserver's newest clients, as the recipes make them: GNU make 4.4 and ninja 1.13 take tokens by the pipe's name, which Debian's
// do not. They come out of the user's store.

import { appendFileSync, writeFileSync } from "node:fs"
import { expect, test } from "vitest"
import { Builds } from "../lib/linux/mod.ts"
import { type BuildEvent, layers, shell, source, type Target, target, tool, tree } from "../lib/mod.ts"
import { storeDirectory } from "../lib/store/directory.ts"
import { foundation, recipes } from "../pkg/all.ts"
import native from "../sysdeps/x86_64-linux-musl.ts"
import { Jobs, mostIn } from "./jobs.ts"
import { coreutils, Rig } from "./rig.ts"
import { bringPatches } from "./small-system.ts"

const builds = new Builds(native, "Release", foundation)

/** A rig in whose workspace both programs are. */
async function newest(): Promise<Rig> {
  const rig = new Rig()
  bringPatches(rig)
  const programs = target({
    name: "programs",
    inputs: { programs: layers([recipes.make, recipes.ninja].map(builds.tree)) },
    outputs: { tree: tree("programs") },
    tools: [coreutils],
    run: ({ programs }, { tree }) => shell(`mkdir -p ${tree} && cp -R ${programs}/usr/bin/. ${tree}/`),
  })
  const { outcome, said } = await rig.build([programs], { store: storeDirectory(process.env) })
  expect(outcome, said.join("\n")).toBe("done")
  return rig
}

/** A script for ninja and make: a job that logs when it begins and ends, and ends once `need` have begun. */
const job = (log: string, need: number) =>
  `echo begin >>${log}; until [ ! -e ${log} ] || [ $$(grep -c begin ${log}) -ge ${need} ]; do sleep 0.01; done; `

const eight = Array.from({ length: 8 }, (_, i) => `job${i}`)

const ninjafile = (script: string) =>
  ["rule job", `  command = ${script}`, ...eight.map((name) => `build ${name}: job`), ""].join("\n")

const makefile = (script: string) =>
  [`all: ${eight.join(" ")}`, `${eight.join(" ")}: ; @${script}`, "below: ; +@ninja -k 0 --quiet", ""].join("\n")

/** An action in whose scratch directory a script finds the jobs for make and ninja; what those log is its output. */
function clients(rig: Rig, name: string, script: string, does: string): Target {
  rig.write(`${name}/Makefile`, makefile(does))
  rig.write(`${name}/build.ninja`, ninjafile(does))
  return target({
    name,
    inputs: {
      files: ["Makefile", "build.ninja"].map((file) => source(`${name}/${file}`)),
      programs: ["make", "ninja"].map((program) => source(`programs/${program}`)),
    },
    outputs: { log: `out/${name}` },
    tools: [coreutils, tool({ name: "grep" })],
    jobserver: "fifo",
    run: ({ files, programs }, { log }) =>
      shell(`here=$PWD; cp ${files.join(" ")} ${programs.join(" ")} "$SCRATCH"; cd "$SCRATCH"; PATH=$PWD:$PATH; : >log
${script}
cat log >"$here/${log}"`),
  })
}

// Both programs may have to be built first, beside other tests.
const limits = { timeout: 1_800_000 }

test(
  "each runs as much at once as there are slots, and a ninja beside a make below a make no more",
  limits,
  async () => {
    const rig = await newest()
    for (const [script, count] of [
      ["make -k", 8],
      ["ninja -k 0 --quiet", 8],
      ["make -k all below", 16],
    ] as const) {
      const name = script.replaceAll(" ", "")
      const wanted = clients(rig, name, script, `${job("log", 3)}echo end >>log`)
      const { outcome, said } = await rig.build([wanted], { slots: 3 })
      expect(outcome, said.join("\n")).toBe("done")
      const lines = rig.read(`out/${name}`).split("\n").slice(0, -1)
      expect([script, lines.length, mostIn(lines)]).toEqual([script, 2 * count, 3])
    }
  },
)

test.for(["make -k", "ninja -k 0 --quiet"])("tokens that a killed `%s` held are not lost", limits, async (script) => {
  const [rig, jobs] = [await newest(), new Jobs()]
  const killed = clients(rig, "killed", script, `${job(jobs.log, 3)}kill -9 $$PPID`)
  const gate = target({
    name: "gate",
    outputs: { to: "out/gate" },
    module: import.meta.url,
    call: async (_, { to }) => jobs.until("killed", 1).then(() => writeFileSync(to, "")),
  })
  const others = Array.from({ length: 5 }, (_, i) =>
    target({
      name: `other${i}`,
      after: [gate],
      outputs: { to: `out/other${i}` },
      module: import.meta.url,
      call: async (_, { to }) => {
        appendFileSync(jobs.log, "other\n")
        await jobs.until("other", 4)
        writeFileSync(to, "")
      },
    }),
  )
  const emit = (event: BuildEvent) => {
    if (event.type === "failure") appendFileSync(jobs.log, "killed\n")
  }
  const { failures, ran } = await rig.build([killed, gate, ...others], {
    ...{ slots: 4, sandbox: "off", keepGoing: true, emit },
  })
  expect([failures.length, ran.length]).toEqual([1, 6])
})
