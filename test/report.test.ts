// What a build leaves to be looked at: the timeline, the trace, and the page, which is opened in a browser.

import { spawn, spawnSync } from "node:child_process"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import fc from "fast-check"
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core"
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest"
import * as errors from "../lib/graph/errors.ts"
import { shell, type Target, target, write } from "../lib/mod.ts"
import { criticalPath, type Run, TimelineRecorder } from "../lib/report/timeline.ts"
import { traceOf } from "../lib/report/trace.ts"
import { expectGolden } from "./golden.ts"
import { ended, type Happened, moved, ran, started, step, told } from "./history.ts"
import { Rig } from "./rig.ts"

const checkout = join(import.meta.dirname, "..")

const empty = (name: string, needs: readonly Target[] = [], about = ""): Target =>
  target({
    name,
    about,
    where: `Buildfile.ts:${name.length}`,
    inputs: { needs: needs.map((need) => need.outputs.to as never) },
    outputs: { to: `out/${name}` },
    run: () => shell(""),
  })

const record = (happened: readonly Happened[]) =>
  told(happened, (now) => new TimelineRecorder({ root: "/work/space", now }))

const musl = empty("musl", [], "the C library")
const zlib = empty("zlib", [musl])
const bash = empty("bash", [musl], "a shell")
const rootfs = empty("rootfs", [zlib, bash])
const kernel = empty("kernel")
const strange = empty(`<img src=x onerror="window.ill=1">&amp;`, [musl])

/** Two slots: musl, then zlib and bash (which fails) and strange after it; the kernel came from the store. */
const aBuild = record([
  started(2),
  moved(0, musl, "wanted"),
  ...ran(musl, [5, 10, 2010]),
  step(11, musl, "configure"),
  step(12, musl, "configure"),
  step(500, musl, "make -j2"),
  moved(5, kernel, "ready"),
  moved(60, kernel, "restored"),
  ...ran(zlib, [2010, 2020, 2600]),
  ...ran(bash, [2010, 2020, 5020], "failed"),
  [5021, { type: "failure", target: bash, diagnostic: errors.noLogError(bash).diagnostic }],
  ...ran(strange, [2010, 2600, 3000]),
  moved(5022, rootfs, "skipped"),
  ended(5050, { built: 3, failed: 1, skipped: 1, restored: 1, "up-to-date": 4 }),
])

test("a run has its slot, its wait, its reason, its steps and its log", () => {
  expect(aBuild.runs.map(({ target, slot, waitedMs }) => [target.name, slot, waitedMs])).toEqual([
    ["musl", 0, 5],
    ["zlib", 0, 10],
    ["bash", 1, 10],
    [strange.name, 0, 590],
  ])
  expect(aBuild.runs[0]).toMatchObject({
    reason: "input src/musl changed",
    log: "log/musl.txt",
    steps: [
      { label: "configure", startMs: 11, endMs: 500 },
      { label: "make -j2", startMs: 500, endMs: 2010 },
    ],
  })
  expect(aBuild.restored).toEqual([{ target: kernel, startMs: 5, endMs: 60 }])
  expect(aBuild.critical.map(({ target }) => target.name)).toEqual(["musl", "bash"])
})

test("what runs again, or is interrupted, has its place, too", () => {
  const { runs, outcome, tookMs } = record([
    started(1),
    moved(0, musl, "ready"),
    moved(10, musl, "running"),
    moved(30, musl, "ready"),
    moved(40, musl, "running"),
    [50, { type: "progress", target: musl, fraction: 0.5, words: "" }],
  ])
  expect(runs.map(({ waitedMs }) => waitedMs)).toEqual([10, 10])
  expect(runs.map(({ startMs, endMs, outcome }) => [startMs, endMs, outcome])).toEqual([
    [10, 30, "again"],
    [40, 50, "cancelled"],
  ])
  expect([outcome, tookMs]).toEqual(["cancelled", 50])
})

test("what the engine does by itself takes no slot, and one comes after the other", () => {
  const [one, two, both] = [empty("one"), empty("two"), empty("both")]
  const does = (target: Target, [readyMs, startMs, endMs]: readonly [number, number, number]) => [
    moved(readyMs, target, "ready"),
    moved(startMs, target, "running", { isEngines: true }),
    moved(endMs, target, "built"),
  ]
  const build = record([
    started(1),
    ...does(one, [0, 1, 5]),
    ...does(two, [0, 2, 9]),
    ...ran(both, [0, 3, 8]),
    ended(10, { built: 3 }),
  ])
  expect(
    build.runs.map(({ target, slot, startMs, endMs, waitedMs }) => [target.name, slot, startMs, endMs, waitedMs]),
  ).toEqual([
    ["one", undefined, 1, 5, 0],
    ["both", 0, 3, 8, 3],
    ["two", undefined, 5, 9, 0],
  ])
  const events = eventsOf(traceOf(build))
  checkTrace(events)
  expect(events.filter(({ name }) => name === "thread_name").map(({ args }) => args.name)).toContain(
    "done by hashmake itself",
  )
})

test("an engine tells of what it writes by itself that it does", async () => {
  const own = target({ name: "own", outputs: { to: "out/own" }, run: (_, { to }) => write(to, "text") })
  const program = target({ name: "program", outputs: { to: "out/p" }, run: (_, { to }) => shell(`: >${to}`) })
  const { events } = await new Rig().build([own, program])
  const running = events.flatMap((event) => (event.type === "state" && event.state === "running" ? [event] : []))
  expect(Object.fromEntries(running.map(({ target, isEngines }) => [target.name, isEngines]))).toEqual({
    own: true,
    program: undefined,
  })
})

const intervals = fc.array(
  fc.record({ start: fc.integer({ min: 0, max: 50 }), lasts: fc.integer({ min: 1, max: 20 }) }),
  {
    maxLength: 30,
  },
)

test("no slot holds two runs at once, and there are as many as ever ran at once", () => {
  fc.assert(
    fc.property(intervals, (all) => {
      const { runs } = record(
        all
          .flatMap(({ start, lasts }, i) => ran(empty(`t${i}`), [start, start, start + lasts]))
          .sort(([a], [b]) => a - b),
      )
      const together = (at: number) => runs.filter(({ startMs, endMs }) => startMs <= at && at < endMs)
      const most = Math.max(0, ...runs.map(({ startMs }) => together(startMs).length))
      expect(runs).toHaveLength(all.length)
      for (const { startMs } of runs) {
        const slots = together(startMs).map(({ slot }) => slot ?? -1)
        expect(new Set(slots).size).toBe(slots.length)
        expect(Math.max(...slots)).toBeLessThan(most + 1)
      }
    }),
  )
})

test("the critical path is the longest of all chains of needs", () => {
  const graphs = fc.array(
    fc.record({
      ms: fc.integer({ min: 0, max: 9 }),
      needs: fc.array(fc.nat(20), { maxLength: 3 }),
      runs: fc.boolean(),
    }),
    { minLength: 1, maxLength: 9 },
  )
  fc.assert(
    fc.property(graphs, (all) => {
      const targets: Target[] = []
      const needs: number[][] = []
      all.forEach(({ needs: wanted }, i) => {
        needs.push([...new Set(wanted.filter((need) => need < i))])
        targets.push(
          empty(
            `t${i}`,
            needs[i]?.map((need) => targets[need] as Target),
          ),
        )
      })
      const costs = all.map(({ ms, runs }) => (runs ? ms : 0))
      const longest: number[] = []
      for (const [i, ms] of costs.entries())
        longest.push(ms + Math.max(0, ...(needs[i] ?? []).map((need) => longest[need] ?? 0)))
      const runs = all.flatMap(({ ms, runs }, i): Run[] =>
        runs ? [{ target: targets[i] as Target, startMs: 0, endMs: ms } as unknown as Run] : [],
      )
      // Of what has not run only what lies between runs can be known.
      const reached = runs.map(({ target }) => longest[targets.indexOf(target)] ?? 0)
      expect(criticalPath(runs).reduce((sum, { endMs }) => sum + endMs, 0)).toBe(Math.max(0, ...reached))
    }),
  )
})

interface TraceEvent {
  readonly ph: string
  readonly name: string
  readonly ts: number
  readonly tid: number
  readonly dur: number
  readonly id: number
  readonly args: Readonly<Record<string, unknown>>
}

const eventsOf = (trace: string): readonly TraceEvent[] => JSON.parse(trace).traceEvents

/** Holds a trace against the format's rules, and those that Perfetto adds: slices of a track nest; an arrow begins and ends in one. */
function checkTrace(events: readonly TraceEvent[]): void {
  const slices = events.filter(({ ph }) => ph === "X")
  const named = events.filter(({ name }) => name === "thread_name").map(({ tid }) => tid)
  for (const { ts, dur, tid, name } of slices) {
    expect([Number.isSafeInteger(ts), Number.isSafeInteger(dur) && dur >= 0, named.includes(tid)], name).toEqual([
      true,
      true,
      true,
    ])
    for (const other of slices.filter((one) => one.tid === tid && one.ts > ts && one.ts < ts + dur))
      expect(other.ts + other.dur, `${other.name} in ${name}`).toBeLessThanOrEqual(ts + dur)
  }
  const arrows = events.filter(({ ph }) => ph === "s" || ph === "f")
  for (const { tid, ts } of arrows)
    expect(slices.some((one) => one.tid === tid && one.ts <= ts && ts <= one.ts + one.dur)).toBe(true)
  const ids = (kind: string) => arrows.filter(({ ph }) => ph === kind).map(({ id }) => id)
  expect(ids("s")).toEqual(ids("f"))
  for (const { args } of events.filter(({ ph }) => ph === "C")) expect(args.actions).toBeGreaterThanOrEqual(0)
}

test("the trace has a track for each slot, the critical path, the store, and how many waited", () => {
  const events = eventsOf(traceOf(aBuild))
  checkTrace(events)
  expectGolden("trace", traceOf(aBuild))
  const waiting = events.filter(({ ph }) => ph === "C")
  expect(Math.max(...waiting.map(({ args }) => Number(args.actions)))).toBe(3)
  expect(waiting.at(-1)?.args.actions).toBe(0)
})

test("the trace of any build keeps the format's rules", () => {
  fc.assert(
    fc.property(intervals, (all) => {
      const happened = all.flatMap(({ start, lasts }, i) =>
        ran(empty(`t${i}`), [start / 2, start + 0.3, start + lasts + 0.7]),
      )
      checkTrace(eventsOf(traceOf(record([started(1), ...happened]))))
    }),
  )
})

const buildfile = `
import { buildfile, command, shell, source, target, tool } from ${JSON.stringify(join(checkout, "lib/mod.ts"))}
const core = tool({ name: "coreutils", programs: ["cat", "touch", "sleep"] })
export default buildfile({}, () => {
  const parts = ["a", "b", "c"].map((name) => target({ name, inputs: { from: source("src/" + name) }, outputs: { to: "out/" + name }, tools: [core],
    run: ({ from }, { to }) => shell("echo reading " + from + "; cat " + from + " >" + to) }))
  const app = target({ name: "app", inputs: { parts: parts.map((part) => part.outputs.to) }, outputs: { to: "out/app" }, tools: [core],
    run: ({ parts }, { to }) => shell("cat " + parts.join(" ") + " >" + to) })
  const bad = target({ name: "bad", inputs: { app: app.outputs.to }, outputs: { to: "out/bad" }, run: () => shell("echo 'no luck'; exit 3") })
  const slow = target({ name: "slow", outputs: { to: "out/slow" }, tools: [core], run: (_, { to }) => shell("touch " + to + "; sleep 1000") })
  return { app, bad, slow }
})
`

function project() {
  const rig = new Rig()
  rig.write("Buildfile.ts", buildfile)
  rig.write("package.json", '{ "type": "module" }')
  for (const name of ["a", "b", "c"]) rig.write(`src/${name}`, `${name}\n`)
  const env: NodeJS.ProcessEnv = { ...process.env, HASHMAKE_STORE: rig.store, NO_COLOR: "1" }
  const options = { cwd: rig.root, env }
  const run = (...words: string[]) =>
    spawnSync(process.execPath, [join(checkout, "bin/build.ts"), ...words], { ...options, encoding: "utf8" })
  const start = (...words: string[]) =>
    spawn(process.execPath, [join(checkout, "bin/build.ts"), ...words], {
      ...options,
      stdio: ["ignore", "ignore", "pipe"],
    })
  return { rig, env, run, start }
}

test("--trace and --report tell of a real build what ran, why, and what was restored", async () => {
  const { rig, run } = project()
  run("app")
  rig.write("src/b", "changed\n")
  run("clean", "a")
  const { status, stdout } = run("app", "bad", "-j2", "--trace", "of/trace.json", "--report=of/page.html")
  expect([status, stdout]).toEqual([1, ""])
  const events = eventsOf(rig.read("of/trace.json"))
  checkTrace(events)
  const about = Object.fromEntries(events.filter(({ ph }) => ph === "X").map(({ name, args }) => [name, args]))
  expect(about.b).toMatchObject({
    outcome: "built",
    why: "input src/b changed",
    "on the critical path": true,
    log: "log/b.txt",
  })
  expect(about.a).toEqual({ outcome: "restored" })
  expect(about.bad).toMatchObject({ outcome: "failed" })
  expect(about.c).toBeUndefined()
  const page = await opened(rig.path("of/page.html"))
  const text = await page.locator("body").innerText()
  expect(text).toContain("app bad: failed after")
  expect(text).toContain("1 up to date, 1 restored from the store")
  await page.getByText("b built").click()
  expect(await page.locator("#actions details[open]").innerText()).toMatch(/input src\/b changed[\s\S]*reading src\/b/)
})

test("a file that cannot be written is an error before anything runs", () => {
  const { rig, run } = project()
  rig.write("plain", "")
  const { status, stderr } = run("app", "--trace", "plain/trace.json")
  expect(status).toBe(2)
  expectGolden("trace-unwritable", stderr, [[rig.root, "WORKSPACE"]])
  expect(run("app", "--trace", "/proc/none/trace.json").stderr).toContain("`/proc/none/trace.json` cannot be written")
  expect(existsSync(rig.path("out"))).toBe(false)
})

test("a build that is interrupted leaves its trace and its page", async () => {
  const { rig, start } = project()
  const child = start("slow", "--trace", "trace.json", "--report", "page.html")
  await new Promise<void>((resolve) => child.stderr?.on("data", (piece) => String(piece).includes("slow") && resolve()))
  const status = new Promise((resolve) => child.once("exit", resolve))
  child.kill("SIGINT")
  expect(await status).toBe(130)
  const events = eventsOf(rig.read("trace.json"))
  expect(events.find(({ name, ph }) => ph === "X" && name === "slow")?.args.outcome).toBe("cancelled")
  expect(rig.read("page.html")).toContain("slow: interrupted after")
})

test("a build with nothing to do has a page that says so", async () => {
  const { rig, run } = project()
  run("app")
  run("app", "--report", "page.html")
  const page = await opened(rig.path("page.html"))
  expect(await page.locator("h2").allInnerTexts()).toEqual(["What did not have to run"])
  expect(await page.locator("main").innerText()).toContain("4 up to date, 0 restored")
})

test("a build that asks for none of this loads none of it", () => {
  const { rig, env } = project()
  const words = ["--import", join(checkout, "test/loaded.ts"), join(checkout, "bin/build.ts"), "app"]
  const { status } = spawnSync(process.execPath, words, { cwd: rig.root, env: { ...env, LOADED: rig.path("loaded") } })
  expect(status).toBe(0)
  const loaded = rig.read("loaded")
  expect(loaded).toContain("lib/report/console.ts")
  expect(
    loaded.match(
      /(query|compile-commands|picture|timeline|trace|page|html|explanation|explain|completion?|bin\/record|viz)[\w-]*\.[jt]s/g,
    ),
  ).toBeNull()
})

let browser: Browser
beforeAll(async () => {
  browser = await chromium.launch({ executablePath: "/usr/bin/chromium", timeout: 0 })
})
afterAll(() => browser.close())

/** A page in the browser. It must load nothing but itself, and complain of nothing. */
async function opened(path: string, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext(options)
  context.setDefaultTimeout(0)
  const page = await context.newPage()
  const complaints: string[] = []
  const asked: string[] = []
  page.on("console", (message) => complaints.push(message.text()))
  page.on("pageerror", (error) => complaints.push(error.message))
  page.on("request", (request) => asked.push(request.url()))
  await page.goto(pathToFileURL(path).href)
  onTestFinished(async () => {
    await context.close()
    expect(complaints).toEqual([])
    expect(asked).toEqual([pathToFileURL(path).href])
  })
  return page
}

const logOf = (log: string): readonly string[] => [
  `the log of ${log}`,
  "\x1b[31merror:\x1b[0m undefined symbol",
  "</pre></script><script>window.ill = 1</script>",
]

/** The page of the build that never was. */
async function aPage(options: BrowserContextOptions = {}): Promise<Page> {
  const rig = new Rig()
  writeFileSync(rig.path("page.html"), (await import("../lib/report/page.ts")).pageOf(aBuild, "rootfs", logOf))
  return opened(rig.path("page.html"), options)
}

test("the page needs nothing besides itself, and what actions are called or say stays text", async () => {
  const page = await aPage()
  const text = await page.locator("body").innerText()
  expect(text).toContain(strange.name)
  await page.locator("#action-2 summary").click()
  expect(await page.locator("#action-2 pre").innerText()).toBe(
    "the log of log/zlib.txt\nerror: undefined symbol\n</pre></script><script>window.ill = 1</script>",
  )
  expect(await page.evaluate("window.ill")).toBeUndefined()
  const policy = await page.locator("meta[http-equiv]").getAttribute("content")
  expect(policy).toContain("default-src 'none'")
})

test("of very many runs the longest are on the page, the critical path, and when else a slot was busy", async () => {
  const [first, short] = [empty("first"), empty("short")]
  const needy = empty("needy", [short])
  const many = Array.from({ length: 2500 }, (_, i) => ran(empty(`t${i}`), [0, 10 * i + 100, 10 * i + 108])).flat()
  const path = [...ran(first, [0, 0, 50]), ...ran(short, [50, 60, 61]), ...ran(needy, [61, 30_000, 90_000])]
  const page = (await import("../lib/report/page.ts")).pageOf(
    record([started(1), ...path, ...many, ended(90_000, { built: 2503 })]),
    "all",
    () => [],
  )
  expect(page).toContain("The 2001 longest of 2503 runs")
  expect(page.match(/<a class="bar built critical"/g)).toHaveLength(2)
  expect(page.match(/class="busy"/g)?.length).toBeLessThan(1000)
})

test("what hashmake did by itself has a lane of its own", async () => {
  const copied = empty("copied")
  const happened = [
    moved(0, copied, "ready"),
    moved(1, copied, "running", { isEngines: true }),
    moved(5, copied, "built"),
  ]
  const page = (await import("../lib/report/page.ts")).pageOf(
    record([started(1), ...happened, ...ran(musl, [0, 2, 8])]),
    "all",
    () => [],
  )
  expect([...page.matchAll(/class="lane" aria-label="([^"]*)"/g)].map(([, name]) => name)).toEqual([
    "slot 1",
    "hashmake",
  ])
  expect(page).toContain("none: hashmake did it by itself")
})

test("a screen reader is told all of it", async () => {
  const page = await aPage()
  await page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
  expectGolden("page-aria", await page.locator("body").ariaSnapshot())
})

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8")

test("in light and in dark, axe finds nothing that keeps anyone out", async () => {
  const grounds: string[] = []
  for (const colorScheme of ["light", "dark"] as const) {
    const page = await aPage({ colorScheme })
    await page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    await page.evaluate(axe)
    const { violations, passes } = (await page.evaluate("axe.run()")) as {
      violations: object[]
      passes: { id: string }[]
    }
    expect(violations).toEqual([])
    expect(passes.map(({ id }) => id)).toContain("color-contrast")
    grounds.push(await page.evaluate("getComputedStyle(document.body).backgroundColor"))
  }
  expect(grounds).toEqual(["rgb(255, 255, 255)", "rgb(21, 24, 28)"])
})

test("bars lie where and as long as their runs did", async () => {
  const page = await aPage({ viewport: { width: 1200, height: 900 } })
  const area = await page.locator(".lane").first().boundingBox()
  for (const [i, run] of aBuild.runs.entries()) {
    const box = await page.locator(`.bar[href="#action-${i + 1}"]`).boundingBox()
    const width = area?.width ?? 0
    expect((box?.x ?? 0) - (area?.x ?? 0), run.target.name).toBeCloseTo((width * run.startMs) / aBuild.tookMs, 0)
    expect(box?.width, run.target.name).toBeCloseTo((width * (run.endMs - run.startMs)) / aBuild.tookMs, 0)
  }
})

test("with the keyboard alone one gets to a bar, along the slots, and to what is known of it", async () => {
  const page = await aPage()
  const focused = () =>
    page.evaluate(
      "document.activeElement.getAttribute('aria-label') ?? document.activeElement.innerText",
    ) as Promise<string>
  const names: string[] = []
  for (let i = 0; i < 30 && !names.at(-1)?.startsWith("musl, built"); i++) {
    await page.keyboard.press("Tab")
    names.push(await focused())
  }
  expect(names.at(-1)).toBe("musl, built, 2.0 s, on the critical path")
  const keys = [
    ["ArrowRight", "zlib"],
    ["ArrowDown", "bash"],
    ["ArrowUp", "zlib"],
    ["End", "<img"],
    ["Home", "musl"],
    ["ArrowLeft", "musl"],
    ["ArrowDown", "bash"],
  ] as const
  for (const [key, name] of keys) {
    await page.keyboard.press(key)
    expect(await focused(), key).toContain(name)
  }
  await page.keyboard.press("Enter")
  expect(await focused()).toContain("bash failed")
  expect(await page.locator("#action-3").getAttribute("open")).toBe("")
  // Only one bar takes part in the order of Tab, the one that was looked at last.
  expect(await page.locator(".bar[tabindex='0']").getAttribute("href")).toBe("#action-3")
})

test("the filter leaves what has all its words, and says how many", async () => {
  const page = await aPage()
  await page.getByLabel("Filter").fill("critical changed")
  expect(await page.locator("#actions details:visible").count()).toBe(2)
  expect(await page.getByRole("status").innerText()).toBe("2 of 4 shown")
  await page.getByLabel("Filter").fill("")
  expect(await page.locator("#actions details:visible").count()).toBe(4)
})

test("zoom makes the timeline wider, and no page is wider than its window", async () => {
  const page = await aPage({ viewport: { width: 320, height: 600 } })
  const widths = () =>
    page.evaluate("[document.querySelector('.inner').offsetWidth, document.documentElement.scrollWidth]") as Promise<
      number[]
    >
  const [before = 0, whole] = await widths()
  await page.getByLabel("Zoom").fill("8")
  const [after = 0, wholeAfter] = await widths()
  expect(after).toBeGreaterThan(before)
  expect([whole, wholeAfter]).toEqual([320, 320])
})

test("without JavaScript all is there, but for what it would do", async () => {
  const page = await aPage({ javaScriptEnabled: false })
  expect(await page.getByLabel("Filter").isVisible()).toBe(false)
  await page.locator("#action-1 summary").click()
  expect(await page.locator("#action-1").innerText()).toContain("the log of log/musl.txt")
})
