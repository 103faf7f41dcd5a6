// A dry run: what would be done is told, as far as it is known, and nothing is.

import { lstatSync, readdirSync, rmSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import { shell, source, type Target, target } from "../lib/mod.ts"
import { coreutils, Rig, type Told } from "./rig.ts"

const does = (name: string, from: Target<{ to: string }> | undefined, script: string) =>
  target({
    name,
    inputs: { from: from === undefined ? source("in") : from.outputs.to },
    outputs: { to: `out/${name}` },
    tools: [coreutils],
    run: ({ from }, { to }) => shell(`${script} ${from} >${to}`),
  })

/** in → first, which drops what follows a blank; → second → third. */
const first = does("first", undefined, "tr -d '[:blank:]' <")
const second = does("second", first, "cat")
const third = does("third", second, "cat")

const told = ({ events }: Told) =>
  events.flatMap((event) => {
    if (event.type === "would-restore") return [`would restore ${event.target.name}`]
    if (event.type === "would-run") return [`${event.isUncertain === true ? "may" : "would"} run ${event.target.name}`]
    return []
  })

/** Everything below a directory, with what would show a change. */
const stateOf = (directory: string): readonly string[] =>
  readdirSync(directory, { recursive: true, encoding: "utf8" })
    .sort()
    .map((name) => {
      const stat = lstatSync(join(directory, name))
      const { ino, size, mtimeMs, mode } = stat
      // While an engine uses a store it is noted there: a directory's own date may change.
      return (stat.isDirectory() ? [name, mode] : [name, ino, size, mtimeMs, mode]).join(" ")
    })

test("what the store has would be restored; what depends on it is known; what depends on a run may run", async () => {
  const rig = new Rig()
  rig.write("in", "a")
  const dry = async () => told(await rig.build([third], { dryRun: true }))
  expect(await dry()).toEqual(["would run first", "may run second", "may run third"])
  await rig.build([third])
  expect(await dry()).toEqual([])
  rig.write("in", "b")
  await rig.build([third])
  rig.write("in", "a")
  expect(await dry()).toEqual(["would restore first", "would restore second", "would restore third"])
  rmSync(rig.path("out/third"))
  rig.write("in", "b ")
  // What follows is the same as before: that cannot be known.
  const ends = await rig.build([third], { dryRun: true })
  expect(told(ends)).toEqual(["would run first", "may run second", "may run third"])
  expect(ends.events.at(-1)).toMatchObject({ would: { run: 1, mayRun: 2, restore: 0 } })
  expect((await rig.build([third])).ran).toEqual(["first"])
})

test("an output that was removed would be restored, one whose content is lost would be made", async () => {
  const rig = new Rig()
  rig.write("in", "a")
  await rig.build([first])
  rmSync(rig.path("out/first"))
  expect(told(await rig.build([first], { dryRun: true }))).toEqual(["would restore first"])
  rmSync(join(rig.store, "blob"), { recursive: true })
  expect(told(await rig.build([first], { dryRun: true }))).toEqual(["would run first"])
})

test("a dry run writes nothing, into the store or the workspace", async () => {
  const rig = new Rig()
  rig.write("in", "a")
  await rig.build([third])
  rig.write("in", "b")
  await rig.build([third])
  rig.write("in", "a")
  const before = [rig.store, rig.path("out"), rig.path("log")].map(stateOf)
  const { counts } = await rig.build([third], { dryRun: true })
  expect([rig.store, rig.path("out"), rig.path("log")].map(stateOf)).toEqual(before)
  expect([counts.built, counts.restored, rig.read("out/third")]).toEqual([0, 0, "b"])
})
