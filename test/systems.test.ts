// The systems that there are: each boots and does what it says; what cannot be one is an error.

import { spawnSync } from "node:child_process"
import { readdirSync } from "node:fs"
import { createServer } from "node:net"
import { join } from "node:path"
import { afterAll, expect, test } from "vitest"
import buildfile from "../Buildfile.ts"
import { valuesOf } from "../lib/graph/buildfile.ts"
import { graphOf } from "../lib/graph/graph.ts"
import {
  Builds,
  networkVariables,
  Packages,
  type System,
  serviceFiles,
  system,
  systemTargets,
} from "../lib/linux/mod.ts"
import { checkPort, freePort, netArguments, standardNetwork } from "../lib/linux/network.ts"
import { evaluate } from "../lib/load/load.ts"
import { storeDirectory } from "../lib/store/directory.ts"
import { foundation, recipes } from "../pkg/all.ts"
import armv7 from "../sysdeps/armv7-linux-musleabihf.ts"
import { systemNames, systems } from "../systems/all.ts"
import { checkout, removeCheckouts } from "./checkout.ts"
import { expectGolden } from "./golden.ts"
import { Rig, thrownBy } from "./rig.ts"

const root = join(import.meta.dirname, "..")
const timeout = 3_600_000

/** The machines whose systems are built and booted here, all of them. */
const built = ["armv7-linux-musleabihf", "x86_64-linux-musl"]

afterAll(removeCheckouts)

/** What a build in another checkout, with the user's store, says and ends with. */
function build(...words: readonly string[]): { readonly status: number | null; readonly said: string } {
  const cwd = checkout()
  const env = { ...process.env, HASHMAKE_STORE: storeDirectory(process.env), NO_COLOR: "1" }
  const { status, stderr } = spawnSync(process.execPath, [join(cwd, "bin/build.ts"), ...words], {
    cwd,
    env,
    encoding: "utf8",
  })
  return { status, said: stderr }
}

/** What evaluating the Buildfile with these variables throws. */
const thrownFor = (typed: Readonly<Record<string, string>>): Promise<string> =>
  thrownBy(Promise.resolve().then(() => evaluate(buildfile, valuesOf(buildfile.variables, typed), root)))

test("each file in systems/ is one of the systems, and is called what it is", () => {
  expect(
    readdirSync(join(root, "systems"))
      .filter((name) => name !== "all.ts")
      .sort(),
  ).toEqual(systemNames.map((name) => `${name}.ts`).sort())
  for (const name of systemNames) expect(systems[name].name).toBe(name)
})

test("a system that there is not", async () => {
  expectGolden("unknown-system", await thrownFor({ SYSTEM: "servr" }))
})

test("a package that there is not, and one that no system takes", async () => {
  expect(await thrownFor({ TARGET_PKGS: "lesss" })).toContain("did you mean `less`?")
  // In every program that is linked with it.
  expect(await thrownFor({ TARGET_PKGS: "musl" })).toMatch(/`TARGET_PKGS` cannot be `musl`[\s\S]*values/)
})

test("without QEMU a boot is refused before anything is built, and an image is not", async () => {
  const machine = { ...armv7, qemu: { ...armv7.qemu, system: "qemu-system-none" } }
  const from = new Packages(new Builds(machine, "Release", foundation))
  const made = systemTargets(from, systems.hello, { kernel: recipes.linux, images: ["disk"] })
  const rig = new Rig()
  expectGolden("no-qemu", await thrownBy(rig.build([made["check-boot"]], { dryRun: true })))
  expect((await rig.build([made.rootfs], { dryRun: true })).outcome).toBe("done")
})

test("a system to which nothing is said cannot be checked, and can be made", async () => {
  const quiet = system({ name: "quiet", about: "nothing is said to it", packages: [recipes.less], talks: {} })
  const from = new Packages(new Builds(armv7, "Release", foundation))
  const made = systemTargets(from, quiet, { kernel: recipes.linux, images: ["tar"] })
  const rig = new Rig()
  expectGolden("no-talk", await thrownBy(rig.build([made["check-boot"]], { dryRun: true })))
  expect((await rig.build([made.rootfs], { dryRun: true })).outcome).toBe("done")
})

test("a system with two programs for its process 1", async () => {
  expectGolden("several-inits", await thrownFor({ SYSTEM: "server", TARGET_PKGS: "less finit" }))
})

test("a system without a program for its process 1, unless it starts from no image", async () => {
  const from = new Packages(new Builds(armv7, "Release", []))
  const asking = async (talks: System["talks"]) =>
    systemTargets(from, system({ name: "bare", about: "nothing", packages: [recipes.less], talks }), {
      kernel: recipes.linux,
      images: [],
    })
  expectGolden("no-init", await thrownBy(asking({ disk: () => [] })))
  expect(await thrownBy(asking({}))).toBe("nothing was thrown")
})

test("a step of a talk that there is not", async () => {
  const from = new Packages(new Builds(armv7, "Release", []))
  const talks = { disk: () => [{ login: "root" } as never] }
  const asking = async () =>
    systemTargets(from, system({ ...systems.hello, name: "bare", talks }), { kernel: recipes.linux, images: ["disk"] })
  expectGolden("unknown-step", await thrownBy(asking()))
})

test("a partition that a system does not work without", async () => {
  expectGolden("needed-size", await thrownFor({ SYSTEM: "server", RWFS_SIZE: "0" }))
  expect(await thrownFor({ SYSTEM: "server", USERFS_SIZE: "0M" })).toContain("does not work with `USERFS_SIZE=0`")
  expect(await thrownFor({ SYSTEM: "server", SWAP_SIZE: "0" })).toBe("nothing was thrown")
})

test("an image that a system does not start from", async () => {
  expectGolden("cannot-start", await thrownFor({ SYSTEM: "server", IMAGES: "disk squashfs" }))
  for (const IMAGES of ["tar initramfs disk", "system,initramfs"])
    expect(await thrownFor({ SYSTEM: "server", IMAGES })).toContain("`server` does not start from `initramfs`")
})

test("where no image is asked for, there are those of the usual ones that the system starts from", () => {
  const placed = (SYSTEM: string, typed: Readonly<Record<string, string>> = {}) => {
    const { rootfs } = evaluate(buildfile, valuesOf(buildfile.variables, { SYSTEM, ...typed }), root)
    const names = graphOf(rootfs === undefined ? [] : [rootfs]).targets.map(({ name }) => name)
    return ["rootfs.tar", "initramfs.cpio.gz", "disk.img", "disk.qcow2"].filter((file) =>
      names.includes(`armv7-linux-musleabihf/${file}`),
    )
  }
  const all = ["rootfs.tar", "initramfs.cpio.gz", "disk.img"]
  expect([placed("default"), placed("hello")]).toEqual([all, all])
  expect([placed("server"), placed("live")]).toEqual([all.toSpliced(1, 1), all.toSpliced(1, 1)])
  expect(placed("server", { IMAGES: "system qcow2" })).toEqual(["rootfs.tar", "disk.img", "disk.qcow2"])
})

test("addresses and ports that are none", async () => {
  const wrong: readonly (readonly [string, string])[] = [
    ["USE_DHCP", "maybe"],
    ["LOCAL_IP", "10.0.2.15"],
    ["LOCAL_IP", "10.0.2.256/24"],
    ["LOCAL_IP", "10.0.2.15/33"],
    ["LOCAL_IP", "10.0.02.15/24"],
    ["LOCAL_IP", "10.0.2.15/3"],
    ["ROUTER_IP", "10.0.2.2/24"],
    ["ROUTER_IP", "010.0.2.2"],
    ["NAME_SERVER", "10.0.2.3/24"],
    ["NAME_SERVER", "dns.example.org"],
    ["NAME_SERVER", ""],
    ["SSH_PORT", "0"],
    ["SSH_PORT", "65536"],
    ["SSH_PORT", "ssh"],
  ]
  const said = wrong.map(([name, typed]) =>
    thrownBy(Promise.resolve().then(() => valuesOf(networkVariables, { [name]: typed }))),
  )
  expectGolden("network-value", (await Promise.all(said)).join("\n\n"))
})

test("addresses that make no net together", async () => {
  const asking = (LOCAL_IP: string, ROUTER_IP: string, others: Readonly<Record<string, string>> = {}) =>
    thrownFor({ SYSTEM: "server", USE_DHCP: "no", LOCAL_IP, ROUTER_IP, ...others })
  const wrong: readonly (readonly [string, string])[] = [
    ["10.0.2.15/24", "10.0.3.2"],
    ["10.0.2.0/24", "10.0.2.2"],
    ["192.168.7.130/25", "192.168.7.127"],
    ["192.168.7.255/24", "192.168.7.1"],
    ["10.0.2.15/24", "10.0.2.255"],
    ["200.1.128.0/16", "200.1.0.0"],
    ["10.0.2.15/24", "10.0.2.15"],
  ]
  const nameServers = ["10.0.2.0", "10.0.2.255"]
  const said = await Promise.all([
    ...wrong.map(([local, router]) => asking(local, router)),
    ...nameServers.map((NAME_SERVER) => asking("10.0.2.15/24", "10.0.2.2", { NAME_SERVER })),
  ])
  expectGolden("network-together", said.join("\n\n"))
  for (const NAME_SERVER of ["router", "10.0.2.3", "127.0.0.1", "9.9.9.9"])
    expect(await asking("10.0.2.15/24", "10.0.2.2", { NAME_SERVER })).toBe("nothing was thrown")
  expect(await asking("255.255.255.253/30", "255.255.255.254")).toBe("nothing was thrown")
  for (const unused of [{ USE_DHCP: "yes" }, { SYSTEM: "default" }])
    expect(await asking("10.0.2.15/24", "10.0.3.2", unused)).toBe("nothing was thrown")
})

test("a port that somebody listens on is an error, another one is not", { timeout }, async () => {
  const server = createServer()
  const port = await new Promise<number>((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      resolve(typeof address === "object" ? (address?.port ?? 0) : 0)
    })
  })
  const { status, said } = build("qemu", "SYSTEM=server", "IMAGES=", `SSH_PORT=${port}`)
  expect(status).toBe(2)
  expectGolden("port-taken", said.slice(said.indexOf("error:")).trim().replaceAll(String(port), "PORT"))
  server.close()
  await checkPort(String(await freePort()))
})

test("an address that is not QEMU's own has a net of its own, whose name server is where the system asks", () => {
  const asking = (NAME_SERVER: string, LOCAL_IP = "192.168.7.9/24") =>
    netArguments({ ...standardNetwork, USE_DHCP: "no", LOCAL_IP, ROUTER_IP: "192.168.7.1", NAME_SERVER }, 99)[1]
  const net = (host: string, dns: string) =>
    `user,id=net,net=192.168.7.9/24,host=${host},dns=${dns},dhcpstart=192.168.7.9,hostfwd=tcp:127.0.0.1:99-:22`
  // QEMU answers at both of its addresses whoever sends something through them.
  for (const router of ["router", "192.168.7.1"]) expect(asking(router)).toBe(net("192.168.7.2", "192.168.7.1"))
  expect(asking("192.168.7.53")).toBe(net("192.168.7.1", "192.168.7.53"))
  for (const elsewhere of ["9.9.9.9", "127.0.0.1", "192.168.7.9"])
    expect(asking(elsewhere)).toBe(net("192.168.7.1", "192.168.7.2"))
  // There is no third address for a machine.
  expect(asking("router", "192.168.7.2/30")).toContain(",host=192.168.7.1,dns=192.168.7.3,")
  expect(netArguments(standardNetwork, 99, true)[1]).toBe("user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:99-:22")
})

test("QEMU takes every two addresses of a net, also those that it would have for itself", async () => {
  const port = await freePort()
  for (const [LOCAL_IP, ROUTER_IP] of [
    ["192.168.7.3/24", "192.168.7.1"],
    ["192.168.7.9/24", "192.168.7.3"],
    ["192.168.7.1/24", "192.168.7.2"],
    ["10.7.2.3/16", "10.7.0.1"],
    ["192.168.7.5/30", "192.168.7.6"],
  ] as const) {
    const [, net = ""] = netArguments({ ...standardNetwork, USE_DHCP: "no", LOCAL_IP, ROUTER_IP }, port)
    const words = ["-machine", "none", "-nodefaults", "-display", "none", "-monitor", "stdio", "-netdev", net]
    const { status, stderr } = spawnSync("qemu-system-x86_64", words, { input: "quit\n", encoding: "utf8" })
    expect(status, stderr).toBe(0)
  }
})

test("a service is a directory with `run`, and where it has them `log/run` and `finish`", () => {
  expect(
    serviceFiles("etc/service", {
      one: { run: "exec one" },
      two: { run: "exec two", log: "exec log", finish: "echo $1" },
    }),
  ).toEqual({
    "etc/service/one/run": "#!/bin/sh\nexec one",
    "etc/service/two/run": "#!/bin/sh\nexec 2>&1\nexec two",
    "etc/service/two/log/run": "#!/bin/sh\nexec log",
    "etc/service/two/finish": "#!/bin/sh\necho $1",
  })
})

test("two packages of a system that write one path are an error that names both", { timeout }, () => {
  const { status, said } = build("rootfs", "SYSTEM=server", "TARGET_PKGS=toybox", "IMAGES=")
  expect(status).not.toBe(0)
  expect(said).toMatch(/toybox/)
  expect(said).toMatch(/busybox-commands/)
})

test("packages with commands that a system has already take their place, and no directory of theirs that of a link", {
  timeout,
}, () => {
  for (const SYSTEM of ["default", "server"]) {
    const { status, said } = build("rootfs", `SYSTEM=${SYSTEM}`, "TARGET_PKGS=bzip2 libuuid", "IMAGES=")
    expect(status, said).toBe(0)
  }
})

test.each(built)("hello starts from every image, and says how soon it is there: %s", { timeout }, (TARGET) => {
  const words = [`TARGET=${TARGET}`, "IMAGES=qcow2 squashfs", "ROOTFS_SIZE=9M"]
  const { status, said } = build("check-boot", "SYSTEM=hello", ...words)
  expect(status, said).toBe(0)
})

test.each(built)(
  "the server is reached over SSH, keeps its services running and what is written to /var and /home: %s",
  {
    timeout,
  },
  (TARGET) => {
    const { status, said } = build("check-boot", "SYSTEM=server", `TARGET=${TARGET}`, "IMAGES=")
    expect(status, said).toBe(0)
  },
)

test("the server has the address that it is given", { timeout }, () => {
  const address = ["USE_DHCP=no", "LOCAL_IP=192.168.7.9/24", "ROUTER_IP=192.168.7.1"]
  const { status, said } = build("check-boot", "SYSTEM=server", "IMAGES=", ...address)
  expect(status, said).toBe(0)
})
