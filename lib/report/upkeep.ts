// What a person sees of a collection or a verification of the store: how far it is, once it takes longer than a second, and a table at
// the end. With --json one object a line.

import { renderDiagnostic } from "../base/diagnostic.ts"
import { sizeText } from "../base/quantity.ts"
import type { Amount, Collected, UpkeepEvent, Verified } from "../graph/upkeep.ts"
import type { Screen } from "./console.ts"
import { type Paint, paint, painted } from "./words.ts"

/** How it is shown. */
export interface UpkeepOptions {
  /** What is wrong, and how far it is: `process.stderr`, say. */
  readonly output: Screen
  /** Prints a line of the result. */
  readonly print: (line: string) => void
  readonly isColoured: boolean
  readonly isJson: boolean
  readonly isQuiet: boolean
}

const patienceMs = 1000
const redrawMs = 200
/** Where there is no terminal, how far it is is said this often, in ms. */
const plainMs = 10_000

/** What is to be called with every event. */
export function upkeepReporter({
  output,
  print,
  isColoured,
  isJson,
  isQuiet,
}: UpkeepOptions): (event: UpkeepEvent) => void {
  if (isJson) return (event) => print(JSON.stringify(event))
  const started = performance.now()
  const colours = paint(isColoured)
  const isTerminal = output.isTTY === true
  let drawn = started + patienceMs - redrawMs
  let isDrawn = false
  const clear = () => {
    if (isDrawn) output.write("\r\x1b[K")
    isDrawn = false
  }
  return (event) => {
    if (event.type === "upkeep") {
      const now = performance.now()
      if (isQuiet || now - drawn < (isTerminal || !isDrawn ? redrawMs : plainMs)) return
      drawn = now
      isDrawn = true
      output.write(isTerminal ? `\r\x1b[K${farText(event, now - started)}` : `${farText(event, now - started)}\n`)
      return
    }
    if (isTerminal) clear()
    if (event.type === "wrong") output.write(`${painted(renderDiagnostic(event.diagnostic), colours)}\n\n`)
    else if (!isQuiet) print(event.type === "collected" ? collectedText(event, colours) : verifiedText(event, colours))
  }
}

/** `removing 1200 of 5000`, `reading blobs 12 of 400, 1.2 GB, 400 MB/s`. */
function farText({ words, done, of, sizeBytes }: UpkeepEvent & { type: "upkeep" }, tookMs: number): string {
  const count = of === undefined ? `${done}` : `${done} of ${of}`
  if (sizeBytes === undefined) return `${words}: ${count}`
  return `${words}: ${count}, ${sizeText(sizeBytes)}, ${sizeText((sizeBytes / Math.max(1, tookMs)) * 1000)}/s`
}

const sum = (amounts: readonly Amount[]): Amount => ({
  things: amounts.reduce((total, { things }) => total + things, 0),
  sizeBytes: amounts.reduce((total, { sizeBytes }) => total + sizeBytes, 0),
})

const row = (what: string, { things, sizeBytes }: Amount, about: string): string =>
  `${what.padEnd(11)}${sizeText(sizeBytes).padStart(9)}${String(things).padStart(9)}  ${about}`.trimEnd()

function collectedText({ freed, kept, limitBytes, checkouts, isDryRun }: Collected, { bold, dim }: Paint): string {
  const limit = sizeText(limitBytes)
  const rows = (amounts: Readonly<Record<string, Amount>>, whys: Readonly<Record<string, string>>) =>
    Object.entries(whys).flatMap(([why, about]) => {
      const amount = amounts[why]
      return amount === undefined || amount.things === 0 ? [] : [row("", amount, about)]
    })
  const whole = sum(Object.values(kept))
  const lines = [
    dim(`${"".padEnd(11)}${"size".padStart(9)}${"things".padStart(9)}`),
    bold(row(isDryRun ? "would free" : "freed", sum(Object.values(freed)), "")),
    ...rows(freed, {
      unnamed: "no result names them",
      unused: "of no use for longer than asked for",
      oldest: `the oldest beyond ${limit}`,
    }),
    bold(row(isDryRun ? "would keep" : "kept", whole, "")),
    ...rows(kept, {
      built: `built in ${checkouts === 1 ? "1 checkout" : `${checkouts} checkouts`}`,
      running: "used by a build that runs",
      recent: "the latest results",
    }),
  ]
  if (whole.sizeBytes > limitBytes) lines.push(`more than ${limit} is kept: checkouts and running builds need it`)
  return lines.join("\n")
}

function verifiedText({ blobs, trees, results, outputs, wrong, isRepaired }: Verified, { green, red }: Paint): string {
  const looked = [
    row("blobs", blobs, ""),
    `${"trees".padEnd(20)}${String(trees).padStart(9)}`,
    `${"results".padEnd(20)}${String(results).padStart(9)}`,
    row("outputs", outputs, ""),
  ]
  const things = wrong === 1 ? "1 thing" : `${wrong} things`
  const said = isRepaired ? `${things} wrong, to be made anew by the next build` : `${things} wrong`
  const end = wrong === 0 ? green("all is well") : red(said)
  return [...looked, end].join("\n")
}
