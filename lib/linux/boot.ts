// Starting an image in QEMU: for a person, or unattended, to see that it boots, does what its system says that it does, and powers off.

import { appendFileSync, copyFileSync } from "node:fs"
import { join } from "node:path"
import { command } from "../graph/command.ts"
import type { Running } from "../graph/running.ts"
import { file, type Output, type Target, target } from "../graph/target.ts"
import { tool } from "../graph/tool.ts"
import { answerMs, Console } from "./console.ts"
import { type Step, take, upSign, usesSsh } from "./conversation.ts"
import type { Machine } from "./machine.ts"
import { checkPort, freePort, type Network, netArguments } from "./network.ts"
import type { Medium } from "./system.ts"
import { ssh } from "./tools.ts"

/** QEMU for a machine. */
export const qemuTool = ({ qemu }: Machine) =>
  tool({ name: qemu.system, debian: qemu.debian, files: ["/usr/share/qemu"] })

/** What is started, and how its root is mounted; QEMU's words for its network. */
interface Start {
  readonly machine: Machine
  readonly memoryMiB: number
  readonly kernel: string
  readonly image: string
  readonly isReadOnly: boolean
  readonly net: readonly string[]
}

/** The arguments that start a machine's kernel with a disk; the console is QEMU's own terminal. */
const fromDisk = (start: Start, format = "raw"): readonly string[] => [
  ...withKernel(start, `root=${start.machine.qemu.disk.partition} ${start.isReadOnly ? "ro" : "rw"} rootwait`),
  ...withDrive(start, `format=${format}`),
]

/** The arguments that start a machine's kernel with a medium without partitions, which cannot be written to. */
const fromMedium = (start: Start): readonly string[] => [
  ...withKernel(start, `root=${start.machine.qemu.disk.partition.replace(/\d+$/, "")} ro rootwait`),
  ...withDrive(start, "format=raw,readonly=on"),
]

/** The arguments that start a machine's kernel with everything in memory. */
const fromMemory = (start: Start): readonly string[] => [...withKernel(start, ""), "-initrd", start.image]

const withDrive = ({ machine: { qemu }, image }: Start, words: string): readonly string[] => [
  ...["-drive", `file=${image},${words},if=none,id=disk`, "-device", qemu.disk.device],
]

const withKernel = ({ kernel, net, ...start }: Start, words: string): readonly string[] => [
  ...[...hardware(start), ...net, "-kernel", kernel],
  ...["-append", `${words} console=${start.machine.console} panic=-1`.trim()],
]

/** What QEMU is told of a machine, whatever starts it; its console is QEMU's terminal. */
export const hardware = ({ machine: { qemu }, memoryMiB }: Pick<Start, "machine" | "memoryMiB">): readonly string[] => [
  ...[...qemu.arguments, "-m", String(memoryMiB)],
  ...["-nographic", "-no-user-config"],
]

/** What QEMU is told of a network that is not there. */
export const withoutNet: readonly string[] = ["-nic", "none"]

/** A way to start a machine. */
interface Way {
  readonly start: (start: Start) => readonly string[]
  /** The image is written to. */
  readonly isWritten?: boolean
}

/** The ways to start a machine, by the image. */
const ways: Readonly<Record<Medium, Way>> = {
  disk: { start: (start) => fromDisk(start), isWritten: true },
  initramfs: { start: fromMemory },
  qcow2: { start: (start) => fromDisk(start, "qcow2"), isWritten: true },
  squashfs: { start: fromMedium },
}

/** What is booted. */
export interface Booted {
  readonly machine: Machine
  readonly memoryMiB: number
  readonly kernel: Output
  readonly isReadOnly: boolean
  /** How it gets its address; undefined: it has no network. */
  readonly network: Network | undefined
}

/** Boots the disk on the user's terminal. What is written to it is gone afterwards. */
export const qemuSession = ({ machine, memoryMiB, kernel, isReadOnly, network }: Booted, disk: Output): Target =>
  target({
    name: `${machine.triple}/qemu`,
    about: "boot the disk image on this terminal (Ctrl-A X ends it; what is written is not kept)",
    inputs: { disk, kernel },
    tools: [qemuTool(machine)],
    ...(network === undefined ? {} : { before: () => checkPort(network.SSH_PORT) }),
    session: ({ disk: image, kernel }) => {
      const net = network === undefined ? withoutNet : netArguments(network, Number(network.SSH_PORT))
      return command(
        machine.qemu.system,
        ...fromDisk({ machine, memoryMiB, kernel, image, isReadOnly, net }),
        "-snapshot",
      )
    },
  })

/** An image that a machine can be started with, and what is said to it then. */
export interface Bootable {
  readonly name: Medium
  readonly image: Output
  readonly steps: readonly Step[]
}

/** Boots images unattended, and has each one's conversation with it; each ends with the machine powered off. */
export const bootCheck = ({ kernel, network, ...booted }: Booted, bootable: readonly Bootable[]): Target => {
  const { machine } = booted
  const { SSH_PORT: _, ...addresses } = network ?? {}
  const talks = bootable.map(({ name, steps }) => ({ name, steps }))
  return target({
    name: `${machine.triple}/check-boot`,
    about: "boot the images unattended and see that they work",
    inputs: { images: bootable.map(({ image }) => image), kernel },
    outputs: { transcript: file() },
    tools: [qemuTool(machine), ...(talks.some(({ steps }) => usesSsh(steps)) ? [ssh] : [])],
    module: import.meta.url,
    parameters: JSON.stringify({ booted, addresses, talks }),
    expectedMs: 15_000 * talks.length,
    call: async ({ images, kernel }, { transcript }, running) => {
      for (const [i, { name, steps }] of talks.entries()) {
        const way = ways[name]
        const image = way.isWritten ? join(running.scratch, name) : (images[i] ?? "")
        if (way.isWritten) copyFileSync(images[i] ?? "", image)
        const port = await freePort()
        const net = network === undefined ? withoutNet : netArguments(network, port, true)
        const args = way.start({ ...booted, kernel, image, net })
        const { text, upMs } = await converse([machine.qemu.system, ...args], steps, { running, port })
        running.notice(`${machine.triple} from ${name}: ${(upMs / 1000).toFixed(1)} s to ${upSign(steps[0])}`)
        appendFileSync(transcript, text)
      }
    },
  })
}

/** Starts a machine, has a conversation with it, and gives all that its console showed, and how long it took to be up. */
export async function converse(
  [qemu = "", ...args]: readonly string[],
  steps: readonly Step[],
  { running, port }: { readonly running: Running; readonly port: number },
): Promise<{ readonly text: string; readonly upMs: number }> {
  const started = running.start([running.program(qemu), ...args], { capture: true })
  const terminal = new Console(started, running)
  try {
    for (const step of steps) await take(step, { terminal, running, port })
    running.progress(undefined, "the machine to power off")
    const status = await Promise.race([started.status, timeout(answerMs)])
    if (status !== 0) throw new Error(`the machine did not power off (${status})`)
    return { text: terminal.text, upMs: terminal.upMs }
  } catch (thrown) {
    throw new Error(`${(thrown as Error).message}; the console's last lines:\n${terminal.last()}`)
  } finally {
    started.kill()
  }
}

const timeout = (ms: number): Promise<string> => new Promise((resolve) => setTimeout(resolve, ms, "no answer").unref())
