// Starting an image in QEMU: for a person, or unattended, to see that it boots, keeps what is written, and powers off.

import { copyFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { stripVTControlCharacters } from "node:util"
import { command } from "../graph/command.ts"
import type { Running, Started } from "../graph/running.ts"
import { file, type Output, type Target, target } from "../graph/target.ts"
import { tool } from "../graph/tool.ts"
import type { Machine } from "./machine.ts"

const qemuTool = ({ qemu }: Machine) => tool({ name: qemu.system, debian: qemu.debian, files: ["/usr/share/qemu"] })

/** The arguments that start a machine's kernel with a disk; the console is QEMU's own terminal. */
function fromDisk(machine: Machine, kernel: string, disk: string): readonly string[] {
  const { device, partition } = machine.qemu.disk
  const drive = ["-drive", `file=${disk},format=raw,if=none,id=disk`, "-device", device]
  return [...withKernel(machine, kernel, `root=${partition} rw rootwait`), ...drive]
}

/** The arguments that start a machine's kernel with everything in memory. */
const fromMemory = (machine: Machine, kernel: string, initramfs: string): readonly string[] => [
  ...withKernel(machine, kernel, ""),
  "-initrd",
  initramfs,
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

/** Boots disk and initramfs unattended: logs in, looks around, writes a file, finds it again after a reboot, powers off. */
export const bootCheck = (machine: Machine, disk: Output, initramfs: Output, kernel: Output): Target =>
  target({
    name: `${machine.triple}/check-boot`,
    about: "boot the images unattended and see that they work",
    inputs: { disk, initramfs, kernel },
    outputs: { transcript: file() },
    tools: [qemuTool(machine)],
    module: import.meta.url,
    parameters: JSON.stringify(machine),
    expectedMs: 30_000,
    call: async ({ disk, initramfs, kernel }, { transcript }, running) => {
      const copy = join(running.scratch, "disk.img")
      copyFileSync(disk, copy)
      const onDisk = await converse(machine, fromDisk(machine, kernel, copy), running, useDisk)
      const inMemory = await converse(machine, fromMemory(machine, kernel, initramfs), running, useMemory)
      writeFileSync(transcript, onDisk + inMemory)
    },
  })

/** Long enough for an emulated machine on a busy one. */
const answerMs = 180_000
const lastLines = 25

/** A console that one can talk to: what was written so far, and what of it was not yet looked at. */
class Console {
  readonly #machine: Started
  readonly #running: Running
  #raw = ""
  /** What was written, without what steers a terminal: a shell's editor wraps each line in it. */
  text = ""
  #seen = 0
  #woken: () => void = () => {}
  #ended = false

  constructor(machine: Started, running: Running) {
    this.#machine = machine
    this.#running = running
    void this.#listen()
  }

  async #listen(): Promise<void> {
    for await (const piece of this.#machine.output) {
      this.#raw += piece
      this.text = stripVTControlCharacters(this.#raw).replaceAll("\r", "")
      this.#woken()
    }
    this.#ended = true
    this.#woken()
  }

  /** Waits until the console shows `pattern`; rejects with its last lines if it does not. */
  async expect(pattern: RegExp, what: string): Promise<string> {
    this.#running.progress(undefined, what)
    const until = Date.now() + answerMs
    for (;;) {
      const found = pattern.exec(this.text.slice(this.#seen))
      if (found !== null) {
        this.#seen += found.index + found[0].length
        return found[0]
      }
      if (this.#ended || Date.now() > until)
        throw new Error(`${this.#ended ? "the machine ended" : "no answer"} while waiting for ${what}`)
      await this.#wake(until - Date.now())
    }
  }

  #wake(mostMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, mostMs)
      this.#woken = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  send(line: string): void {
    this.#machine.write(`${line}\n`)
  }

  /** Runs a command there and gives what it wrote. The marks are put together there, so that an echo is no answer. */
  async run(line: string): Promise<string> {
    this.send(`echo be''gin; ${line}; echo en''d $?`)
    await this.expect(/\nbegin\n/, `\`${line}\` to start`)
    const answer = await this.expect(/(?:^|\n)end \d+\n/, `\`${line}\``)
    const before = this.text.slice(0, this.#seen - answer.length)
    if (!answer.includes("end 0\n")) throw new Error(`\`${line}\` failed in the machine: ${answer.trim()}`)
    return before.slice(before.lastIndexOf("\nbegin\n") + 7)
  }

  last(): string {
    return this.text.trimEnd().split("\n").slice(-lastLines).join("\n")
  }
}

/** Starts a machine, has a conversation with it, and gives all that its console showed. */
async function converse(
  machine: Machine,
  args: readonly string[],
  running: Running,
  talk: (terminal: Console, machine: Machine) => Promise<void>,
): Promise<string> {
  const started = running.start([running.program(machine.qemu.system), ...args], { capture: true })
  const terminal = new Console(started, running)
  try {
    await logIn(terminal, "the login prompt")
    await talk(terminal, machine)
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

async function useDisk(terminal: Console, { processor }: Machine): Promise<void> {
  expectWord(await terminal.run("uname -m"), processor.slice(0, 4), "uname")
  expectWord(await terminal.run("mount"), " / type ext4", "mount")
  expectWord(await terminal.run("for i in 1 2 3; do echo $((i * i)); done"), "1\n4\n9", "a loop of the shell")
  await terminal.run("echo kept >/root/kept; sync")
  terminal.send("reboot")
  await logIn(terminal, "the login prompt after the reboot")
  expectWord(await terminal.run("cat /root/kept"), "kept", "the file written before the reboot")
}

async function useMemory(terminal: Console): Promise<void> {
  expectWord(await terminal.run("mount"), "rootfs on / type", "mount")
  await terminal.run("ls -l /init /bin/bash")
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
