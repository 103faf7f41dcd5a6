// Which recipes have a newer version: how versions are ordered, how upstreams and Debian are asked, and what is said if nobody answers.

import { spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import fc from "fast-check"
import { expect, onTestFinished, test } from "vitest"
import { compareVersions } from "../lib/base/version.ts"
import { type Sourced, sourcesOf, upstreamPart } from "../lib/linux/look/outdated.ts"
import { upstreamOf } from "../lib/linux/look/upstream.ts"
import { debian, url } from "../lib/linux/mod.ts"
import { storeDirectory } from "../lib/store/directory.ts"
import { recipes } from "../pkg/all.ts"
import { expectGolden } from "./golden.ts"
import { Rig } from "./rig.ts"

const root = join(import.meta.dirname, "..")
const digest = "a".repeat(64)

/** dpkg's own answer. */
const dpkgCompares = (one: string, other: string): number =>
  ["lt", "eq", "gt"].findIndex((word) => spawnSync("dpkg", ["--compare-versions", one, word, other]).status === 0) - 1

test("versions are ordered as dpkg orders them", () => {
  const piece = fc.constantFrom("1", "0", "10", "09", "~", "+", ".", "a", "rc", "Z", "dfsg")
  const upstream = fc.array(piece, { maxLength: 6 }).map((pieces) => `1${pieces.join("")}`)
  const version = fc
    .tuple(fc.constantFrom("", "0:", "1:"), upstream, fc.constantFrom("", "-1", "-0", "-1+deb13u1", "-1~bpo"))
    .map((parts) => parts.join(""))
  fc.assert(
    fc.property(version, version, (one, other) => {
      expect(Math.sign(compareVersions(one, other)), `${one} ${other}`).toBe(dpkgCompares(one, other))
    }),
    { numRuns: 150 },
  )
  const sorted = ["1.0~rc1", "1.0", "1.0a", "1.0+x", "1.9", "1.10", "3.5", "3.5a", "1:0.1"]
  expect([...sorted].reverse().sort(compareVersions)).toEqual(sorted)
})

test("of Debian's versions the upstream part counts", () => {
  const parts = ["1:1.3.dfsg+really1.3.2-4", "5.3-4", "5.8.1-1+deb13u1", "3.1-20250104-1", "4.4.1+ds-1", "2.13~dfsg1-2"]
  expect(parts.map(upstreamPart)).toEqual(["1.3.2", "5.3", "5.8.1", "3.1-20250104", "4.4.1", "2.13"])
})

test("upstream is asked where its archives lie, or for its latest release", () => {
  const asked = (address: string, version: string, text: string, { at = "", releases = /.*/ } = {}) => {
    const upstream = upstreamOf({ url: address, releases: releases.source }, version)
    return [upstream?.address, upstream?.versionsIn(text, at)]
  }
  const listing =
    '<a href="bash-5.2.15.tar.gz">bash-5.2.15.tar.gz</a> <a href="bash-5.3.tar.gz"> bash-5.4-rc1.tar.gz bash-doc-9.tar.gz'
  expect(asked("https://a.org/gnu/bash/bash-5.2.15.tar.gz", "5.2.15", listing)).toEqual([
    "https://a.org/gnu/bash/",
    ["5.2.15", "5.2.15", "5.3"],
  ])
  expect(
    asked("https://a.org/py/3.11.2/Python-3.11.2.tgz", "3.11.2", '<a href="3.12.0/">3.12.0/</a> 2to3/ 3.13.0rc1/'),
  ).toEqual(["https://a.org/py/", ["3.12.0", "3.12.0"]])
  const odd = "perl-5.42.0.tar.xz perl-5.43.1.tar.xz perl-5.44.0-RC1.tar.xz perl-5.8.9.tar.xz "
  const even = { releases: /5\.\d*[02468]\.\d+/ }
  expect(asked("https://a.org/5.0/perl-5.40.1.tar.xz", "5.40.1", odd, even)[1]).toEqual(["5.42.0", "5.8.9"])
  const latest = (ours: string, version: string, tag: string) =>
    asked(`https://github.com/a/b/${ours}`, version, "", { at: `https://github.com/a/b/releases/tag/${tag}` })[1]
  const archives = [
    "releases/download/v2.6.4/b.tar.gz",
    "archive/refs/tags/R_2_6_4.tar.gz",
    "releases/download/b2-2.6.4-stable/b.zip",
  ]
  const newer = [["v2.7", "v2.7-rc1", "v2.7rc1", "nightly", "2.7"], ["R_2_7_1"], ["b2-2.7-stable", "b2-2.7-alpha"]]
  expect(archives.map((archive, i) => newer[i]?.map((tag) => latest(archive, "2.6.4", tag)))).toEqual([
    [["2.7"], [], [], [], []],
    [["2.7.1"]],
    [["2.7"], []],
  ])
  expect(upstreamOf({ url: "https://a.org/latest.tar.gz" }, "1.2")).toBeUndefined()
  for (const { version, source } of Object.values(recipes))
    for (const location of source?.locations ?? [])
      if (location.kind === "url")
        expect(upstreamOf(location, version)?.address, location.url).toMatch(/\/(releases\/latest)?$/)
})

/** A server with these pages. */
async function serve(pages: Readonly<Record<string, string>>): Promise<string> {
  const server = createServer(({ url = "" }, response) => {
    const page = pages[url]
    response.writeHead(page === undefined ? 404 : 200).end(page)
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  onTestFinished(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** What `outdated` says of these sources. Debian's indexes are those of the user's store. */
async function outdated(sources: readonly Sourced[], ...words: readonly string[]) {
  const rig = new Rig()
  rig.write("list.json", JSON.stringify(sources))
  const env = { ...process.env, HASHMAKE_STORE: storeDirectory(process.env), NO_COLOR: "1" }
  const child = spawn(process.execPath, [join(root, "bin/outdated.ts"), rig.path("list.json"), ...words], { env })
  let said = ""
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (piece) => {
      said += piece
    })
  const [status] = await once(child, "close")
  return { status, said }
}

test("what is newer upstream is told, and what could not be asked", async () => {
  const address = await serve({
    "/pub/": '<a href="thing-1.10.tar.gz"></a> <a href="other-2.tar.gz"></a>',
    "/v6.x/": '<a href="linux-6.19.tar.gz"></a>',
    "/v7.x/": '<a href="linux-7.0.1.tar.gz"></a> <a href="linux-7.1-rc2.tar.gz"></a>',
    "/1.x/": '<a href="last-1.3.tar.gz"></a>',
  })
  const at = (names: readonly string[], version: string, path: string): Sourced => ({
    ...{ names, version, locations: [url(`${path}/${names[0]}-${version}.tar.gz`, digest)] },
  })
  const here = [at(["thing", "thing-doc"], "1.9", `${address}/pub`), at(["other"], "2", `${address}/pub`)]
  here.push(at(["linux"], "6.12", `${address}/v6.x`), at(["last"], "1.2", `${address}/1.x`))
  const sources = [at(["refused"], "1", `${address}/none`), ...here, at(["far"], "1", "http://127.0.0.1:1025/x")]
  const { status, said } = await outdated(sources)
  expect(status).toBe(0)
  expectGolden("outdated", said, [[new URL(address).host, "HOST"]])
  const rows = (await outdated(sources, "--json")).said
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))
  expect(rows.map(({ names, newer, upstream }) => [names[0], newer, upstream])).toEqual([
    ["refused", undefined, "unknown"],
    ["thing", "1.10", "1.10"],
    ["other", undefined, "2"],
    ["linux", "7.0.1", "7.0.1"],
    ["last", "1.3", "1.3"],
    ["far", undefined, "unknown"],
  ])
})

test("Debian is asked by the archives that this system has configured", async () => {
  const at = (names: readonly string[], version: string, digest: string): Sourced => ({
    ...{ names, version, locations: [debian(names[0] ?? "", digest)] },
  })
  const { locations = [] } = recipes.bash.source ?? {}
  const sources = [
    at(["bash"], "4.0", digest),
    at(["no-such-source"], "1", digest),
    { names: ["own"], version: "999", locations },
  ]
  const { said } = await outdated(sources, "--json")
  const [old, none, own] = said
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))
  expect([old.names, old.newer]).toEqual([["bash"], old.debian])
  expect(compareVersions(old.debian, "5")).toBeGreaterThan(0)
  expect([none.debian, none.newer]).toEqual([undefined, undefined])
  // What Debian calls the archive that we have counts, whatever the recipe calls it.
  expect(compareVersions(own.debian, "5.2.15") > 0).toBe(own.newer !== undefined)
})

test("if nobody answers, that is an error", async () => {
  const locations = [url("http://127.0.0.1:1025/x/thing-1.tar.gz", digest)]
  const { status, said } = await outdated([{ names: ["thing"], version: "1", locations }])
  expect(status).toBe(2)
  expectGolden("nothing-reachable", said)
})

test("packages of one source are one, and those without are left out", () => {
  const names = sourcesOf(Object.values(recipes)).map(({ names }) => names.join())
  expect(names).toContain("linux,linux-headers")
  expect(names.join()).not.toContain("etc")
})
