// Starting a machine in QEMU: for a person, or unattended, to see that it comes up, does what its system says that it does, and powers
// off. Nothing of what it is started from is ever written to.

import { writeFileSync } from "node:fs"
import { command } from "../graph/command.ts"
import type { Running } from "../graph/running.ts"
import { file, type Output, type OutputDeclaration, type Target, target } from "../graph/target.ts"
import { type Tool, tool } from "../graph/tool.ts"
import { Console } from "./console.ts"
import { type Step, take, upSign, usesSsh } from "./conversation.ts"
import type { Machine } from "./machine.ts"
import { checkPort, freePort, type Network, netArguments } from "./network.ts"
import { ssh } from "./tools.ts"

/** The machine that is started. */
export interface Booted {
  readonly machine: Machine
  /** What it is a machine of. */
  readonly system: string
  readonly memoryMiB: number
  /** How it gets its address; undefined: it has no network. */
  readonly network: Network | undefined
}

/** A way to start it. */
export interface Way<From extends string = string> {
  /** One word, for the target's name. */
  readonly name: string
  /** It is started "from …". */
  readonly about: string
  readonly from: Readonly<Record<From, Output>>
  /** What QEMU is told besides what the machine is; the paths of what it is started from. */
  readonly words: (paths: Readonly<Record<From, string>>) => readonly string[]
  /** What it is started with besides QEMU. */
  readonly tools?: readonly Tool[]
  /** Memory in MiB, besides what the machine has otherwise. */
  readonly besidesMiB?: number
}

/** QEMU for a machine. */
export const qemuTool = ({ qemu }: Machine) =>
  tool({ name: qemu.system, debian: qemu.debian, files: ["/usr/share/qemu"] })

/** Its arguments; the console is QEMU's own terminal. */
const argumentsOf = ({ machine: { qemu }, memoryMiB }: Booted, { besidesMiB = 0 }: Way, words: readonly string[]) => [
  ...[...qemu.arguments, "-m", String(memoryMiB + besidesMiB)],
  ...["-nographic", "-no-user-config", ...words],
]

/** Without this, QEMU has a network. */
const withoutNet: readonly string[] = ["-nic", "none"]

/** Starts the machine on the user's terminal. What is written is gone afterwards. */
export const qemuSession = (name: string, booted: Booted, way: Way): Target => {
  const { machine, network } = booted
  return target({
    name: `${name}/qemu`,
    about: "boot the disk image on this terminal (Ctrl-A X ends it; what is written is not kept)",
    inputs: way.from,
    tools: [qemuTool(machine), ...(way.tools ?? [])],
    ...(network === undefined ? {} : { before: () => checkPort(network.SSH_PORT) }),
    session: (paths) => {
      const net = network === undefined ? withoutNet : netArguments(network, Number(network.SSH_PORT))
      return command(machine.qemu.system, ...argumentsOf(booted, way, [...net, ...way.words(paths)]))
    },
  })
}

/** A boot; its transcript begins with a line that says how soon the machine was up, and goes on with what its console showed. */
type Boot = Target<{ transcript: OutputDeclaration }>

/** Starts the machine unattended, and has this conversation with it; it ends with the machine powered off. */
export const bootCheck = (name: string, booted: Booted, way: Way, steps: readonly Step[]): Boot => {
  const { machine, system, network } = booted
  const { triple } = machine
  const { SSH_PORT: _, ...addresses } = network ?? {}
  const named = Object.fromEntries(Object.keys(way.from).map((one) => [one, one]))
  return target({
    name: `${name}/boot-${way.name}`,
    about: `boot from ${way.about} unattended, and see that it works`,
    inputs: way.from,
    outputs: { transcript: file() },
    tools: [qemuTool(machine), ...(way.tools ?? []), ...(usesSsh(steps) ? [ssh] : [])],
    module: import.meta.url,
    parameters: JSON.stringify({ triple, system, words: argumentsOf(booted, way, way.words(named)), addresses, steps }),
    expectedMs: 15_000,
    call: async (paths, { transcript }, running) => {
      const port = await freePort()
      const net = network === undefined ? withoutNet : netArguments(network, port, true)
      const words = argumentsOf(booted, way, [...net, ...way.words(paths)])
      const { text, upMs } = await converse([machine.qemu.system, ...words], steps, { running, port })
      const soon = `${system} on ${triple} from ${way.about}: ${(upMs / 1000).toFixed(1)} s to ${upSign(steps[0])}`
      running.notice(soon)
      writeFileSync(transcript, `${soon}\n\n${text}`)
    },
  })
}

/** Starts a machine, has a conversation with it, and gives all that its console showed, and how long it took to be up. */
async function converse(
  [qemu = "", ...args]: readonly string[],
  steps: readonly Step[],
  { running, port }: { readonly running: Running; readonly port: number },
): Promise<{ readonly text: string; readonly upMs: number }> {
  const started = running.start([running.program(qemu), ...args], { capture: true })
  const terminal = new Console(started, running)
  try {
    for (const step of steps) await take(step, { terminal, running, port })
    await terminal.end()
    const status = await started.status
    if (status !== 0) throw new Error(`the machine did not power off (${status})`)
    return { text: terminal.text, upMs: terminal.upMs }
  } catch (thrown) {
    throw new Error(`${(thrown as Error).message}; the console's last lines:\n${terminal.last()}`)
  } finally {
    started.kill()
  }
}
