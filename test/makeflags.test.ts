// MAKEFLAGS, as make writes it, as people set it, and as nobody should.

import { execFileSync } from "node:child_process"
import { writeFileSync } from "node:fs"
import fc from "fast-check"
import { expect, test } from "vitest"
import { type Auth, makeflagsFor, parseMakeflags } from "../lib/exec/makeflags.ts"
import { clean, Jobs } from "./jobs.ts"

const cases: Readonly<Record<string, ReturnType<typeof parseMakeflags>>> = {
  "": { letters: "", jobs: undefined, auth: undefined },
  " -j --no-print-directory": { letters: "", jobs: Number.POSITIVE_INFINITY, auth: undefined },
  "kn -j3 --jobserver-auth=3,4 -- D=x\\ y A=b\\ c": {
    letters: "kn",
    jobs: 3,
    auth: { kind: "pipe", read: 3, write: 4 },
  },
  "w -j12 --jobserver-fds=7,8": { letters: "w", jobs: 12, auth: { kind: "pipe", read: 7, write: 8 } },
  " -j8 --jobserver-auth=fifo:/tmp/GMfifo12": { letters: "", jobs: 8, auth: { kind: "fifo", path: "/tmp/GMfifo12" } },
  "-j8 --jobserver-auth=fifo:/tmp/a\\ b$$c": { letters: "", jobs: 8, auth: { kind: "fifo", path: "/tmp/a b$c" } },
  "-j --jobserver-fds=3,4 --jobserver-auth=5,6": {
    letters: "",
    jobs: Number.POSITIVE_INFINITY,
    auth: { kind: "pipe", read: 5, write: 6 },
  },
  " -j3 --jobserver-auth=3,4 --jobserver-auth=-2,-2": {
    letters: "",
    jobs: 3,
    auth: { kind: "withheld", text: "-2,-2" },
  },
  " -j3 -- X=--jobserver-auth=3,4": { letters: "", jobs: 3, auth: undefined },
  "-j 6": { letters: "", jobs: 6, auth: undefined },
  "-kj6": { letters: "", jobs: 6, auth: undefined },
  "--jobs=6 -Ij9": { letters: "", jobs: 6, auth: undefined },
  "A=b -j0": { letters: "", jobs: undefined, auth: undefined },
}

test.for(Object.entries(cases))("MAKEFLAGS `%s` is understood", ([text, flags]) => {
  expect(parseMakeflags(text)).toEqual(flags)
})

test("what real make tells its recipes is understood", () => {
  const rig = new Jobs()
  writeFileSync(rig.path("Makefile"), 'all:\n\t@printf %s "$$MAKEFLAGS"\n')
  const told = (...args: string[]) =>
    parseMakeflags(
      execFileSync("make", ["-C", rig.directory, ...args], { env: clean, encoding: "utf8" })
        .split("\n")
        .at(0) ?? "",
    )
  expect(told("-s", "-k", "-j5", "X=a b$$c")).toEqual({
    letters: expect.stringMatching(/^(sk|ks)$/),
    jobs: 5,
    auth: expect.objectContaining({ kind: expect.stringMatching(/pipe|fifo|withheld/) }),
  })
  expect(told("-s", "-j")).toMatchObject({ jobs: Number.POSITIVE_INFINITY, auth: undefined })
  expect(told("-s")).toMatchObject({ letters: "s", jobs: undefined, auth: undefined })
})

const anyUnit = fc.nat({ max: 0xffff }).map((unit) => String.fromCharCode(unit))

test("no text makes reading MAKEFLAGS fail", () => {
  const word = fc.oneof(
    fc.constantFrom(
      "-j",
      "-j8",
      "--jobserver-auth=",
      "--jobserver-fds=1,",
      "fifo:",
      "--",
      "\\",
      "$",
      " ",
      "\t",
      "=",
      "3,4",
    ),
    fc.string({ unit: anyUnit }),
  )
  fc.assert(fc.property(fc.array(word), (words) => void parseMakeflags(words.join(""))))
})

test("what is written for children is read as it was meant", () => {
  const path = fc.string({ unit: anyUnit, minLength: 1 })
  const descriptor = fc.nat({ max: 999_999_999 })
  const auth: fc.Arbitrary<Auth> = fc.oneof(
    path.map((path) => ({ kind: "fifo" as const, path })),
    fc.tuple(descriptor, descriptor).map(([read, write]) => ({ kind: "pipe" as const, read, write })),
  )
  const jobs = fc.oneof(fc.integer({ min: 1 }), fc.constant(Number.POSITIVE_INFINITY))
  fc.assert(
    fc.property(jobs, auth, (jobs, auth) => {
      expect(parseMakeflags(makeflagsFor(jobs, auth))).toEqual({ letters: "", jobs, auth })
    }),
  )
})
