// Every image of x86_64, the medium as a CD and as a USB disk, by BIOS and by UEFI: each time somebody logs in, writes, and powers off.

import { execFileSync, spawn } from "node:child_process"
import { once } from "node:events"
import { closeSync, copyFileSync, openSync, readSync, writeSync } from "node:fs"
import { join } from "node:path"
import { afterAll, expect, test } from "vitest"
import { storeDirectory } from "../lib/store/directory.ts"
import { checkout, removeCheckouts } from "./checkout.ts"

const triple = "x86_64-linux-musl"
const hourMs = 3_600_000

afterAll(removeCheckouts)

/** The last event of a build in this workspace, with the user's store. */
async function build(cwd: string, words: readonly string[]) {
  const env = { ...process.env, HASHMAKE_STORE: storeDirectory(process.env) }
  const child = spawn(process.execPath, [join(cwd, "bin/build.ts"), "--json", ...words], { cwd, env })
  let [said, errors] = ["", ""]
  child.stdout.on("data", (text: Buffer) => {
    said += text
  })
  child.stderr.on("data", (text: Buffer) => {
    errors += text
  })
  const [status] = await once(child, "close")
  expect(status, errors + said.slice(-3000)).toBe(0)
  return JSON.parse(said.trim().split("\n").at(-1) ?? "")
}

test("each image starts in every way that the machine has, no other medium is taken for it, and a second build runs nothing", {
  timeout: hourMs,
}, async () => {
  const copy = checkout()
  const words = ["rootfs", "check-all", `TARGET=${triple}`]
  expect((await build(copy, words)).outcome).toBe("done")
  expect((await build(copy, words)).counts).toMatchObject({ built: 0, restored: 0, failed: 0 })
})

/** Starts the medium's own kernel with its check, and waits for one of these texts on the console. */
async function started(directory: string, iso: string, id: string, texts: readonly string[]): Promise<string> {
  const append = `live=${id} live-check console=ttyS0`
  const drive = `file=${iso},format=raw,readonly=on,if=none,id=disk,media=cdrom`
  const from = ["-kernel", join(directory, "kernel"), "-initrd", join(directory, "initramfs"), "-append", append]
  const plain = ["-M", "q35", "-m", "512", "-nographic", "-no-user-config", "-nic", "none", "-no-reboot"]
  const words = [...plain, ...from, "-drive", drive, "-device", "ide-cd,drive=disk"]
  const qemu = spawn("qemu-system-x86_64", words, { stdio: ["ignore", "pipe", "ignore"] })
  let said = ""
  try {
    for await (const text of qemu.stdout) {
      said += text
      const found = texts.find((one) => said.includes(one))
      if (found !== undefined) return found
    }
    return said
  } finally {
    qemu.kill()
  }
}

test("a medium of which a byte was read as another is told to be damaged, when it is checked", {
  timeout: hourMs,
}, async () => {
  const copy = checkout()
  await build(copy, ["rootfs", `TARGET=${triple}`, "IMAGES=iso"])
  const iso = join(copy, "image", triple, "system.iso")
  const out = (name: string) => ["-extract", `/boot/${name}`, join(copy, name)]
  execFileSync("xorriso", ["-osirrox", "on", "-indev", iso, ...out("kernel"), ...out("initramfs")], { stdio: "ignore" })
  const listed = execFileSync(
    "xorriso",
    ["-indev", iso, "-find", "/live", "-name", "*.squashfs", "-exec", "report_lba"],
    {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    },
  )
  const [, block = "", id = ""] = /,\s*(\d+)\s*,.*'\/live\/([0-9a-f]{64})\.squashfs'/.exec(listed) ?? []
  const texts = ["the medium is damaged", "starting the system on sr0"]
  expect(await started(copy, iso, id, texts)).toBe("starting the system on sr0")
  const damaged = join(copy, "damaged.iso")
  copyFileSync(iso, damaged)
  const handle = openSync(damaged, "r+")
  const at = Number(block) * 2048 + 100_000
  const byte = Buffer.alloc(1)
  readSync(handle, byte, 0, 1, at)
  writeSync(handle, Buffer.from([(byte[0] ?? 0) ^ 1]), 0, 1, at)
  closeSync(handle)
  expect(await started(copy, damaged, id, texts)).toBe("the medium is damaged")
})
