// Sources: a real server on the loopback, a mirror folder, archives that mean harm.

import { execFileSync } from "node:child_process"
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { afterEach, expect, onTestFinished, test } from "vitest"
import { digestOf } from "../lib/base/digest.ts"
import { archive, debian, type Source, url } from "../lib/linux/mod.ts"
import { sourceTargets } from "../lib/linux/source.ts"
import { copy, target, tree } from "../lib/mod.ts"
import { storeDirectory } from "../lib/store/directory.ts"
import { expectGolden } from "./golden.ts"
import { Rig } from "./rig.ts"

afterEach(() => {
  delete process.env.HASHMAKE_MIRRORS
})

/** An archive of one directory `thing-1` with these files. */
function makeArchive(rig: Rig, files: Readonly<Record<string, string>>, besides: readonly string[] = []): Buffer {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(rig.directory, "thing-1", path, ".."), { recursive: true })
    writeFileSync(join(rig.directory, "thing-1", path), text)
  }
  execFileSync("tar", ["-C", rig.directory, "-czf", join(rig.directory, "thing-1.tar.gz"), "thing-1", ...besides])
  return readFileSync(join(rig.directory, "thing-1.tar.gz"))
}

/** A server on the loopback; gives its address and what it was asked. */
async function serve(answer: (request: IncomingMessage, response: ServerResponse, nth: number) => void) {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(`${request.url} ${request.headers.range ?? ""}`.trim())
    answer(request, response, asked.length)
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  onTestFinished(() => void server.close())
  return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

const unpack = (rig: Rig, from: Source) => rig.build([sourceTargets(from, "thing", "pkg/thing.ts").unpacked])

test("a download is unpacked once, and asked for once", async () => {
  const rig = new Rig()
  const bytes = makeArchive(rig, { README: "hello" })
  const { address, asked } = await serve((_, response) => response.end(bytes))
  const from = archive([url(`${address}/thing-1.tar.gz`, digestOf(bytes))])
  expect((await unpack(rig, from)).ran).toEqual(["source/thing/download", "source/thing/unpack"])
  expect((await unpack(rig, from)).ran).toEqual([])
  expect(asked).toEqual(["/thing-1.tar.gz"])
})

test("an archive without a top directory is unpacked as it is, if it says so", async () => {
  const rig = new Rig()
  makeArchive(rig, { README: "hello", "below/file": "there" })
  execFileSync("tar", ["-C", join(rig.directory, "thing-1"), "-czf", join(rig.directory, "flat.gz"), "README", "below"])
  const bytes = readFileSync(join(rig.directory, "flat.gz"))
  const { address } = await serve((_, response) => response.end(bytes))
  const flat = archive([url(`${address}/flat.gz`, digestOf(bytes))], { isFlat: true })
  const placed = target({
    name: "placed",
    inputs: { tree: sourceTargets(flat, "thing", undefined).unpacked.outputs.tree },
    outputs: { placed: tree("placed") },
    run: ({ tree }, { placed }) => copy(tree, placed),
  })
  expect((await rig.build([placed])).outcome).toBe("done")
  expect([rig.read("placed/README"), rig.read("placed/below/file")]).toEqual(["hello", "there"])
})

test("the same tree from another archive rebuilds nothing that uses it", async () => {
  const rig = new Rig()
  const bytes = makeArchive(rig, { README: "hello" })
  execFileSync("tar", ["-C", rig.directory, "-cJf", join(rig.directory, "thing-1.tar.xz"), "thing-1"])
  const repacked = readFileSync(join(rig.directory, "thing-1.tar.xz"))
  const { address } = await serve((request, response) => response.end(request.url?.endsWith("xz") ? repacked : bytes))
  const first = sourceTargets(archive([url(`${address}/a.gz`, digestOf(bytes))]), "thing", undefined)
  const second = sourceTargets(archive([url(`${address}/a.xz`, digestOf(repacked))]), "thing", undefined)
  await rig.build([first.unpacked])
  const listing = (rig: Rig) => readdirSync(join(rig.store, "tree"), { recursive: true }).length
  const before = listing(rig)
  expect((await rig.build([second.unpacked])).ran).toEqual(["source/thing/download", "source/thing/unpack"])
  expect(listing(rig)).toBe(before)
})

test("a download that was cut short goes on where it stopped", async () => {
  const rig = new Rig()
  const bytes = makeArchive(rig, {
    README: "x".repeat(100_000),
    random: execFileSync("head", ["-c", "200000", "/dev/urandom"]).toString("hex"),
  })
  const half = bytes.length >> 1
  const { address, asked } = await serve((request, response, nth) => {
    if (nth === 1) {
      response.writeHead(200, { "content-length": bytes.length })
      response.write(bytes.subarray(0, half), () => setTimeout(() => response.destroy(), 50))
      return
    }
    const start = Number(/bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0)
    response.writeHead(206, { "content-length": bytes.length - start })
    response.end(bytes.subarray(start))
  })
  const { outcome } = await unpack(rig, archive([url(`${address}/thing-1.tar.gz`, digestOf(bytes))]))
  expect(outcome).toBe("done")
  expect(asked[1]).toMatch(/^\/thing-1.tar.gz bytes=[1-9]\d*-$/)
})

test("a file with another digest is an error, and kept aside", async () => {
  const rig = new Rig()
  const bytes = makeArchive(rig, { README: "hello" })
  const { address } = await serve((_, response) => response.end("something else"))
  const { said, failures } = await unpack(rig, archive([url(`${address}/thing-1.tar.gz`, digestOf(bytes))]))
  expect(failures[0]?.isError).toBe(true)
  expect(said[0]).toContain("`thing` is not the file that its recipe names")
  expect(said[0]).toContain(`actual     ${digestOf("something else")}`)
  expect(readFileSync(join(rig.store, "keep", `${digestOf(bytes)}.wrong`), "utf8")).toBe("something else")
})

test("where an address gives another file, the next ones are asked; a person is told, and only if nobody has it that is an error", async () => {
  const rig = new Rig()
  const bytes = makeArchive(rig, { README: "hello" })
  const { address, asked } = await serve((request, response) => {
    if (request.url === "/none") response.writeHead(404).end()
    else response.end(request.url === "/thing" ? bytes : `<html>${request.url}</html>`)
  })
  const from = (...paths: readonly string[]) => archive(paths.map((path) => url(`${address}/${path}`, digestOf(bytes))))
  const { outcome, said } = await unpack(rig, from("parked", "none", "thing"))
  expect([outcome, said.length]).toEqual(["done", 1])
  expectGolden("wrong-digest-notice", said[0] ?? "", [[address, "http://SERVER"]])
  expect(asked).toEqual(["/parked", "/none", "/thing"])
  const other = new Rig()
  const { said: all, failures } = await unpack(other, from("parked", "none", "portal"))
  expect(failures).toHaveLength(1)
  const scrubbed = [
    [other.store, "STORE"],
    [address, "http://HOST"],
    [digestOf(bytes), "DIGEST"],
  ] as const
  expectGolden("wrong-digest", all.at(-1) ?? "", scrubbed)
})

test("what Debian has in the place of a digest that it does not have is told, and no fault of the network's", async () => {
  const rig = new Rig()
  const store = storeDirectory(process.env)
  const zeros = "0".repeat(64)
  const told: string[] = []
  for (const name of ["tree", "no-such-source"]) {
    const { unpacked } = sourceTargets(archive([debian(name, zeros)]), name, `pkg/${name}.ts`)
    told.push(...(await rig.build([unpacked], { store })).said)
  }
  expectGolden("debian-digest", told.join("\n\n"))
})

test("when upstream does not answer, a mirror does: a folder, or another server", async () => {
  for (const kind of ["folder", "server"]) {
    const rig = new Rig()
    const bytes = makeArchive(rig, { README: "hello" })
    const { address } = await serve((request, response) => {
      if (request.url?.startsWith("/mirror/")) response.end(bytes)
      else response.writeHead(404).end()
    })
    process.env.HASHMAKE_MIRRORS = kind === "folder" ? rig.directory : `${address}/mirror`
    const { outcome } = await unpack(rig, archive([url(`${address}/thing-1.tar.gz`, digestOf(bytes))]))
    expect(outcome).toBe("done")
  }
})

test("what was downloaded before is used without asking anyone, even by another recipe", async () => {
  const rig = new Rig()
  const bytes = makeArchive(rig, { README: "hello" })
  const { address, asked } = await serve((_, response) => response.end(bytes))
  const digest = digestOf(bytes)
  await rig.build([sourceTargets(archive([url(`${address}/a`, digest)]), "one", undefined).unpacked])
  await rig.build([
    sourceTargets(archive([url(`${address}/b`, digest), url(`${address}/c`, "b".repeat(64))]), "two", undefined)
      .unpacked,
  ])
  expect(asked).toEqual(["/a"])
})

const harmful: Readonly<Record<string, (rig: Rig) => Buffer>> = {
  "a path with ..": (rig) => {
    writeFileSync(join(rig.directory, "outside"), "x")
    makeArchive(rig, { README: "1" })
    execFileSync("tar", [
      "-C",
      join(rig.directory, "thing-1"),
      "-P",
      "--transform",
      "s,^,thing-1/,",
      "-czf",
      join(rig.directory, "t.tgz"),
      "README",
      "../outside",
    ])
    return readFileSync(join(rig.directory, "t.tgz"))
  },
  "an absolute path": (rig) => {
    makeArchive(rig, { README: "1" })
    execFileSync("tar", ["-P", "-czf", join(rig.directory, "t.tgz"), join(rig.directory, "thing-1")])
    return readFileSync(join(rig.directory, "t.tgz"))
  },
  "a link that leads out": (rig) => {
    makeArchive(rig, { README: "1" })
    execFileSync("ln", ["-s", "../../../etc/passwd", join(rig.directory, "thing-1/link")])
    return makeArchive(rig, {})
  },
  "an absolute link": (rig) => {
    makeArchive(rig, { README: "1" })
    execFileSync("ln", ["-s", "/etc/passwd", join(rig.directory, "thing-1/link")])
    return makeArchive(rig, {})
  },
}

for (const [what, make] of Object.entries(harmful)) {
  test(`an archive with ${what} is refused`, async () => {
    const rig = new Rig()
    const bytes = make(rig)
    const { address } = await serve((_, response) => response.end(bytes))
    const { said, outcome } = await unpack(rig, archive([url(`${address}/t.tgz`, digestOf(bytes))]))
    expect(outcome).toBe("failed")
    expect(said[0]).toMatch(/lead(s)? out of it/)
    expect(existsSync(join(rig.store, "outside"))).toBe(false)
  })
}
