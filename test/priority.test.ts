// What a build starts gives way as the build does.

import { spawnSync } from "node:child_process"
import { existsSync } from "node:fs"
import { getPriority } from "node:os"
import { join } from "node:path"
import { expect, test } from "vitest"
import { Rig } from "./rig.ts"

const checkout = join(import.meta.dirname, "..")

/** Who is not root may lower a session ten times a second: each action waits for its turn. */
const buildfile = (expected: string) => `
import { buildfile, shell, target, tool } from ${JSON.stringify(join(checkout, "lib/mod.ts"))}

const coreutils = tool({ name: "coreutils", programs: ["cat", "grep", "seq", "sleep"] })
const session = "/proc/$$/autogroup"
const wait = "for i in $(seq 300); do grep -q ${expected} " + session + " && break; sleep 0.1; done; cat " + session

export default buildfile({}, () => ({
  default: target({
    name: "session",
    outputs: { to: "session" },
    tools: [coreutils],
    run: (_, { to }) => shell(wait + " >" + to),
  }),
}))
`

test.skipIf(!existsSync("/proc/self/autogroup")).each([
  ["of low priority", ["nice", "-n", "7"], `nice ${Math.min(19, getPriority() + 7)}`],
  ["that gets what is left over", ["chrt", "--idle", "0"], "nice 19"],
] as const)("the sessions of a build %s give way to others", (_, [program, ...words], expected) => {
  for (const sandbox of ["bwrap", "off"]) {
    const rig = new Rig()
    rig.write("Buildfile.ts", buildfile(`'${expected}$'`))
    rig.write("package.json", '{ "type": "module" }')
    const line = [process.execPath, join(checkout, "bin/build.ts"), `--sandbox=${sandbox}`]
    const { status, stderr } = spawnSync(program, [...words, ...line], {
      cwd: rig.root,
      env: { ...process.env, HASHMAKE_STORE: rig.store },
      encoding: "utf8",
    })
    expect(status, stderr).toBe(0)
    expect(rig.read("session").trim()).toMatch(new RegExp(`${expected}$`))
  }
})
