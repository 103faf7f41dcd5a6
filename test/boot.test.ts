// What is said to a machine when it is booted, and what comes of it. The machine here is a shell, which shows what is typed as a console
// does.

import { readFileSync } from "node:fs"
import { expect, test } from "vitest"
import { bootCheck } from "../lib/linux/boot.ts"
import type { Step } from "../lib/linux/conversation.ts"
import { copy, file, target } from "../lib/mod.ts"
import armv7 from "../sysdeps/armv7-linux-musleabihf.ts"
import { Rig } from "./rig.ts"

const shell = `printf 'login: '; read -r user; printf '# '
while read -r line; do printf '%s\\n' "$line"; eval "$line"; done`

/** How a boot of such a machine ends, and what is said of it. */
async function boot(script: string, ...steps: readonly Step[]) {
  const machine = { ...armv7, qemu: { ...armv7.qemu, system: "sh", arguments: ["-c", script] } }
  const way = { name: "script", about: "a script", from: {}, words: () => [] }
  const booted = { machine, system: "small", memoryMiB: 1, network: undefined }
  const rig = new Rig()
  const boot = bootCheck("machine", booted, way, steps)
  const placed = target({
    name: "placed",
    inputs: { made: boot.outputs.transcript },
    outputs: { placed: file("transcript") },
    run: ({ made }, { placed }) => copy(made, placed),
  })
  const { outcome, said } = await rig.build([placed])
  return { outcome, said: said.join("\n"), transcript: () => readFileSync(rig.path("transcript"), "utf8") }
}

const logIn: Step = { logIn: "root" }
const powerOff: Step = { powerOff: "exit 0" }

test("a boot is done once the machine has powered off", async () => {
  expect((await boot(shell, logIn, { run: "echo $((6 * 7))", says: "42\n" }, powerOff)).outcome).toBe("done")
  const failed = await boot(shell, logIn, { powerOff: "exit 3" })
  expect([failed.outcome, failed.said]).toEqual(["failed", expect.stringContaining("did not power off (3)")])
})

test("a boot says, and its transcript after it, which system of which machine was up from what, and how soon", async () => {
  const { said, transcript } = await boot(shell, logIn, { run: "echo here" }, powerOff)
  const soon = /small on armv7-linux-musleabihf from a script: \d+\.\d s to the login prompt/
  expect(said).toMatch(soon)
  const [first, , ...console] = transcript().split("\n")
  expect(first).toMatch(new RegExp(`^${soon.source}$`))
  expect(console.join("\n")).toMatch(/^login: /)
})

test("a kernel that panics is not waited for", { timeout: 60_000 }, async () => {
  const panics = "echo '[    1.5] Kernel panic - not syncing: no init'; sleep 300"
  const before = await boot(panics, logIn)
  expect(before.outcome).toBe("failed")
  expect(before.said).toContain("the kernel panicked while waiting for the login prompt")
  expect(before.said).toContain("Kernel panic - not syncing: no init")
  const after = await boot(`echo hello; ${panics}`, { shows: "hello" })
  expect(after.said).toContain("the kernel panicked while waiting for the machine to power off")
})

test("what a line of the shell writes is its answer, whether or not it ends a line, whatever is in it", {
  timeout: 60_000,
}, async () => {
  const { outcome, said } = await boot(
    shell,
    logIn,
    { run: "printf 'no end'", says: "no end" },
    { run: "echo first; echo begin; echo end 0; echo last", says: "first\nbegin\nend 0\nlast\n" },
    powerOff,
  )
  expect(outcome, said).toBe("done")
  expect((await boot(shell, logIn, { run: "printf 'no end'; false" })).said).toContain("failed in the machine: end 1")
})

test("the test's key is one for all files that trust it", async () => {
  const { outcome, said } = await boot(
    shell,
    logIn,
    { trust: "one" },
    { trust: "other" },
    { run: "cmp one other && wc -l <one", says: "1\n" },
    powerOff,
  )
  expect(outcome, said).toBe("done")
})

test("a message of the kernel behind a prompt is no reason to wait for another one", { timeout: 60_000 }, async () => {
  const message = "[    5.123456] random: crng init done\\n"
  const late = shell.replace("login: ", `login: ${message}`).replace("'# '", `'# ${message}${message}'`)
  expect(late).toContain(`'# ${message}`)
  const { outcome, said } = await boot(late, logIn, { run: "echo here", says: "here" }, powerOff)
  expect(outcome, said).toBe("done")
})
