// What a user looks at: sizes, licences, the bill of materials. The systems here are files that recipes hold, and archives made for them.

import { execFileSync } from "node:child_process"
import { existsSync, mkdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { SPDX, Spec, Validation } from "@cyclonedx/cyclonedx-library"
import { Ajv } from "ajv"
import { expect, test } from "vitest"
import { renderDiagnostic } from "../lib/base/diagnostic.ts"
import { noLibraryError } from "../lib/graph/errors.ts"
import { billOf } from "../lib/linux/look/bill.ts"
import { cycloneDxOf } from "../lib/linux/look/cyclonedx.ts"
import { pruned, type Room, roomOf } from "../lib/linux/look/room.ts"
import type { SpdxDocument, SpdxPackage } from "../lib/linux/look/spdx.ts"
import { spdxOf } from "../lib/linux/look/spdx.ts"
import { treemapOf } from "../lib/linux/look/treemap.ts"
import { Builds, custom, files, lookingAt, Packages, type Recipe, type RecipeFields, url } from "../lib/linux/mod.ts"
import { foundation, recipes } from "../pkg/all.ts"
import armv7 from "../sysdeps/armv7-linux-musleabihf.ts"
import { expectGolden } from "./golden.ts"
import { Rig } from "./rig.ts"

const { triple } = armv7
const fields = (name: string): RecipeFields => ({ name, version: "1.2", about: `the ${name}`, license: "MIT" })
const kernel = files({ ...fields("kernel"), license: "GPL-2.0-only", files: () => ({ "boot/kernel": "x" }) })

const text = (bytes: number) => "x".repeat(bytes - 1)
const library = files({
  ...fields("library"),
  files: () => ({
    "usr/include/library.h": text(500),
    "usr/lib/library.a": text(500),
    "usr/share/library/map": text(64),
  }),
})
const program = files({
  ...fields("program"),
  needs: [library],
  files: () => ({
    "usr/bin/program": text(6000),
    "usr/bin/alias": "-> program",
    "usr/share/program/large": text(3000),
    "usr/share/program/small": text(40),
    "var/empty/": "",
  }),
})

/** A system of these packages, looked at. */
const looks = (packages: readonly Recipe[], given: Recipe = kernel) =>
  lookingAt(new Packages(new Builds(armv7, "Release", [])), { packages, kernel: given })

test("size counts what is in the root file system, by package and directory", async () => {
  const rig = new Rig()
  const { outcome, said } = await rig.build([looks([program]).size])
  expect([outcome, said]).toEqual(["done", []])
  expectGolden("size", rig.read(`image/${triple}/size.txt`))
  const { sizeBytes, files, parts }: Room = JSON.parse(rig.read(`image/${triple}/size.json`))
  // Not the header and the static library, which no root file system gets.
  expect([sizeBytes, files]).toEqual([6000 + 3000 + 40 + 64, 4])
  expect(parts.map(({ name, sizeBytes }) => [name, sizeBytes])).toEqual([
    ["program", 9040],
    ["library", 64],
  ])
  expect((await rig.build([looks([program]).size])).ran).toEqual([])
})

const leaf = (name: string, sizeBytes: number): Room => ({ name, sizeBytes, files: 1, parts: [] })

/** The drawn rectangles: what their tip says, and their areas. */
const rectanglesIn = (svg: string) =>
  [...svg.matchAll(/<title>(.*?)<\/title><rect x="\d+" y="\d+" width="(\d+)" height="(\d+)"/g)].map(
    ([, tip = "", width, height]) => ({ tip, area: Number(width) * Number(height) }),
  )

test("the picture gives each file the room that it takes, and escapes its name", async () => {
  const whole = roomOf("all", [
    roomOf("one", [leaf("a<b>&", 600_000), leaf("c", 200_000)]),
    roomOf("two", [roomOf("etc", [leaf("d", 190_000), leaf("tiny", 1), leaf("less", 2)])]),
  ])
  const svg = await treemapOf(whole)
  const areas = new Map(rectanglesIn(svg).map(({ tip, area }) => [tip, area]))
  expect([...areas.keys()]).toEqual(expect.arrayContaining(["one: a&lt;b&gt;&amp;, 600 kB", "one: c, 200 kB"]))
  const [largest = 0, smaller = 0] = ["one: a&lt;b&gt;&amp;, 600 kB", "one: c, 200 kB"].map((tip) => areas.get(tip))
  expect(largest / smaller).toBeGreaterThan(2.8)
  expect(largest / smaller).toBeLessThan(3.2)
  expect(await treemapOf(whole)).toBe(svg)
})

test("what could not be seen in the picture is put together", () => {
  const whole = roomOf("all", [leaf("large", 1000), leaf("b", 2), leaf("a", 2), leaf("c", 1)])
  expect(pruned(whole, 10).parts).toEqual([leaf("large", 1000), { name: "3 more", sizeBytes: 5, files: 3, parts: [] }])
  expect(pruned(roomOf("all", [leaf("large", 1000), leaf("b", 2)]), 10).parts.map(({ name }) => name)).toEqual([
    "large",
    "b",
  ])
})

/** A recipe whose source is an archive with these files, to be had from a mirror. */
function sourced(
  rig: Rig,
  name: string,
  contents: Readonly<Record<string, string>>,
  besides: Partial<RecipeFields> = {},
) {
  for (const [path, text] of Object.entries(contents)) {
    mkdirSync(dirname(join(rig.directory, `${name}-1.2`, path)), { recursive: true })
    writeFileSync(join(rig.directory, `${name}-1.2`, path), text)
  }
  const path = join(rig.directory, `${name}-1.2.tar.gz`)
  execFileSync("tar", ["-C", rig.directory, "-czf", path, `${name}-1.2`])
  process.env.HASHMAKE_MIRRORS = rig.directory
  const digest = execFileSync("sha256sum", [path], { encoding: "utf8" }).slice(0, 64)
  const source = [url(`http://127.0.0.1:1025/${name}-1.2.tar.gz`, digest)]
  const phases = () => ({ install: 'echo 1 >"$DESTDIR/1"' })
  return custom({ ...fields(name), source, usesToolchain: false, phases, ...besides })
}

test("licenses lists every package, and collects the texts that the sources bring", async () => {
  const rig = new Rig()
  const usual = sourced(rig, "usual", {
    COPYING: "copy",
    "license.c": "int x;",
    "src/LICENSE": "no",
    "LICENCE.md": "also",
  })
  const deeper = sourced(rig, "deeper", { README: "1", "part/LICENSE.TXT": "deep" })
  const stated = sourced(rig, "stated", { COPYING: "1", "doc/manual.html": "in it" }, { licenseText: ["doc/*.html"] })
  const { outcome, said } = await rig.build([
    looks([usual, program], sourced(rig, "linux", { COPYING: "k" }, { needs: [] })).licenses,
  ])
  expect([outcome, said]).toEqual(["done", []])
  expectGolden("licenses", rig.read(`image/${triple}/licenses.txt`))
  expect(rig.read(`image/${triple}/licenses/usual/COPYING`)).toBe("copy")
  await rig.build([looks([deeper, stated]).licenses])
  const listed: { name: string; texts: string[] }[] = JSON.parse(rig.read(`image/${triple}/licenses.json`))
  expect(listed.map(({ texts }) => texts)).toEqual([["deeper/part/LICENSE.TXT"], [], ["stated/doc/manual.html"]])
  expect(existsSync(rig.path(`image/${triple}/licenses/usual`))).toBe(false)
})

test("a source without a licence's text is an error that says what to do", async () => {
  const rig = new Rig()
  const { outcome, said } = await rig.build([looks([sourced(rig, "bare", { README: "1" })]).licenses])
  expect(outcome).toBe("failed")
  expectGolden("no-license-text", said.join("\n"))
})

// As the Buildfile has it, with what has patches and several licences besides.
const whole = billOf(new Packages(new Builds(armv7, "Release", foundation)), {
  packages: Object.values(recipes),
  kernel: recipes.linux,
})

test("the bill of materials is valid CycloneDX, names every package once, and is the same each time", async () => {
  const made = await cycloneDxOf(whole)
  expect(await new Validation.JsonStrictValidator(Spec.Version.v1dot6).validate(made)).toBeNull()
  const { components, dependencies } = JSON.parse(made)
  expect(components.map(({ name }: { name: string }) => name)).toEqual(Object.keys(recipes).sort())
  const bash = dependencies.find(({ ref }: { ref: string }) => ref === "bash")
  expect(bash.dependsOn).toEqual(expect.arrayContaining(["musl", "ncurses", "readline"]))
  expect(await cycloneDxOf(whole)).toBe(made)
  const [first, ...others] = whole.materials
  expect(first).toBeDefined()
  expect(JSON.parse(await cycloneDxOf({ ...whole, materials: others })).serialNumber).not.toBe(
    JSON.parse(made).serialNumber,
  )
})

test("it is SPDX as the specification asks, with licences that the list has, and relationships between what is there", async () => {
  const { spdxSchema } = await import("./spdx-schema.ts")
  const made = spdxOf(whole)
  const document: SpdxDocument = JSON.parse(made)
  const isValid = new Ajv({ allErrors: true }).compile(spdxSchema)
  expect([isValid(document), isValid.errors]).toEqual([true, null])
  expect(isValid({ ...document, packages: [{ ...document.packages[0], licence: "MIT" }] })).toBe(false)
  const ids = [document.SPDXID, ...document.packages.map(({ SPDXID }) => SPDXID)]
  expect(new Set(ids).size).toBe(ids.length)
  for (const { spdxElementId, relatedSpdxElement } of document.relationships)
    expect(ids).toEqual(expect.arrayContaining([spdxElementId, relatedSpdxElement]))
  expect(document.packages.flatMap(unknownLicences)).toEqual([])
  expect(spdxOf(whole)).toBe(made)
  expect(JSON.parse(spdxOf({ ...whole, materials: [] })).documentNamespace).not.toBe(document.documentNamespace)
})

/** The identifiers of a package's licence that are not on SPDX's list, as CycloneDX's library has it. */
const unknownLicences = ({ licenseDeclared }: SpdxPackage): readonly string[] =>
  licenseDeclared
    .replaceAll(/ WITH [\w.-]+/g, "")
    .split(/ AND | OR |[()]/)
    .filter((id) => id !== "" && id !== "NOASSERTION" && !SPDX.isSupportedSpdxId(id))

test("what starts a system on its own medium is among its parts, in neither form inside the root file system", async () => {
  const start = files({ ...fields("start"), needs: [library], files: () => ({ init: "#!/bin/sh" }) })
  const bill = billOf(new Packages(new Builds(armv7, "Release", [])), { packages: [program], kernel, medium: [start] })
  expect(bill.materials.map(({ name, role }) => [name, role])).toEqual([
    ["kernel", "kernel"],
    ["library", "needed"],
    ["program", "chosen"],
    ["start", "medium"],
  ])
  const { relationships }: SpdxDocument = JSON.parse(spdxOf(bill))
  const ofRoot = relationships.filter(({ spdxElementId }) => spdxElementId === relationships[0]?.relatedSpdxElement)
  expect(ofRoot.map(({ relationshipType }) => relationshipType)).toEqual([
    "DEPENDS_ON",
    "CONTAINS",
    "CONTAINS",
    "DEPENDS_ON",
  ])
  const made = await cycloneDxOf(bill)
  expect(await new Validation.JsonStrictValidator(Spec.Version.v1dot6).validate(made)).toBeNull()
})

test("sbom writes both", async () => {
  const rig = new Rig()
  const { outcome, said } = await rig.build([looks([program]).sbom])
  expect([outcome, said]).toEqual(["done", []])
  const cycloneDx = rig.read(`image/${triple}/sbom.cdx.json`)
  expect(await new Validation.JsonStrictValidator(Spec.Version.v1dot6).validate(cycloneDx)).toBeNull()
  const { packages }: SpdxDocument = JSON.parse(rig.read(`image/${triple}/sbom.spdx.json`))
  expect(packages.map(({ name }) => name)).toEqual([`rootfs-${triple}`, "kernel", "library", "program"])
})

test("a library that is not installed is an error that says how to get it", () => {
  const { diagnostic } = noLibraryError("writes CycloneDX", "@cyclonedx/cyclonedx-library")
  expectGolden("no-library", renderDiagnostic(diagnostic))
})
