// `fetch`: whatever a system and its images take from the network, found in the graph.

import { join } from "node:path"
import { expect, test } from "vitest"
import buildfile from "../Buildfile.ts"
import { valuesOf } from "../lib/graph/buildfile.ts"
import { graphOf } from "../lib/graph/graph.ts"
import { evaluate } from "../lib/load/load.ts"
import type { Target } from "../lib/mod.ts"

const root = join(import.meta.dirname, "..")
const targets = (typed: Readonly<Record<string, string>>): Readonly<Record<string, Target>> =>
  evaluate(buildfile, valuesOf(buildfile.variables, typed), root)

const needed = (...wanted: readonly (Target | undefined)[]): readonly Target[] =>
  graphOf(wanted.filter((target) => target !== undefined)).targets

/** The names of what is made of nothing that is here: a function that reads nothing. */
const fromElsewhere = (...wanted: readonly (Target | undefined)[]): readonly string[] =>
  needed(...wanted).flatMap(({ name, action }) =>
    action?.rule.kind === "call" && Object.keys(action.inputs).length === 0 ? [name] : [],
  )

test("fetch downloads all that the root file system, its images and their check take, and nothing else", () => {
  const cases = [
    {},
    { SYSTEM: "server", TARGET_PKGS: "git" },
    { TARGET: "aarch64-linux-musl,riscv64-linux-musl", IMAGES: "disk" },
    { TARGET: "aarch64-linux-musl", IMAGES: "iso" },
    { TARGET: "x86_64-linux-musl", IMAGES: "iso", TOOLCHAIN: "stage1" },
  ]
  for (const typed of cases) {
    const { fetch, rootfs, "check-boot": check } = targets(typed)
    const fetched = fromElsewhere(fetch)
    expect(fetched).toEqual(expect.arrayContaining(["source/linux-headers/download"]))
    expect([...fetched].sort()).toEqual([...fromElsewhere(rootfs, check)].sort())
    expect(needed(fetch).length, "nothing is built").toBe(fetched.length + 1)
  }
})

test("fetch has the boot loader and the first program of a medium", () => {
  const names = (IMAGES: string) => fromElsewhere(targets({ TARGET: "aarch64-linux-musl", IMAGES }).fetch)
  const besides = ["source/busybox/download", "source/grub/download"]
  expect(names("iso")).toEqual(expect.arrayContaining(besides))
  for (const name of besides) expect(names("disk")).not.toContain(name)
})
