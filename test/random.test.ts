// Random graphs with random edits agree with an oracle that knows only contents: the same bytes, and exactly the actions that had
// to run. fast-check prints the seed of what fails.

import { rmSync, writeFileSync } from "node:fs"
import fc from "fast-check"
import { expect, test } from "vitest"
import { type Output, type SourceFile, shell, source, type Target, target } from "../lib/mod.ts"
import { coreutils, Rig } from "./rig.ts"

/** What each action does: joins its inputs and keeps so many bytes; few, and edits further on stop there. */
interface Plan {
  readonly sources: readonly string[]
  readonly actions: readonly { readonly inputs: readonly number[]; readonly keep: number; readonly word: string }[]
}

const plans = fc.integer({ min: 1, max: 4 }).chain((sources) =>
  fc.record({
    sources: fc.array(fc.constantFrom("a", "b", "ab", "ba"), { minLength: sources, maxLength: sources }),
    actions: fc.array(
      fc.record({
        inputs: fc.uniqueArray(fc.nat({ max: 9 }), { minLength: 1, maxLength: 3 }),
        keep: fc.constantFrom(1, 2, 100),
        word: fc.constantFrom("x", "y"),
      }),
      { minLength: 1, maxLength: 6 },
    ),
  }),
)

type Edit =
  | { readonly kind: "source"; readonly at: number; readonly text: string }
  | { readonly kind: "word"; readonly at: number; readonly word: string }
  | { readonly kind: "remove" | "spoil"; readonly at: number }
  | { readonly kind: "touch"; readonly at: number }

const edits = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constant("source" as const),
      at: fc.nat({ max: 9 }),
      text: fc.constantFrom("a", "b", "ab", "ba"),
    }),
    fc.record({ kind: fc.constant("word" as const), at: fc.nat({ max: 9 }), word: fc.constantFrom("x", "y", "z") }),
    fc.record({ kind: fc.constantFrom("remove" as const, "spoil" as const, "touch" as const), at: fc.nat({ max: 9 }) }),
  ),
  { minLength: 1, maxLength: 3 },
)

/** An action's inputs: sources first, then earlier actions. */
const inputsOf = ({ sources }: Plan, inputs: readonly number[], nth: number): number[] => [
  ...new Set(inputs.map((i) => i % (sources.length + nth))),
]

function targetsOf(plan: Plan): Target[] {
  const made: Target[] = []
  plan.actions.forEach(({ inputs, keep, word }, nth) => {
    const from = inputsOf(plan, inputs, nth).map((i): SourceFile | Output =>
      i < plan.sources.length ? source(`s${i}`) : (made[i - plan.sources.length]?.outputs.to as Output),
    )
    made.push(
      target({
        name: `t${nth}`,
        inputs: { from },
        outputs: { to: `out/t${nth}` },
        tools: [coreutils],
        run: ({ from }, { to }) => shell(`{ cat ${from.join(" ")}; printf ${word}; } | head -c ${keep} >${to}`),
      }),
    )
  })
  return made
}

/** What every action must write, and the identity that decides whether it was ever run before. */
function oracle(plan: Plan): { text: string; identity: string }[] {
  const made: { text: string; identity: string }[] = []
  plan.actions.forEach(({ inputs, keep, word }, nth) => {
    const from = inputsOf(plan, inputs, nth)
    const texts = from.map((i) =>
      i < plan.sources.length ? (plan.sources[i] ?? "") : (made[i - plan.sources.length]?.text ?? ""),
    )
    made.push({
      text: `${texts.join("")}${word}`.slice(0, keep),
      identity: JSON.stringify([nth, from, texts, keep, word]),
    })
  })
  return made
}

function applied(plan: Plan, edit: Edit, rig: Rig): Plan {
  if (edit.kind === "source")
    return { ...plan, sources: plan.sources.map((text, i) => (i === edit.at % plan.sources.length ? edit.text : text)) }
  const nth = edit.at % plan.actions.length
  if (edit.kind === "word")
    return { ...plan, actions: plan.actions.map((action, i) => (i === nth ? { ...action, word: edit.word } : action)) }
  if (edit.kind === "remove") rmSync(rig.path(`out/t${nth}`), { force: true })
  if (edit.kind === "spoil") rig.write(`out/t${nth}`, "spoilt")
  if (edit.kind === "touch")
    writeFileSync(rig.path(`s${edit.at % plan.sources.length}`), plan.sources[edit.at % plan.sources.length] ?? "")
  return plan
}

test("after any edits, what is built is what a clean build gives, and nothing runs that need not", async () => {
  await fc.assert(
    fc.asyncProperty(plans, fc.array(edits, { minLength: 1, maxLength: 3 }), async (first, rounds) => {
      const rig = new Rig()
      const known = new Set<string>()
      let plan: Plan = first
      for (const round of [[], ...rounds]) {
        plan = round.reduce<Plan>((plan, edit) => applied(plan, edit, rig), plan)
        for (const [i, text] of plan.sources.entries()) rig.write(`s${i}`, text)
        const expected = oracle(plan)
        const { ran, outcome } = await rig.build(targetsOf(plan))
        expect(outcome).toBe("done")
        expect(expected.map((_, nth) => rig.read(`out/t${nth}`))).toEqual(expected.map(({ text }) => text))
        expect(ran.toSorted()).toEqual(
          expected.flatMap(({ identity }, nth) => (known.has(identity) ? [] : [`t${nth}`])),
        )
        for (const { identity } of expected) known.add(identity)
        expect((await rig.build(targetsOf(plan))).ran).toEqual([])
      }
      rmSync(rig.directory, { recursive: true })
    }),
    { numRuns: Number(process.env.RANDOM_RUNS ?? 20) },
  )
})
