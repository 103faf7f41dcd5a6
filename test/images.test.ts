// Images of a root file system: a small one, in every format, read back by programs that we did not write.

import { spawnSync } from "node:child_process"
import { cpSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, statSync, unlinkSync } from "node:fs"
import { join } from "node:path"
import { gunzipSync } from "node:zlib"
import { expect, test } from "vitest"
import buildfile from "../Buildfile.ts"
import { valuesOf } from "../lib/graph/buildfile.ts"
import { compareTrees } from "../lib/linux/compare.ts"
import type { Format } from "../lib/linux/image/format.ts"
import type { ImageName } from "../lib/linux/image/formats.ts"
import { Images } from "../lib/linux/image/images.ts"
import { diskSizes, sizesOf } from "../lib/linux/image/size.ts"
import { withChosen } from "../lib/linux/look/kernel-config.ts"
import { Builds, files, formats, type Machine, Packages, system, systemTargets, tools } from "../lib/linux/mod.ts"
import { evaluate } from "../lib/load/load.ts"
import { copy, file, graphOf, layers, shell, type Target, target, tool, toolsOf, tree, write } from "../lib/mod.ts"
import { storeDirectory } from "../lib/store/directory.ts"
import { recipes } from "../pkg/all.ts"
import aarch64 from "../sysdeps/aarch64-linux-musl.ts"
import { machines } from "../sysdeps/all.ts"
import armv7 from "../sysdeps/armv7-linux-musleabihf.ts"
import i386 from "../sysdeps/i386-linux-musl.ts"
import x86_64 from "../sysdeps/x86_64-linux-musl.ts"
import { systems } from "../systems/all.ts"
import { expectGolden } from "./golden.ts"
import { Rig, thrownBy } from "./rig.ts"

const checkout = join(import.meta.dirname, "..")

/** What is in the root file system, in the order in which it is written. */
const written = [
  "mkdir -p usr/bin etc root tmp var/log var/lib/empty home/me",
  "yes 'echo hello' | head -n 3000 >usr/bin/hello; chmod 755 usr/bin/hello",
  "ln -s usr/bin bin; ln -s hello usr/bin/hi",
  "echo root::0:0:root:/root:/bin/sh >etc/passwd",
  "echo root::::::: >etc/shadow",
  "echo one >'var/log/a name with blanks'",
  "echo two >home/me/notes",
]
const modes = { "etc/shadow": "600", root: "700", tmp: "1777", "var/log/a name with blanks": "640" }

interface Wanted {
  readonly machine?: Machine
  readonly lines?: readonly string[]
  readonly sizes?: Readonly<Record<string, string>>
  /** Whose GRUB lies on a medium. Default: the machine's. */
  readonly loaderOf?: Machine
}

/** What a system is started with on a medium. */
const boots = { loader: recipes.grub, init: recipes["live-init"] }

/** What a medium is started with: files that nobody starts here. */
const kernel = target({
  name: "kernel",
  outputs: { tree: tree() },
  tools: [tools.coreutils],
  run: (_, { tree }) => shell(`mkdir ${tree}/boot; yes kernel | head -n 100000 >${tree}/boot/kernel`),
})
const live = target({ name: "live", outputs: { file: file() }, run: (_, { file }) => write(file, "live") })

/** GRUB for a machine as a tree: made once, in the store that is kept, and read by a rig as the build machine's files are. */
async function loaderFor(machine: Machine) {
  const rig = new Rig()
  cpSync(join(checkout, "pkg/grub"), rig.path("pkg/grub"), { recursive: true })
  const placed = target({
    name: "grub",
    inputs: { made: new Builds(machine, "Release", []).tree(recipes.grub) },
    outputs: { placed: tree("grub") },
    run: ({ made }, { placed }) => copy(made, placed),
  })
  const { outcome, said } = await rig.build([placed], { store: storeDirectory(process.env) })
  expect(outcome, said.join("\n")).toBe("done")
  const boot = rig.path("grub/boot")
  return target({
    name: "loader",
    outputs: { tree: tree() },
    tools: [tools.coreutils, tool({ name: `grub-for-${machine.triple}`, programs: [], files: [boot] })],
    run: (_, { tree }) => shell(`cp -R ${boot} ${tree}`),
  })
}

/** The images of a root file system; the tree itself is put at `root`. */
async function images({ machine = armv7, lines = written, sizes = {}, loaderOf = machine }: Wanted = {}) {
  const root = target({
    name: `${machine.triple}/root`,
    outputs: { tree: tree() },
    tools: [tools.coreutils],
    run: (_, { tree }) => shell(`cd ${tree}\n${lines.join("\n")}`),
  })
  const placed = target({
    name: `${machine.triple}/placed`,
    inputs: { root: root.outputs.tree },
    outputs: { placed: tree("root") },
    run: ({ root }, { placed }) => copy(root, placed),
  })
  const brought = machine.firmware && (await loaderFor(loaderOf)).outputs.tree
  const start = brought && { loader: brought, kernel: kernel.outputs.tree, live: live.outputs.file }
  const of = {
    machine,
    root: layers([root.outputs.tree]),
    modes,
    sizes: sizesOf(valuesOf(diskSizes, sizes)),
    ...(start && { start }),
  }
  return { placed, made: new Images(`${machine.triple}/image`, of) }
}

const named = (file: string): Format => {
  const found = formats.find((format) => format.file === file)
  if (found === undefined) throw new Error(`no format is called ${file}`)
  return found
}

/** Makes images in a rig, and gives where they are. */
async function make(rig: Rig, files: readonly string[], wanted: Wanted = {}): Promise<(file: string) => string> {
  const { placed, made } = await images(wanted)
  const { outcome, said } = await rig.build([placed, ...files.map((file) => made.placed(named(file)))])
  expect(outcome, said.join("\n")).toBe("done")
  return (file) => rig.path(`image/${(wanted.machine ?? armv7).triple}/${file}`)
}

/** What a program says. */
function ask(program: string, ...args: readonly string[]): string {
  const env = { PATH: "/usr/bin:/bin:/usr/sbin:/sbin", HOME: "/nonexistent", TZ: "UTC", LC_ALL: "C" }
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: "utf8", env, maxBuffer: 1 << 28 })
  expect(status, `${program}: ${error ?? ""}${stdout}${stderr}`).toBe(0)
  return stdout
}

const bytesOf = (path: string): Buffer => readFileSync(path)
const everySize = {
  ROOTFS_SIZE: "24M",
  RWFS_SIZE: "12M",
  USERFS_SIZE: "9M",
  SWAP_SIZE: "2M",
  EXTRA_SIZE: "3M",
}

test("every format is the same bits in another workspace, with another store, wherever its files were written first", async () => {
  const files = formats.map(({ file }) => file)
  const machine = x86_64
  const one = await make(new Rig(), files, { machine, sizes: everySize })
  const [first = "", ...rest] = written
  const two = await make(new Rig(), files, { machine, sizes: everySize, lines: [first, ...rest.reverse()] })
  for (const file of files) {
    if (statSync(one(file)).isDirectory()) expect(compareTrees(one(file), two(file))).toEqual([])
    else expect(bytesOf(one(file)).equals(bytesOf(two(file))), file).toBe(true)
  }
})

test("only what is asked for is made, and put into the workspace, and only its tools are needed", async () => {
  const rootfs = (IMAGES: string): Target => {
    const { rootfs } = evaluate(buildfile, valuesOf(buildfile.variables, { IMAGES }), checkout)
    if (rootfs === undefined) throw new Error("there is a root file system")
    return rootfs
  }
  const placed = (target: Target) =>
    graphOf([target]).targets.flatMap(({ outputs }) =>
      Object.values(outputs).flatMap(({ at }) => (at?.startsWith("image/") ? [at.replace(/.*\//, "")] : [])),
    )
  const toolNames = (target: Target) => toolsOf([target]).map(({ name }) => name)
  expect(placed(rootfs("tar initramfs disk")).sort()).toEqual(["disk.img", "initramfs.cpio.gz", "kernel", "rootfs.tar"])
  expect(placed(rootfs("tar.zst,qcow2")).sort()).toEqual(["disk.qcow2", "kernel", "rootfs.tar.zst"])
  expect(placed(rootfs("oci")).sort()).toEqual(["kernel", "oci", "oci.tar"])
  expect(placed(rootfs(""))).toEqual(["kernel"])
  expect(toolNames(rootfs("squashfs"))).toEqual(expect.arrayContaining(["mksquashfs"]))
  for (const other of ["e2fsprogs", "cpio", "qemu-img", "zstd"])
    expect(toolNames(rootfs("squashfs"))).not.toContain(other)
  for (const other of ["mksquashfs", "qemu-img", "zstd"])
    expect(toolNames(rootfs("tar initramfs disk"))).not.toContain(other)
})

test("a word of IMAGES that is no format is an error", async () => {
  const wrong = Promise.resolve().then(() => valuesOf(buildfile.variables, { IMAGES: "tar qcow" }))
  expectGolden("unknown-image", await thrownBy(wrong))
})

const init = files({
  name: "init",
  version: "1",
  about: "process 1",
  license: "MIT",
  isInit: true,
  files: () => ({ "sbin/init": "#!/bin/sh" }),
})

test("an image that the machine's kernel cannot start from is an error that says which options are missing", async () => {
  const { console, disk } = armv7.kernel.drivers
  const any = `BINFMT_ELF PROC_FS TTY DEVTMPFS DEVTMPFS_MOUNT BLOCK EXT4_FS ${console} ${disk}`
  const from = new Packages(new Builds({ ...armv7, kernel: { ...armv7.kernel, options: { any } } }, "Release", []))
  const talk = () => []
  const bare = system({
    name: "bare",
    about: "nothing",
    packages: [init],
    talks: { disk: talk, initramfs: talk, qcow2: talk, squashfs: talk },
  })
  const asking = async (...images: readonly ImageName[]) =>
    systemTargets(from, bare, { kernel: recipes.linux, live: boots, images })
  expectGolden("kernel-options", await thrownBy(asking("tar", "disk", "squashfs")))
  expect(await thrownBy(asking("tar", "disk", "oci"))).toBe("nothing was thrown")
})

test.for(machines)(
  "a kernel of $triple without something that every start from a disk takes is an error",
  async (machine) => {
    const asking = async (words: readonly string[], SYSTEM: keyof typeof systems = "hello") => {
      const from = new Packages(new Builds({ ...machine, ...withChosen(machine, words) }, "Release", []))
      return systemTargets(from, systems[SYSTEM], { kernel: recipes.linux, images: ["disk"] })
    }
    const { console, disk } = machine.kernel.drivers
    const taken = `BINFMT_ELF TTY PROC_FS DEVTMPFS DEVTMPFS_MOUNT BLOCK EXT4_FS ${console} ${disk}`.split(" ")
    expect(taken).toContain("VIRTIO_BLK")
    for (const option of taken)
      expect(await thrownBy(asking([`-${option}`]))).toMatch(new RegExp(`from \`disk\`[\\s\\S]* missing +${option}\n`))
    expect(await thrownBy(asking(["-VIRTIO_NET"]))).toBe("nothing was thrown")
    expect(await thrownBy(asking(["-VIRTIO_NET"], "server"))).toMatch(
      /the system `server` from `disk`[\s\S]* VIRTIO_NET\n/,
    )
    expect(await thrownBy(asking([], "server"))).toBe("nothing was thrown")
  },
)

test("the compressed archive is the archive", async () => {
  const at = await make(new Rig(), ["rootfs.tar", "rootfs.tar.zst"])
  const { stdout } = spawnSync("zstd", ["--decompress", "--stdout", at("rootfs.tar.zst")], { maxBuffer: 1 << 28 })
  expect(stdout.equals(bytesOf(at("rootfs.tar")))).toBe(true)
})

/** The members of an archive in cpio's format newc: names, modes, and how many links each says to have. */
function membersOf(archive: Buffer): readonly { name: string; mode: number; links: number }[] {
  const members = []
  for (let at = 0; ; ) {
    const field = (n: number) => Number.parseInt(archive.toString("latin1", at + 6 + 8 * n, at + 14 + 8 * n), 16)
    const [mode = 0, links = 0, size = 0, nameSize = 0] = [1, 4, 6, 11].map(field)
    const name = archive.toString("utf8", at + 110, at + 110 + nameSize - 1)
    if (name === "TRAILER!!!") return members
    members.push({ name, mode, links })
    const content = Math.ceil((at + 110 + nameSize) / 4) * 4
    at = Math.ceil((content + size) / 4) * 4
  }
}

test("an initramfs holds the root tree, and nothing of the file system that it was made on", async () => {
  const rig = new Rig()
  const image = (await make(rig, ["initramfs.cpio.gz"]))("initramfs.cpio.gz")
  const members = membersOf(gunzipSync(bytesOf(image)))
  const directories = members.filter(({ mode }) => (mode & 0o170000) === 0o040000)
  expect(directories.map(({ name }) => name)).toEqual(
    expect.arrayContaining(["etc", "usr", "usr/bin", "var/lib/empty"]),
  )
  for (const { name, links } of directories) expect(links, name).toBe(2)
  for (const { name, links } of members.filter((one) => !directories.includes(one))) expect(links, name).toBe(1)
  expect(members.find(({ name }) => name === "tmp")?.mode).toBe(0o041777)
  const unpacked = rig.path("unpacked")
  const unpack = 'mkdir "$1"; cd "$1"; gzip -dc "$2" | cpio --quiet --extract --no-preserve-owner'
  ask("sh", "-c", unpack, "sh", unpacked, image)
  expect(readlinkSync(join(unpacked, "init"))).toBe("sbin/init")
  unlinkSync(join(unpacked, "init"))
  expect(compareTrees(unpacked, rig.path("root"))).toEqual([])
})

/** A partition as a file of its own. */
function partition(rig: Rig, disk: string, { start, size }: { start: number; size: number }): string {
  const path = rig.path(`part-${start}`)
  ask("dd", `if=${disk}`, `of=${path}`, "bs=512", `skip=${start}`, `count=${size}`, "status=none")
  return path
}

test("a disk has the partitions that are asked for, with file systems of what belongs there, and free space behind", async () => {
  const rig = new Rig()
  const disk = (await make(rig, ["disk.img"], { sizes: everySize }))("disk.img")
  const { partitiontable } = JSON.parse(ask("sfdisk", "--json", disk))
  const parts: { node: string; start: number; size: number; type: string }[] = partitiontable.partitions
  const numbered = parts.map(({ node, start, size, type }) => [
    node.slice(disk.length),
    start / 2048,
    size / 2048,
    type,
  ])
  expect(numbered).toEqual([
    ["1", 1, 24, "83"],
    ["2", 25, 12, "83"],
    ["3", 37, 9, "83"],
    ["4", 46, 2, "82"],
  ])
  const { size, blocks } = statSync(disk)
  expect(size).toBe(51 * 2 ** 20)
  expect(blocks * 512).toBeLessThan(size / 4)
  const [root = "", rw = "", user = "", swap = ""] = parts.map((part) => partition(rig, disk, part))
  const facts = [root, rw, user, swap].map((path) => ask("blkid", "-p", "-o", "export", path))
  expect(facts.map((said) => /^LABEL=(.*)$/m.exec(said)?.[1])).toEqual(["root", "rw", "user", "swap"])
  expect(facts.map((said) => /^TYPE=(.*)$/m.exec(said)?.[1])).toEqual(["ext4", "ext4", "ext4", "swap"])
  expect(new Set(facts.map((said) => /^UUID=(.*)$/m.exec(said)?.[1])).size).toBe(4)
  const stat = (path: string, name: string) => ask("debugfs", "-R", `stat "${name}"`, path)
  for (const path of [root, rw, user]) {
    ask("e2fsck", "-f", "-n", path)
    expect(ask("dumpe2fs", "-h", path)).toMatch(/^Errors behavior: +Remount read-only$/m)
  }
  expect(stat(root, "/var/log/a name with blanks")).toMatch(/Mode: {2}0640 [\s\S]*User: {5}0 {3}Group: {5}0/)
  expect(stat(root, "/etc/shadow")).toContain("Mode:  0600")
  expect(stat(root, "/tmp")).toContain("Mode:  01777")
  expect(stat(rw, "/log/a name with blanks")).toMatch(/Mode: {2}0640 [\s\S]*Size: 4\n/)
  expect(stat(user, "/me/notes")).toMatch(/mtime: .* Wed Jan {2}2 00:00:00 1980/)
})

test("partitions keep their numbers where others are left out, and a file system that is mounted later has its directory", async () => {
  const rig = new Rig()
  const lines = ["mkdir etc", "echo x >etc/x"]
  const sizes = { ROOTFS_SIZE: "8M", USERFS_SIZE: "4M", SWAP_SIZE: "1M" }
  const disk = (await make(rig, ["disk.img"], { lines, sizes }))("disk.img")
  const { partitiontable } = JSON.parse(ask("sfdisk", "--json", disk))
  const parts: { node: string; start: number; size: number }[] = partitiontable.partitions
  expect(parts.map(({ node }) => node.slice(disk.length))).toEqual(["1", "3", "4"])
  const [root = { start: 0, size: 0 }] = parts
  expect(ask("debugfs", "-R", "ls -p /", partition(rig, disk, root))).toMatch(/\/040755\/0\/0\/home\//)
})

test("the disk for QEMU is the disk", async () => {
  const at = await make(new Rig(), ["disk.img", "disk.qcow2"], { sizes: everySize })
  expect(ask("qemu-img", "compare", at("disk.img"), at("disk.qcow2"))).toContain("Images are identical.")
  expect(statSync(at("disk.qcow2")).size).toBeLessThan(statSync(at("disk.img")).size / 4)
})

test("a size too small for the content is an error that says by how much, and what it says will do does", async () => {
  const lines = ["mkdir etc", "yes 0123456789abcdef | head -n 400000 >etc/large"]
  const several = ["mkdir -p var/many; cd var/many; i=0; while [ $i -lt 3000 ]; do echo $i >$i; i=$((i + 1)); done"]
  for (const [variable, rest, content] of [
    ["ROOTFS_SIZE", {}, lines],
    ["RWFS_SIZE", { ROOTFS_SIZE: "64M" }, several],
  ] as const) {
    const rig = new Rig()
    const { made } = await images({ lines: content, sizes: { ...rest, [variable]: "5M" } })
    const { outcome, said } = await rig.build([made.placed(named("disk.img"))])
    expect(outcome).toBe("failed")
    const text = said.join("\n")
    if (variable === "ROOTFS_SIZE") expectGolden("disk-too-small", text)
    const [, less = "", enough = ""] =
      new RegExp(`5M is (\\d+) MiB too small; ${variable}=(\\d+)M will do`).exec(text) ?? []
    expect(Number(enough) - 5, text).toBe(Number(less))
    await make(new Rig(), ["disk.img"], { lines: content, sizes: { ...rest, [variable]: `${enough}M` } })
  }
})

test("sizes that are none, and more than a disk can have", async () => {
  const wrong: readonly (readonly [string, string])[] = [
    ["ROOTFS_SIZE", "0"],
    ["ROOTFS_SIZE", "256"],
    ["ROOTFS_SIZE", "1GB"],
    ["RWFS_SIZE", "64.5MiB"],
    ["SWAP_SIZE", "-1M"],
    ["EXTRA_SIZE", "lots"],
    ["EXTRA_SIZE", ""],
    ["USERFS_SIZE", "99999999999999999999T"],
  ]
  const said = wrong.map(([name, typed]) =>
    thrownBy(Promise.resolve().then(() => valuesOf(diskSizes, { [name]: typed }))),
  )
  expectGolden("size-value", (await Promise.all(said)).join("\n\n"))
  const typed = { ROOTFS_SIZE: "1T", USERFS_SIZE: "1T" }
  const large = Promise.resolve().then(() => evaluate(buildfile, valuesOf(buildfile.variables, typed), checkout))
  expectGolden("disk-too-large", await thrownBy(large))
  const some = valuesOf(diskSizes, { ROOTFS_SIZE: "1G", SWAP_SIZE: "1T", EXTRA_SIZE: "0" })
  expect(sizesOf(some, { ROOTFS_SIZE: 8, RWFS_SIZE: 32, EXTRA_SIZE: 4 })).toEqual({
    ROOTFS_SIZE: 1024,
    RWFS_SIZE: 32,
    USERFS_SIZE: 0,
    SWAP_SIZE: 1024 ** 2,
    EXTRA_SIZE: 0,
  })
  const kinds = valuesOf(diskSizes, { ROOTFS_SIZE: "1.5G", RWFS_SIZE: "64 mib", SWAP_SIZE: "1048576000B" })
  expect(sizesOf(kinds)).toMatchObject({ ROOTFS_SIZE: 1536, RWFS_SIZE: 64, SWAP_SIZE: 1000 })
})

test("the squashfs holds the root tree, owned by root, with its modes and one date", async () => {
  const rig = new Rig()
  const image = (await make(rig, ["rootfs.squashfs"]))("rootfs.squashfs")
  const lines = ask("unsquashfs", "-llnumeric", image).trim().split("\n")
  const listed = lines.filter((line) => line.includes("squashfs-root"))
  expect(listed.length).toBeGreaterThan(15)
  for (const line of listed) expect(line).toMatch(/^\S+ +0\/0 .* 1980-01-02 00:00 squashfs-root/)
  const modeOf = (path: string) => listed.find((line) => line.endsWith(` squashfs-root/${path}`))?.split(" ")[0]
  expect([
    modeOf("etc/shadow"),
    modeOf("root"),
    modeOf("tmp"),
    modeOf("usr/bin/hello"),
    modeOf("var/log/a name with blanks"),
  ]).toEqual(["-rw-------", "drwx------", "drwxrwxrwt", "-rwxr-xr-x", "-rw-r-----"])
  const unpacked = rig.path("unpacked")
  ask("unsquashfs", "-quiet", "-no-progress", "-dest", unpacked, image)
  expect(compareTrees(unpacked, rig.path("root"))).toEqual([])
})

/** The same root file system, in which nobody logs in without a password. */
const locked = written.map((line) => line.replace(/^echo root::/, "echo root:x:"))

test("container images unpack to the root tree, in both their forms", async () => {
  const rig = new Rig()
  const at = await make(rig, ["oci", "oci.tar", "rootfs.tar"], { lines: locked })
  const bundle = join(mkdtempSync(join(rig.directory, "umoci-")), "bundle")
  ask("umoci", "unpack", "--rootless", "--image", `${at("oci")}:${armv7.triple}`, bundle)
  expect(compareTrees(join(bundle, "rootfs"), rig.path("root"))).toEqual([])
  expect(statSync(join(bundle, "rootfs/etc/shadow")).mode & 0o777).toBe(0o600)
  const blobs = readdirSync(join(at("oci"), "blobs/sha256"))
  expect(blobs).toHaveLength(3)
  for (const blob of blobs) expect(ask("sha256sum", join(at("oci"), "blobs/sha256", blob)).slice(0, 64)).toBe(blob)
  const to = `dir:${rig.path("copied")}`
  ask("skopeo", "--insecure-policy", "copy", "--quiet", `docker-archive:${at("oci.tar")}:rootfs:${armv7.triple}`, to)
  const { layers } = JSON.parse(readFileSync(rig.path("copied/manifest.json"), "utf8"))
  expect(layers).toHaveLength(1)
  expect(bytesOf(rig.path(`copied/${layers[0].digest.slice(7)}`)).equals(bytesOf(at("rootfs.tar")))).toBe(true)
})

test("whoever has an empty password on the machine cannot log in in a container", async () => {
  const rig = new Rig()
  const more = ["echo 'me:!:1:1::/home/me:/bin/sh' >>etc/passwd", "ln -s /etc/passwd etc/passwd-"]
  const at = await make(rig, ["oci"], { lines: [...written, ...more] })
  const bundle = join(mkdtempSync(join(rig.directory, "umoci-")), "bundle")
  ask("umoci", "unpack", "--rootless", "--image", `${at("oci")}:${armv7.triple}`, bundle)
  const unpacked = join(bundle, "rootfs")
  expect(compareTrees(unpacked, rig.path("root")).map(({ path }) => path)).toEqual(["etc/passwd", "etc/shadow"])
  expect(readFileSync(join(unpacked, "etc/passwd"), "utf8")).toBe(
    "root:*:0:0:root:/root:/bin/sh\nme:!:1:1::/home/me:/bin/sh\n",
  )
  expect(readFileSync(join(unpacked, "etc/shadow"), "utf8")).toBe("root:*::::::\n")
  expect(statSync(join(unpacked, "etc/shadow")).mode & 0o777).toBe(0o600)
})

test("a container image says for which machine it is, whoever reads it", async () => {
  const expected: Readonly<Record<string, readonly (string | undefined)[]>> = {
    "armv7-linux-musleabihf": ["arm", "v7"],
    "aarch64-linux-musl": ["arm64", "v8"],
    "i386-linux-musl": ["386", undefined],
    "riscv64-linux-musl": ["riscv64", undefined],
    "x86_64-linux-musl": ["amd64", undefined],
  }
  for (const machine of machines) {
    const at = await make(new Rig(), ["oci", "oci.tar"], { machine })
    for (const image of [
      `oci:${at("oci")}:${machine.triple}`,
      `docker-archive:${at("oci.tar")}`,
      `oci-archive:${at("oci.tar")}`,
    ]) {
      const config = JSON.parse(ask("skopeo", "--insecure-policy", "inspect", "--config", image))
      expect([config.architecture, config.variant, config.os], image).toEqual([
        ...(expected[machine.triple] ?? []),
        "linux",
      ])
      expect(config.created).toMatch(/^1980-01-02T00:00:00(\.000)?Z$/)
    }
  }
})

test("a container starts the shell, or process 1 where there is none", async () => {
  for (const [lines, program] of [
    [[...written, "ln -s hello usr/bin/sh"], "/bin/sh"],
    [written, "/sbin/init"],
  ] as const) {
    const image = `oci:${(await make(new Rig(), ["oci"], { lines }))("oci")}:${armv7.triple}`
    const { config } = JSON.parse(ask("skopeo", "--insecure-policy", "inspect", "--config", image))
    expect(config.Cmd).toEqual([program])
  }
})

/** What a medium says of itself: what firmware starts from it, and a disk's table; each line by its first words. */
function startsOf(iso: string): readonly string[] {
  const said = ask("xorriso", "-indev", iso, "-report_el_torito", "plain", "-report_system_area", "plain")
  return said.split("\n").map((line) => line.replace(/ +/g, " ").trim())
}

/** The files of a medium, below a directory of the rig. */
function unpackMedium(rig: Rig, iso: string): string {
  const to = rig.path("medium")
  ask("xorriso", "-osirrox", "on", "-indev", iso, "-extract", "/", to)
  return to
}

const efiSystemPartition = "GPT type GUID : 2 28732ac11ff8d211ba4b00a0c93ec93b"

test("a medium starts by BIOS and by UEFI, as a CD and as a disk, and says so to both", async () => {
  const rig = new Rig()
  const iso = (await make(rig, ["system.iso"], { machine: x86_64 }))("system.iso")
  const said = startsOf(iso)
  expect(said).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^El Torito boot img : 1 BIOS y none /),
      expect.stringMatching(/^El Torito boot img : 2 UEFI y none /),
      "El Torito img path : 1 /boot/grub/bios.img",
      "El Torito img path : 2 /boot/grub/uefi.img",
      "System area summary: MBR protective-msdos-label grub2-mbr cyl-align-off GPT",
      efiSystemPartition,
    ]),
  )
  const medium = unpackMedium(rig, iso)
  const program = rig.path("program")
  ask("mcopy", "-i", join(medium, "boot/grub/uefi.img"), "::/EFI/BOOT/BOOTX64.EFI", program)
  expect(bytesOf(program).subarray(0, 2).toString()).toBe("MZ")
  const table = JSON.parse(ask("sfdisk", "--json", iso)).partitiontable
  expect(table.label).toBe("gpt")
})

test("a medium holds what it says: a root file system called by its own digest, a kernel, and a menu that asks for them", async () => {
  const rig = new Rig()
  const at = await make(rig, ["system.iso", "rootfs.squashfs"], { machine: x86_64 })
  const medium = unpackMedium(rig, at("system.iso"))
  const [id = ""] = ask("sha256sum", at("rootfs.squashfs")).split(" ")
  expect(readdirSync(join(medium, "live"))).toEqual([`${id}.squashfs`])
  expect(bytesOf(join(medium, `live/${id}.squashfs`)).equals(bytesOf(at("rootfs.squashfs")))).toBe(true)
  expect(readFileSync(join(medium, "boot/kernel"), "utf8")).toMatch(/^kernel\n/)
  expect(readFileSync(join(medium, "boot/initramfs"), "utf8")).toBe("live")
  expect(readFileSync(join(medium, "boot/grub/grub.cfg"), "utf8")).toContain(
    `linux /boot/kernel live=${id} console=tty0 console=ttyS0\n`,
  )
  for (const path of ["boot/grub/grub.cfg", "boot/grub/bios.img", "live"])
    expect(statSync(join(medium, path)).mtime.toISOString(), path).toBe("1980-01-02T00:00:00.000Z")
})

test("another root file system makes a medium that is called differently", async () => {
  const ids = []
  for (const lines of [written, [...written, "echo more >etc/more"]]) {
    const rig = new Rig()
    const iso = (await make(rig, ["system.iso"], { machine: x86_64, lines }))("system.iso")
    ids.push(readdirSync(join(unpackMedium(rig, iso), "live")).join())
  }
  expect(new Set(ids).size).toBe(2)
})

test("a medium for a machine without BIOS starts by UEFI alone, with the GRUB of that machine", async () => {
  const rig = new Rig()
  const iso = (await make(rig, ["system.iso"], { machine: aarch64 }))("system.iso")
  const said = startsOf(iso)
  expect(said).toContainEqual(expect.stringMatching(/^El Torito boot img : 1 UEFI y none /))
  expect(said.filter((line) => /BIOS|grub2-mbr/.test(line))).toEqual([])
  const program = rig.path("program")
  ask("mcopy", "-i", join(unpackMedium(rig, iso), "boot/grub/uefi.img"), "::/EFI/BOOT/BOOTAA64.EFI", program)
  // PE's machine type: 64-bit ARM.
  const header = bytesOf(program)
  expect(header.readUInt16LE(header.readUInt32LE(0x3c) + 4)).toBe(0xaa64)
})

test("a medium for a machine without UEFI starts by BIOS alone", async () => {
  const rig = new Rig()
  const said = startsOf((await make(rig, ["system.iso"], { machine: i386, loaderOf: x86_64 }))("system.iso"))
  expect(said).toContainEqual(expect.stringMatching(/^El Torito boot img : 1 BIOS y none /))
  expect(said).toContainEqual(expect.stringMatching(/^System area summary: MBR protective-msdos-label grub2-mbr/))
  expect(said.filter((line) => /UEFI|GPT type/.test(line))).toEqual([])
})

test("a medium for a machine whose firmware starts from none is an error", async () => {
  const asking = (TARGET: string, IMAGES = "tar iso") =>
    thrownBy(
      Promise.resolve().then(() => evaluate(buildfile, valuesOf(buildfile.variables, { TARGET, IMAGES }), checkout)),
    )
  expectGolden("unfit-image", await asking("armv7-linux-musleabihf"))
  expect(await asking("x86_64-linux-musl,riscv64-linux-musl")).toContain("`riscv64-linux-musl` cannot start from `iso`")
  for (const able of ["x86_64-linux-musl", "aarch64-linux-musl", "i386-linux-musl"])
    expect(await asking(able)).toBe("nothing was thrown")
})

test("a kernel that does not find the medium again is an error that says which options are missing", async () => {
  const options = { any: "BLOCK BLK_DEV_INITRD RD_GZIP SQUASHFS SQUASHFS_ZSTD ISO9660_FS SCSI BLK_DEV_SR BLK_DEV_SD" }
  const from = new Packages(new Builds({ ...x86_64, kernel: { ...x86_64.kernel, options } }, "Release", []))
  const bare = system({ name: "bare", about: "nothing", packages: [init], talks: { iso: () => [] } })
  const asking = async () => systemTargets(from, bare, { kernel: recipes.linux, live: boots, images: ["iso"] })
  expectGolden("kernel-options-iso", await thrownBy(asking()))
})

test("a medium without what starts the system that is on it is an error", async () => {
  const from = new Packages(new Builds(x86_64, "Release", []))
  const bare = system({ name: "bare", about: "nothing", packages: [init], talks: { iso: () => [] } })
  const asking = async () => systemTargets(from, bare, { kernel: recipes.linux, images: ["tar", "iso"] })
  expectGolden("medium-without-start", await thrownBy(asking()))
})
