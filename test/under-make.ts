// Run by make, as hashmake is: `node under-make.ts ENDING LOG COUNT NEED`. Runs COUNT works in the slots that the outer jobserver
// has tokens for, each of which tells LOG when it begins and, once NEED have begun, ends. Then ends itself as it is asked to.

import { appendFileSync, readFileSync } from "node:fs"
import { setTimeout as sleep } from "node:timers/promises"
import { connect } from "../lib/exec/jobserver.ts"
import { parseMakeflags } from "../lib/exec/makeflags.ts"
import { Slots } from "../lib/exec/slots.ts"

const [, , ending = "", log = "", count = "", need = ""] = process.argv
if (ending === "descriptors") {
  // Those that Node opened for itself, with nothing inherited but the standard three.
  const numbers = Array.from({ length: 30 }, (_, i) => i + 3)
  const pairs = numbers.flatMap((read) => numbers.map((write) => ({ kind: "pipe", read, write }) as const))
  appendFileSync(log, `${pairs.filter((auth) => connect(auth) !== undefined).length} of ${pairs.length}\n`)
  process.exit(0)
}
// Somebody else's, who listens once, goes on a little, and ends in his own way.
const interrupted = () => {
  appendFileSync(log, "interrupted\n")
  process.exit(130)
}
if (ending === "interrupt") process.once("SIGINT", () => setImmediate(interrupted))

const { auth } = parseMakeflags(process.env.MAKEFLAGS ?? "")
const client = auth === undefined ? undefined : connect(auth)
if (client === undefined) {
  appendFileSync(log, "no jobserver\n")
  process.exit(0)
}

const begun = () => (readFileSync(log, "utf8").match(/^begin/gm) ?? []).length

async function work(): Promise<void> {
  appendFileSync(log, "begin\n")
  while (begun() < Number(need)) await sleep(5)
  appendFileSync(log, "end\n")
}

const slots = new Slots({ count: 16, client })
const all = Array.from({ length: Number(count) }, (_, i) => slots.run({ priority: -i }, work))

if (ending === "normal") {
  await Promise.all(all)
  client.close()
} else {
  // Whatever the end, it comes while a token is held.
  await slots.run({ priority: 1, slots: 2 }, async () => {
    if (client.held === 0) throw new Error("no token")
    appendFileSync(log, "holding\n")
    if (ending === "exit") process.exit(0)
    if (ending === "exception") setImmediate(() => JSON.parse("{"))
    if (ending === "signal") process.kill(process.pid, "SIGTERM")
    if (ending === "interrupt") process.kill(process.pid, "SIGINT")
    if (ending === "kill") process.kill(process.pid, "SIGKILL")
    await new Promise(() => setInterval(() => {}, 1000))
  })
}
