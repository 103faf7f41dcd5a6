// Starting a medium in QEMU as its firmware would: as a CD and as a USB disk, by each kind of firmware that the machine has; and with a
// medium of another system, to see that it is not taken, and that what is wrong is said.

import { appendFileSync } from "node:fs"
import { file, type Output, type Target, target } from "../graph/target.ts"
import { tool } from "../graph/tool.ts"
import { type Booted, converse, hardware, qemuTool, withoutNet } from "./boot.ts"
import { type Step, upSign, usesSsh } from "./conversation.ts"
import type { Machine } from "./machine.ts"
import { freePort, netArguments } from "./network.ts"
import { ssh } from "./tools.ts"

/** A way to start a machine, and what is said to it then. */
interface Way {
  readonly name: string
  readonly args: readonly string[]
  readonly steps: readonly Step[]
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

/** A live system needs memory (in MiB) for what is written, besides that which the machine starts with. */
const besidesMiB = 128

/** The ways that a machine has. */
function waysOf(start: Start, steps: readonly Step[]): readonly Way[] {
  const { firmware = {}, qemu } = start.machine
  const uefi = qemu.uefi === undefined ? [] : [["UEFI", ["-bios", qemu.uefi.file]] as const]
  const kinds = [...(firmware.bios === undefined ? [] : [["BIOS", []] as const]), ...uefi]
  const media = [["a CD", asCd(start)] as const, ["a USB disk", asUsbDisk(start)] as const]
  return kinds.flatMap(([kind, words]) =>
    media.map(([medium, attached]) => ({ name: `${medium} by ${kind}`, args: [...words, ...attached], steps })),
  )
}

/** A kernel that is told to find another medium than that which is there. */
function wrongWay(start: Start): Way {
  const id = "0".repeat(64)
  const words = `live=${id} console=${start.machine.console} panic=-1`
  const steps = [
    { shows: `no medium has live/${id}.squashfs` },
    { shows: "live: - sr0, " },
    { shows: "a medium with live/" },
    { shows: "a shell follows" },
    { run: "ls -d /sys/class/block/sr0", says: "sr0" },
    { powerOff: "poweroff -f" },
  ]
  const args = ["-kernel", start.kernel, "-initrd", start.live, "-append", words, ...asCd(start)]
  return { name: "a medium of another system", args, steps }
}

/** Boots a medium unattended, and has the system's conversation with it; and sees that no other medium is taken for it. */
export const isoCheck = (
  { machine, memoryMiB, network }: Booted,
  iso: Output,
  { kernel, live }: { readonly kernel: Output; readonly live: Output },
  steps: readonly Step[],
): Target => {
  const { SSH_PORT: _, ...addresses } = network ?? {}
  const { uefi, system } = machine.qemu
  const firmware =
    uefi === undefined ? [] : [tool({ name: "uefi", programs: [], files: [uefi.file], debian: [uefi.debian] })]
  return target({
    name: `${machine.triple}/check-iso`,
    about: "boot the medium unattended in every way that the machine has, and see that it works",
    inputs: { iso, kernel, live },
    outputs: { transcript: file() },
    tools: [qemuTool(machine), ...firmware, ...(usesSsh(steps) ? [ssh] : [])],
    module: import.meta.url,
    parameters: JSON.stringify({ machine, memoryMiB, addresses, steps }),
    expectedMs: 120_000,
    call: async ({ iso, kernel, live }, { transcript }, running) => {
      const common = hardware({ machine, memoryMiB: memoryMiB + besidesMiB })
      const start = { machine, iso, kernel: `${kernel}/boot/kernel`, live }
      for (const { name, args, steps: said } of [...waysOf(start, steps), wrongWay(start)]) {
        const port = await freePort()
        const net = network === undefined ? withoutNet : netArguments(network, port, true)
        const { text, upMs } = await converse([system, ...common, ...net, ...args], said, { running, port })
        running.notice(`${machine.triple} from ${name}: ${(upMs / 1000).toFixed(1)} s to ${upSign(said[0])}`)
        appendFileSync(transcript, text)
      }
    },
  })
}
