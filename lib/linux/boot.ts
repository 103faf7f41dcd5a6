// Starting an image in QEMU: for a person, or unattended, to see that it boots, keeps what is written, and powers off.

import { appendFileSync, copyFileSync } from "node:fs"
import { join } from "node:path"
import { command } from "../graph/command.ts"
import type { Running } from "../graph/running.ts"
import { file, type Output, type Target, target } from "../graph/target.ts"
import { tool } from "../graph/tool.ts"
import { answerMs, Console } from "./console.ts"
import type { Machine } from "./machine.ts"

const qemuTool = ({ qemu }: Machine) => tool({ name: qemu.system, debian: qemu.debian, files: ["/usr/share/qemu"] })

/** The arguments that start a machine's kernel with a disk; the console is QEMU's own terminal. */
const fromDisk = (machine: Machine, kernel: string, disk: string, format = "raw"): readonly string[] => [
  ...withKernel(machine, kernel, `root=${machine.qemu.disk.partition} rw rootwait`),
  ...withDrive(machine, `file=${disk},format=${format}`),
]

/** The arguments that start a machine's kernel with a medium without partitions, which cannot be written to. */
const fromMedium = (machine: Machine, kernel: string, image: string): readonly string[] => [
  ...withKernel(machine, kernel, `root=${machine.qemu.disk.partition.replace(/\d+$/, "")} ro rootwait`),
  ...withDrive(machine, `file=${image},format=raw,readonly=on`),
]

/** The arguments that start a machine's kernel with everything in memory. */
const fromMemory = (machine: Machine, kernel: string, initramfs: string): readonly string[] => [
  ...withKernel(machine, kernel, ""),
  "-initrd",
  initramfs,
]

const withDrive = ({ qemu }: Machine, drive: string): readonly string[] => [
  ...["-drive", `${drive},if=none,id=disk`, "-device", qemu.disk.device],
]

const withKernel = ({ qemu, console }: Machine, kernel: string, words: string): readonly string[] => [
  ...qemu.arguments,
  ...["-nographic", "-no-user-config", "-nic", "none", "-kernel", kernel],
  ...["-append", `${words} console=${console} panic=-1`.trim()],
]

/** Boots the disk on the user's terminal. What is written to it is gone afterwards. */
export const qemuSession = (machine: Machine, disk: Output, kernel: Output): Target =>
  target({
    name: `${machine.triple}/qemu`,
    about: "boot the disk image on this terminal (Ctrl-A X ends it; what is written is not kept)",
    inputs: { disk, kernel },
    tools: [qemuTool(machine)],
    session: ({ disk, kernel }) => command(machine.qemu.system, ...fromDisk(machine, kernel, disk), "-snapshot"),
  })

/** A way to start a machine: with what, and what is said to it then. */
interface Way {
  readonly start: (machine: Machine, kernel: string, image: string) => readonly string[]
  /** The image is written to. */
  readonly isWritten?: boolean
  readonly talk: Talk
}

type Talk = (terminal: Console, machine: Machine, partitions: readonly Mountable[]) => Promise<void>

/** The ways to start a machine, by the format of the image. */
const ways = {
  disk: { start: fromDisk, isWritten: true, talk: useDisk },
  initramfs: { start: fromMemory, talk: useMemory },
  qcow2: { start: (...from) => fromDisk(...from, "qcow2"), isWritten: true, talk: useDisk },
  squashfs: { start: fromMedium, talk: useMedium },
} as const satisfies Readonly<Record<string, Way>>

/** An image that a machine can be started with. */
export interface Bootable {
  readonly name: keyof typeof ways
  readonly image: Output
}

/** A partition of the disk, and where it is mounted; swap is not. */
export interface Mountable {
  readonly number: number
  readonly at?: string
}

/** Boots images unattended: logs in, looks around, writes where that is kept, finds it again after a reboot, powers off. */
export const bootCheck = (
  machine: Machine,
  kernel: Output,
  bootable: readonly Bootable[],
  partitions: readonly Mountable[],
): Target => {
  const names = bootable.map(({ name }) => name)
  return target({
    name: `${machine.triple}/check-boot`,
    about: "boot the images unattended and see that they work",
    inputs: { images: bootable.map(({ image }) => image), kernel },
    outputs: { transcript: file() },
    tools: [qemuTool(machine)],
    module: import.meta.url,
    parameters: JSON.stringify({ machine, names, partitions }),
    expectedMs: 15_000 * names.length,
    call: async ({ images, kernel }, { transcript }, running) => {
      for (const [i, name] of names.entries()) {
        const way: Way = ways[name]
        const image = way.isWritten ? join(running.scratch, name) : (images[i] ?? "")
        if (way.isWritten) copyFileSync(images[i] ?? "", image)
        const started = way.start(machine, kernel, image)
        const talk = (terminal: Console) => way.talk(terminal, machine, partitions)
        appendFileSync(transcript, await converse(machine, started, running, talk))
      }
    },
  })
}

/** Starts a machine, has a conversation with it, and gives all that its console showed. */
async function converse(
  machine: Machine,
  args: readonly string[],
  running: Running,
  talk: (terminal: Console) => Promise<void>,
): Promise<string> {
  const started = running.start([running.program(machine.qemu.system), ...args], { capture: true })
  const terminal = new Console(started, running)
  try {
    await logIn(terminal, "the login prompt")
    await talk(terminal)
    terminal.send("poweroff")
    running.progress(undefined, "the machine to power off")
    const status = await Promise.race([started.status, timeout(answerMs)])
    if (status !== 0) throw new Error(`the machine did not power off (${status})`)
    return terminal.text
  } catch (thrown) {
    throw new Error(`${(thrown as Error).message}; the console's last lines:\n${terminal.last()}`)
  } finally {
    started.kill()
  }
}

async function useDisk(terminal: Console, { processor, qemu }: Machine, partitions: readonly Mountable[]) {
  expectWord(await terminal.run("uname -m"), processor.slice(0, 4), "uname")
  expectWord(await terminal.run("mount"), " / type ext4", "mount")
  expectWord(await terminal.run("for i in 1 2 3; do echo $((i * i)); done"), "1\n4\n9", "a loop of the shell")
  for (const { number, at } of partitions.filter(({ at }) => at !== "/")) {
    const device = qemu.disk.partition.replace(/\d+$/, String(number))
    const [use, shown, line] =
      at === undefined
        ? [`swapon ${device}`, "cat /proc/swaps", `${device} `]
        : [`mount ${device} ${at}`, "mount", `${device} on ${at} type ext4`]
    await terminal.run(use)
    expectWord(await terminal.run(shown), line, shown)
  }
  await terminal.run("echo kept >/root/kept; sync")
  terminal.send("reboot")
  await logIn(terminal, "the login prompt after the reboot")
  expectWord(await terminal.run("cat /root/kept"), "kept", "the file written before the reboot")
}

async function useMemory(terminal: Console): Promise<void> {
  expectWord(await terminal.run("mount"), "rootfs on / type", "mount")
  await terminal.run("ls -l /init /bin/bash")
}

async function useMedium(terminal: Console): Promise<void> {
  expectWord(await terminal.run("mount"), " / type squashfs", "mount")
  expectWord(await terminal.run("touch /etc/new || echo read-only"), "read-only", "writing to it")
  await terminal.run("mkdir -p /run/etc/upper /run/etc/work")
  const places = "lowerdir=/etc,upperdir=/run/etc/upper,workdir=/run/etc/work"
  await terminal.run(`mount -t overlay -o ${places} overlay /etc`)
  expectWord(await terminal.run("echo written >/etc/new; cat /etc/new /etc/hostname"), "written\nrootfs", "an overlay")
}

async function logIn(terminal: Console, what: string): Promise<void> {
  await terminal.expect(/login: $/, what)
  terminal.send("root")
  await terminal.expect(/[#$] $/, "a shell")
  terminal.send("PS1=")
  await terminal.run("true")
}

function expectWord(text: string, word: string, what: string): void {
  if (!text.includes(word)) throw new Error(`${what} said ${JSON.stringify(text)}, without ${JSON.stringify(word)}`)
}

const timeout = (ms: number): Promise<string> => new Promise((resolve) => setTimeout(resolve, ms, "no answer").unref())
