// Imported before an engine: kills its process, as kill -9 does, just before the nth change that it makes to a file system. With
// TORTURE_TORN, a write is cut in half first. Every change goes through the synchronous functions of node:fs.

import fs from "node:fs"
import { syncBuiltinESMExports } from "node:module"

const dieAt = Number(process.env.TORTURE_DIE_AT)
const isTorn = process.env.TORTURE_TORN === "1"
const changing = [
  "appendFileSync chmodSync copyFileSync fsyncSync ftruncateSync linkSync lutimesSync mkdirSync openSync renameSync",
  "rmSync rmdirSync symlinkSync truncateSync unlinkSync utimesSync writeFileSync writeSync",
].flatMap((names) => names.split(" ")) as (keyof typeof fs)[]

type Call = (...args: unknown[]) => unknown
let changes = 0

for (const name of changing) {
  const real = fs[name] as Call
  const counted: Call = (...args) => {
    if (changes++ !== dieAt) return real(...args)
    if (isTorn && /^(write|append)/.test(name)) real(...args.map(half))
    process.kill(process.pid, "SIGKILL")
    return undefined
  }
  Object.assign(fs, { [name]: counted })
}
syncBuiltinESMExports()

function half(argument: unknown): unknown {
  if (argument instanceof Uint8Array) return argument.subarray(0, argument.length >> 1)
  return typeof argument === "string" && !argument.startsWith("/") ? argument.slice(0, argument.length >> 1) : argument
}
