// Engines in processes of their own: one that builds a project, the real command in a project's Buildfile, and what is left of
// them when they are gone.

import { type ChildProcess, spawn } from "node:child_process"
import { existsSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import type { BuildEvent } from "../../lib/mod.ts"
import type { Asked } from "./engine.ts"
import type { Project } from "./model.ts"
import { environmentName } from "./project.ts"
import { type How, type Told, toldBy, type World } from "./world.ts"

const here = import.meta.dirname
const checkout = join(here, "../..")

/** A started engine. */
export interface Started {
  readonly process: ChildProcess
  readonly exit: Promise<{ readonly status: number | null; readonly signal: NodeJS.Signals | null }>
  /** What it has told so far. */
  readonly told: () => ReturnType<typeof toldBy>
  readonly errors: () => string
}

/** Starts an engine that builds a project; `dieAt`: the change to a file system at which it is killed. */
export function startEngine(
  world: World,
  project: Project,
  { slots = 2, sandbox = "bwrap", dieAt, isTorn = false }: How & { dieAt?: number; isTorn?: boolean } = {},
): Started {
  const path = join(world.directory, "asked.json")
  const { directory, root, store } = world
  const asked: Asked = { place: { directory, root, store }, project, how: { slots, sandbox } }
  writeFileSync(path, JSON.stringify(asked))
  const dying = dieAt === undefined ? [] : ["--import", join(here, "die.ts")]
  const environment = { TORTURE_DIE_AT: String(dieAt), TORTURE_TORN: isTorn ? "1" : "0" }
  return started(
    spawn(process.execPath, [...dying, join(here, "engine.ts"), path], { env: { ...process.env, ...environment } }),
  )
}

/** Starts the command in a world, with the project as its Buildfile and more words than that needs. */
export function startCommand(
  world: World,
  project: Project,
  { slots = 2, sandbox = "bwrap" }: How = {},
  more: readonly string[] = [],
): Started {
  writeBuildfile(world, project)
  const words = ["all", "--json", "-k", `-j${slots}`, `--sandbox=${sandbox}`, `MODE=${project.variable}`, ...more]
  const { [environmentName]: _, ...environment } = process.env
  const env = {
    ...environment,
    PATH: `${process.env.PATH}:${join(world.directory, "tools")}`,
    HASHMAKE_STORE: world.store,
    XDG_RUNTIME_DIR: world.directory,
    ...(project.environment === undefined ? {} : { [environmentName]: project.environment }),
  }
  return started(spawn(process.execPath, [join(checkout, "bin/build.ts"), ...words], { cwd: world.root, env }))
}

/** Only what a person would write there: contents, environment and variables are read when it is evaluated. */
function writeBuildfile(world: World, { actions, wanted }: Project): void {
  const project = { sources: [], actions, variable: "one", rule: "", shared: "", tool: "", wanted }
  const lines = [
    'import { code } from "./rules/rule.ts"',
    `import { buildfileOf } from ${JSON.stringify(join(here, "project.ts"))}`,
    `const project = ${JSON.stringify(project)}`,
    "export default buildfileOf(project, import.meta.dirname, () => code)",
  ]
  const text = `${lines.join("\n")}\n`
  const path = world.path("Buildfile.ts")
  if (!existsSync(path) || readFileSync(path, "utf8") !== text) writeFileSync(path, text)
}

function started(child: ChildProcess): Started {
  let said = ""
  let errors = ""
  child.stdout?.setEncoding("utf8").on("data", (piece: string) => (said += piece))
  child.stderr?.setEncoding("utf8").on("data", (piece: string) => (errors += piece))
  const exit = new Promise<{ status: number | null; signal: NodeJS.Signals | null }>((resolve) =>
    child.once("close", (status, signal) => resolve({ status, signal })),
  )
  const lines = () => said.split("\n").slice(0, -1)
  return { process: child, exit, told: () => toldBy(lines().map(eventOf)), errors: () => errors }
}

/** An event from its line; of a target only the name is known. */
function eventOf(line: string): BuildEvent {
  const record = JSON.parse(line) as { target?: string }
  return (record.target === undefined ? record : { ...record, target: { name: record.target } }) as BuildEvent
}

/** Runs the command to its end. */
export async function runCommand(world: World, project: Project, how: How = {}): Promise<Told> {
  const { exit, told, errors } = startCommand(world, project, how)
  const { status } = await exit
  const all = told()
  const ended = all.events.find((event) => event.type === "build-ended")
  if (ended?.type !== "build-ended") throw new Error(`the command ended with ${status}: ${errors()}`)
  return { ...all, outcome: ended.outcome, counts: ended.counts, failures: [] }
}

/** Waits until nothing runs any more that has to do with a directory. Throws if something stays. */
export async function noneLeft(directory: string): Promise<void> {
  for (let tries = 0; processesOf(directory).length > 0; tries++) {
    if (tries > 1000) throw new Error(`left behind: ${processesOf(directory).join("; ")}`)
    await sleep(20)
  }
}

/** Processes that work in a directory, or are told of it. */
export const processesOf = (directory: string): string[] =>
  readdirSync("/proc")
    .filter((pid) => /^\d+$/.test(pid) && pid !== String(process.pid))
    .map(
      (pid) =>
        `${pid} ${ofProcess(() => readFileSync(`/proc/${pid}/cmdline`, "utf8"))} ${ofProcess(() => readlinkSync(`/proc/${pid}/cwd`))}`,
    )
    .filter((text) => text.includes(directory))

function ofProcess(read: () => string): string {
  try {
    return read()
  } catch {
    return ""
  }
}
