// Packages that are installed beside each other: which of two that bring one path gives way.

import { expect, test } from "vitest"
import { Builds, files, Packages } from "../lib/linux/mod.ts"
import { copy, layers, target, tree } from "../lib/mod.ts"
import armv7 from "../sysdeps/armv7-linux-musleabihf.ts"
import { Rig } from "./rig.ts"

const fields = { version: "1", about: "some words for a test", license: "MIT" } as const
const library = files({ ...fields, name: "library", files: () => ({ "usr/share/library": "library" }) })
const one = files({ ...fields, name: "one", needs: [library], files: () => ({ "usr/bin/one": "its own" }) })
const many = files({
  ...fields,
  name: "many",
  givesWay: { one: ["usr/bin/one"], library: ["usr/share/library"], other: ["usr/bin/two"] },
  files: () => ({ "usr/bin/one": "one of many", "usr/bin/two": "one of many", "usr/share/library": "of many" }),
})

/** A root file system of these packages, put at `root`. */
function rootOf(packages: Packages, recipes: readonly (typeof one)[]) {
  const { trees, without } = packages.runtime(recipes)
  return target({
    name: "root",
    inputs: { trees: layers(trees, without) },
    outputs: { root: tree("root") },
    run: ({ trees }, { root }) => copy(trees, root),
  })
}

test("a package gives way to what is installed beside it, and to what that needs", async () => {
  const rig = new Rig()
  const packages = new Packages(new Builds(armv7, "Release", []), { beside: [many, one] })
  const wanted = [rootOf(packages, [many, one]), packages.install(many), packages.install(one)]
  const { outcome, said } = await rig.build(wanted)
  expect(outcome, said.join("\n")).toBe("done")
  for (const root of ["root", "out/armv7-linux-musleabihf"])
    expect(["bin/one", "bin/two", "share/library"].map((path) => rig.read(`${root}/usr/${path}`))).toEqual([
      "its own\n",
      "one of many\n",
      "library\n",
    ])
})

test("alone it is whole, and what it gives way to is not built", async () => {
  const rig = new Rig()
  const packages = new Packages(new Builds(armv7, "Release", []), { beside: [many] })
  const { ran } = await rig.build([rootOf(packages, [many]), packages.install(many)])
  expect([...ran].sort()).toEqual(["armv7-linux-musleabihf/many", "armv7-linux-musleabihf/many-files", "root"])
  expect(rig.read("root/usr/bin/one")).toBe("one of many\n")
})

test("where it was not said what is installed, nothing gives way: two that bring one path are an error", async () => {
  const packages = new Packages(new Builds(armv7, "Release", []))
  const { said } = await new Rig().build([rootOf(packages, [many, one])])
  expect(said.join("\n")).toContain("two trees laid over each other both hold `usr/share/library`")
})
