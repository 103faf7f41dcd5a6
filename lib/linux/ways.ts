// The ways to start a machine from an image: QEMU loads the kernel, or the machine's own firmware finds a medium, as a CD or as a USB
// disk.

import type { Output } from "../graph/target.ts"
import { type Tool, tool } from "../graph/tool.ts"
import { qemuTool, type Way } from "./boot.ts"
import type { Step } from "./conversation.ts"
import type { Machine } from "./machine.ts"
import type { Medium } from "./system.ts"

/** What a machine is started from by its kernel. */
export interface KernelStart {
  readonly machine: Machine
  /** The kernel's tree. */
  readonly kernel: Output
  readonly image: Output
  /** The root is mounted read-only. */
  readonly isReadOnly: boolean
}

/** An image without a boot loader. */
type Bare = Exclude<Medium, "iso">

/** QEMU loads the kernel, which finds its root in the image. */
export function byKernel(medium: Bare, { machine, kernel, image, isReadOnly }: KernelStart): Way<"kernel" | "image"> {
  const { device, partition } = machine.qemu.disk
  const drive = (at: string, format: string) => [
    ...["-drive", `file=${at},format=${format},if=none,id=disk`, "-device", device],
  ]
  const root = (name: string) => `root=${name} ${isReadOnly ? "ro" : "rw"} rootwait`
  const whole = partition.replace(/\d+$/, "")
  const ways: Readonly<Record<Bare, readonly [words: string, attached: (at: string) => readonly string[]]>> = {
    disk: [root(partition), (at) => drive(at, "raw,snapshot=on")],
    qcow2: [root(partition), (at) => drive(at, "qcow2,snapshot=on")],
    squashfs: [`root=${whole} ro rootwait`, (at) => drive(at, "raw,readonly=on")],
    initramfs: ["", (at) => ["-initrd", at]],
  }
  const [words, attached] = ways[medium]
  return {
    name: medium,
    about: medium,
    from: { kernel, image },
    words: ({ kernel, image }) => [...loaded(machine, kernel, words), ...attached(image)],
  }
}

/** The arguments by which QEMU loads a kernel. One that panics stays as it is: it would start over and over. */
const loaded = ({ console }: Machine, kernel: string, words: string): readonly string[] => [
  ...["-kernel", `${kernel}/boot/kernel`, "-append", `${words} console=${console}`.trim()],
]

/** A live system needs memory (in MiB) for what is written, besides that which the machine starts with. */
const besidesMiB = 128

const drive = (iso: string, media: "cdrom" | "disk") => [
  ...["-drive", `file=${iso},format=raw,readonly=on,if=none,id=disk,media=${media}`],
]
const devices = (names: readonly string[]) => names.flatMap((name) => ["-device", name])
const asCd = ({ qemu }: Machine, iso: string) => [...drive(iso, "cdrom"), ...devices(qemu.cd ?? [])]
const asUsbDisk = (_: Machine, iso: string) => [
  ...drive(iso, "disk"),
  ...devices(["qemu-xhci", "usb-storage,drive=disk"]),
]

const uefiTools = ({ qemu: { uefi } }: Machine): readonly Tool[] =>
  uefi === undefined ? [] : [tool({ name: "uefi", programs: [], files: [uefi.file], debian: [uefi.debian] })]

/** What a machine is started with, in whichever way. */
export const bootTools = (machine: Machine): readonly Tool[] => [qemuTool(machine), ...uefiTools(machine)]

/** Each kind of firmware that the machine has finds the medium, as a CD and as a USB disk. */
export function byFirmware(machine: Machine, iso: Output): readonly Way<"iso">[] {
  const { firmware = {}, qemu } = machine
  const bios = firmware.bios === undefined ? [] : [{ kind: "BIOS", words: [], tools: [] }]
  const uefi = qemu.uefi && { kind: "UEFI", words: ["-bios", qemu.uefi.file], tools: uefiTools(machine) }
  const media = [
    ["cd", "a CD", asCd],
    ["usb", "a USB disk", asUsbDisk],
  ] as const
  return [...bios, ...(uefi === undefined ? [] : [uefi])].flatMap(({ kind, words, tools }) =>
    media.map(([word, medium, attached]) => ({
      name: `${word}-${kind.toLowerCase()}`,
      about: `${medium} by ${kind}`,
      from: { iso },
      words: ({ iso }) => [...words, ...attached(machine, iso)],
      tools,
      besidesMiB,
    })),
  )
}

/** A kernel that is told to find another medium than that which is there, and what it must say then. */
export function byAnotherMedium(
  machine: Machine,
  from: Readonly<Record<"iso" | "kernel" | "live", Output>>,
): readonly [Way<"iso" | "kernel" | "live">, readonly Step[]] {
  const id = "0".repeat(64)
  const way = {
    name: "other-medium",
    about: "a medium of another system",
    from,
    words: ({ iso, kernel, live }: Readonly<Record<"iso" | "kernel" | "live", string>>) => [
      ...[...loaded(machine, kernel, `live=${id}`), "-initrd", live, ...asCd(machine, iso)],
    ],
    besidesMiB,
  }
  const steps = [
    { shows: `no medium has live/${id}.squashfs` },
    { shows: "live: - sr0, " },
    { shows: "a medium with live/" },
    { shows: "a shell follows" },
    { run: "ls -d /sys/class/block/sr0", says: "sr0" },
    { powerOff: "poweroff -f" },
  ]
  return [way, steps]
}
