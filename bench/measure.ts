// What a command takes: wall time, CPU time and memory. measure.c asks the kernel, which counts every descendant that was
// waited for; servers that a tool leaves running are no descendants: they are known by a variable in their environment, and
// what they used meanwhile is added.

import { spawn, spawnSync } from "node:child_process"
import { randomUUID } from "node:crypto"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { ifThere } from "../lib/base/files.ts"

/** What one run took. Memory is the most that one process had, or all servers together if that is more. */
export interface Figures {
  readonly wallSeconds: number
  readonly cpuSeconds: number
  readonly memoryBytes: number
}

/** A run's figures, and when it started, in ns since 1970. */
export interface Measured extends Figures {
  readonly startedNs: bigint
}

/** A command as it is started. */
export interface Call {
  readonly argv: readonly string[]
  readonly directory: string
  readonly environment: Readonly<Record<string, string>>
}

const mark = `HASHMAKE_BENCH=${randomUUID()}:`
/** What takes longer is given up, in s. */
const limitSeconds = 3600
const clockTicks = 100
const pageBytes = 4096

/** Compiles a C file of this directory. Throws an Error with what the compiler says. */
export function compile(name: string, program: string, defines: readonly string[] = []): void {
  run({
    argv: ["cc", "-O2", ...defines.map((one) => `-D${one}`), "-o", program, join(import.meta.dirname, name)],
    directory: import.meta.dirname,
    environment: {},
  })
}

/** Runs a command, unmeasured. Throws an Error with the end of what it wrote if it fails or takes too long. */
export function run(call: Call): string {
  const { argv, directory } = call
  // timeout ends the whole process group; spawnSync would end one process.
  const { stdout, stderr, status, error } = spawnSync("timeout", ["--kill-after=5", String(limitSeconds), ...argv], {
    cwd: directory,
    env: environmentOf(call),
    encoding: "utf8",
    maxBuffer: 1 << 30,
    stdio: ["ignore", "pipe", "pipe"],
  })
  if (status === 124) throw new Error(`took longer than ${limitSeconds} s`)
  if (status !== 0)
    throw new Error(`${argv.join(" ").slice(0, 200)}: ${error ?? status}\n${(stdout + stderr).slice(-3000)}`)
  return stdout
}

/** What npm tells a script of its own package: a runner from npm would take that package for the one to build. */
const isNpms = (name: string): boolean => name.startsWith("npm_")

/** The environment of everything that the benchmark starts. */
export const environmentOf = ({ environment, directory }: Call): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !isNpms(name))),
  NO_COLOR: "1",
  ...environment,
  ...Object.fromEntries([`${mark}${directory}`.split("=")]),
})

/** Runs a command by the compiled measure.c in `scratch`. Throws an Error if it fails. */
export function measure(call: Call, scratch: string): Measured {
  const file = join(scratch, "figures")
  const before = serverSeconds(call)
  run({ ...call, argv: [join(scratch, "measure"), file, ...call.argv] })
  const [started = "0", wall = 0, cpu = 0, memory = 0] = readFileSync(file, "utf8").trim().split(" ")
  return {
    startedNs: BigInt(started),
    wallSeconds: Number(wall) / 1e9,
    cpuSeconds: Number(cpu) / 1e6 + Math.max(0, serverSeconds(call) - before),
    memoryBytes: Math.max(Number(memory) * 1024, serverBytes(call)),
  }
}

/** The processes that tools have left running, in a directory or in any. */
const servers = (directory?: string): readonly string[] => {
  const marked = directory === undefined ? mark : `${mark}${directory}\0`
  const isMarked = (pid: string) =>
    unlessGone(() => `${readFileSync(`/proc/${pid}/environ`, "latin1")}\0`.includes(marked))
  return readdirSync("/proc").filter((pid) => /^\d+$/.test(pid) && isMarked(pid) === true)
}

const serverSeconds = ({ directory }: Call): number =>
  sum(servers(directory).map((pid) => sum(statOf(pid).slice(11, 15).map(Number)) / clockTicks))

const serverBytes = ({ directory }: Call): number =>
  sum(servers(directory).map((pid) => Number(statOf(pid)[21] ?? 0) * pageBytes))

/** The fields of /proc/PID/stat after the program's name, which may hold blanks. */
const statOf = (pid: string): readonly string[] =>
  (unlessGone(() => readFileSync(`/proc/${pid}/stat`, "utf8")) ?? "").replace(/^.*\) /s, "").split(" ")

function unlessGone<T>(read: () => T): T | undefined {
  try {
    return ifThere(read)
  } catch {
    return undefined // it ended between the question and the answer, or is another user's
  }
}

/** Ends what tools have left running. */
export function endServers(): void {
  for (const pid of servers()) unlessGone(() => process.kill(Number(pid), "SIGKILL"))
}

/** Once this process has ended, however it did, everything that it has started ends, and `scratch` is removed. */
export function cleanAfterwards(scratch: string): void {
  const script = [
    'while kill -0 "$1" 2>&-; do sleep 1; done',
    'for file in $(grep -slF "$2" /proc/[0-9]*/environ); do file=${file%/environ}; kill -9 "${file#/proc/}"; done',
    'rm -rf "$3"',
  ].join("\n")
  const words = ["-c", script, "sh", String(process.pid), mark, scratch]
  spawn("sh", words, { detached: true, stdio: "ignore" }).unref()
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

/** The middle one; of an even number, the higher of the two. */
export const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0
