// Starting a medium in QEMU as its firmware would: as a CD and as a USB disk, by each kind of firmware that the machine has; and with a
// medium of another system, to see that it is not taken, and that what is wrong is said.

import { appendFileSync } from "node:fs"
import type { Running } from "../graph/running.ts"
import { file, type Output, type Target, target } from "../graph/target.ts"
import { tool } from "../graph/tool.ts"
import { answerMs, Console } from "./console.ts"
import type { Machine } from "./machine.ts"

/** A way to start a machine, and what is said to it then. */
interface Way {
  readonly name: string
  readonly args: readonly string[]
  readonly talk: (terminal: Console) => Promise<void>
}

/** What QEMU is given. */
interface Start {
  readonly machine: Machine
  readonly iso: string
  readonly kernel: string
  readonly live: string
}

const drive = (iso: string, media: "cdrom" | "disk") => [
  ...["-drive", `file=${iso},format=raw,readonly=on,if=none,id=disk,media=${media}`],
]
const devices = (names: readonly string[]) => names.flatMap((name) => ["-device", name])
const asCd = ({ machine, iso }: Start) => [...drive(iso, "cdrom"), ...devices(machine.qemu.cd ?? [])]
const asUsbDisk = ({ iso }: Start) => [...drive(iso, "disk"), ...devices(["qemu-xhci", "usb-storage,drive=disk"])]

/** A live system needs memory for what is written, besides that which the machine starts with. */
const common = ({ qemu }: Machine) => [
  ...qemu.arguments,
  ...["-m", "384", "-nographic", "-no-user-config", "-nic", "none"],
]

function waysOf(start: Start): readonly Way[] {
  const { machine, kernel, live } = start
  const { firmware = {}, qemu, console } = machine
  const uefi = qemu.uefi === undefined ? [] : [["UEFI", ["-bios", qemu.uefi.file]] as const]
  const kinds = [...(firmware.bios === undefined ? [] : [["BIOS", []] as const]), ...uefi]
  const media = [["a CD", asCd(start)] as const, ["a USB disk", asUsbDisk(start)] as const]
  const ways = kinds.flatMap(([kind, words]) =>
    media.map(([medium, attached]) => ({
      name: `${medium} by ${kind}`,
      args: [...common(machine), ...words, ...attached],
      talk: useLive,
    })),
  )
  const words = `live=${"0".repeat(64)} console=${console} panic=-1`
  const other = [...common(machine), "-kernel", kernel, "-initrd", live, "-append", words, ...asCd(start)]
  return [...ways, { name: "a medium of another system", args: other, talk: seeWhatIsWrong }]
}

/** Boots a medium unattended: logs in, writes over what is read-only, powers off; and sees that no other medium is taken for it. */
export const isoCheck = (
  machine: Machine,
  iso: Output,
  { kernel, live }: { readonly kernel: Output; readonly live: Output },
): Target => {
  const { qemu } = machine
  return target({
    name: `${machine.triple}/check-iso`,
    about: "boot the medium unattended in every way that the machine has, and see that it works",
    inputs: { iso, kernel, live },
    outputs: { transcript: file() },
    tools: [
      tool({ name: qemu.system, debian: qemu.debian, files: ["/usr/share/qemu"] }),
      ...(qemu.uefi === undefined
        ? []
        : [tool({ name: "uefi", programs: [], files: [qemu.uefi.file], debian: [qemu.uefi.debian] })]),
    ],
    module: import.meta.url,
    parameters: JSON.stringify(machine),
    expectedMs: 120_000,
    call: async ({ iso, kernel, live }, { transcript }, running) => {
      for (const way of waysOf({ machine, iso, kernel: `${kernel}/boot/kernel`, live }))
        appendFileSync(transcript, await boot(machine, way, running))
    },
  })
}

/** Starts the machine in one way, and gives all that its console showed. */
async function boot({ qemu }: Machine, { name, args, talk }: Way, running: Running): Promise<string> {
  const since = performance.now()
  const started = running.start([running.program(qemu.system), ...args], { capture: true })
  const terminal = new Console(started, running)
  const seconds = () => ((performance.now() - since) / 1000).toFixed(1)
  try {
    await terminal.expect(/live: looking for the medium/, `${name}: the first line of userland`)
    const first = seconds()
    await terminal.expect(/login: $|live: a shell follows/, `${name}: the login prompt`)
    running.log(`${name}: ${first} s to the first line of userland, ${seconds()} s until somebody can type`)
    await talk(terminal)
    running.progress(undefined, `${name}: the machine to power off`)
    const status = await Promise.race([started.status, timeout(answerMs)])
    if (status !== 0) throw new Error(`the machine did not power off (${status})`)
    return terminal.text
  } catch (thrown) {
    throw new Error(`${name}: ${(thrown as Error).message}; the console's last lines:\n${terminal.last()}`)
  } finally {
    started.kill()
  }
}

/** Logs in, and writes over what is on the medium. */
async function useLive(terminal: Console): Promise<void> {
  terminal.send("root")
  await quieten(terminal)
  expectWords(await terminal.run("mount"), "live on / type overlay", "mount")
  await terminal.run("echo written >/etc/hostname; rm /etc/shells; sync")
  expectWords(await terminal.run("cat /etc/hostname; ls /etc/shells || echo gone"), "gone", "the root file system")
  terminal.send("poweroff")
}

/** The shell that is started instead says what is wrong, and works. */
async function seeWhatIsWrong(terminal: Console): Promise<void> {
  expectWords(terminal.text, `no medium has live/${"0".repeat(64)}.squashfs`, "the start")
  if (!/live: - sr0, \d+ MiB: a medium with live\/[0-9a-f]{64}\.squashfs/.test(terminal.text))
    throw new Error("it did not say what it saw in the drive")
  await quieten(terminal)
  expectWords(await terminal.run("ls -d /sys/class/block/sr0"), "sr0", "ls")
  terminal.send("poweroff -f")
}

/** Waits for a shell, and has it show no prompt. */
async function quieten(terminal: Console): Promise<void> {
  await terminal.expect(/[#$] $/, "a shell")
  terminal.send("PS1=")
  await terminal.run("true")
}

function expectWords(text: string, words: string, what: string): void {
  if (!text.includes(words)) throw new Error(`${what} said ${JSON.stringify(text)}, without ${JSON.stringify(words)}`)
}

const timeout = (ms: number): Promise<string> => new Promise((resolve) => setTimeout(resolve, ms, "no answer").unref())
