// Downloads: upstream's address, then the mirrors that the user named, then Debian's source package. What arrives is compared
// with its digest before anything sees it. A download that was cut short goes on where it stopped.

import { copyFileSync, createWriteStream, readdirSync, renameSync, unlinkSync } from "node:fs"
import { basename, join } from "node:path"
import { finished } from "node:stream/promises"
import { setTimeout as sleep } from "node:timers/promises"
import { type Digest, digestFile } from "../base/digest.ts"
import { errorCode, ifThere, statIfThere } from "../base/files.ts"
import { downloadError, wrongDigestError, wrongDigestNotice } from "../graph/errors.ts"
import type { Running } from "../graph/running.ts"
import { debianAddress } from "./debian.ts"
import { Refused } from "./fetch.ts"
import type { Location } from "./location.ts"

/** The module that keys a download. */
export const downloadModule = import.meta.url

const attempts = 3
const connectMs = 15_000
/** A transfer that brings nothing for this long is given up. */
const stallMs = 60_000
const pauseMs = 1000

/** Hosts that could not be reached: the next file need not wait for them again. */
const unreachable = new Set<string>()

/** Puts the archive at `output`, from the store or from the first location that has it. Throws a BuildError if none has. */
export async function download(
  name: string,
  locations: readonly Location[],
  output: string,
  running: Running,
): Promise<void> {
  const stored = locations.map(({ digest }) => running.stored(digest)).find((path) => path !== undefined)
  if (stored !== undefined) return copyFileSync(stored, output)
  const tried: Tried[] = []
  for (const candidate of candidatesOf(locations)) {
    running.signal.throwIfAborted()
    const failed = await tryOne(candidate, output, running)
    if (failed === undefined) {
      for (const { label, wrong } of tried) if (wrong !== undefined) running.notice(wrongDigestNotice(name, label))
      return
    }
    running.log(`${candidate.label}: ${failed.why}`)
    tried.push(failed)
  }
  // What is kept aside is what came last.
  const wrong = tried.findLast(({ wrong }) => wrong !== undefined)
  const others = tried.filter((one) => one !== wrong).map(({ label, why }) => [label, why] as const)
  if (wrong?.wrong !== undefined) throw wrongDigestError(name, { from: wrong.label, ...wrong.wrong }, others)
  throw downloadError(name, others, !tried.every(({ isRefused }) => isRefused))
}

/** A location that did not have the file. */
interface Tried {
  readonly label: string
  readonly why: string
  /** It has answered. */
  readonly isRefused: boolean
  /** What it gave in its place. */
  readonly wrong?: { readonly expected: Digest; readonly actual: Digest; readonly kept: string }
}

/** Puts the archive at `output`, if the location has it; another file is kept aside. */
async function tryOne(
  { label, digest, address }: Candidate,
  output: string,
  running: Running,
): Promise<Tried | undefined> {
  const part = join(running.keep, `${digest}.part`)
  running.progress(undefined, label)
  try {
    await fetchTo(await address(running), part, running)
  } catch (thrown) {
    if (running.signal.aborted) throw thrown
    return { label, why: (thrown as Error).message, isRefused: thrown instanceof Refused }
  }
  const actual = digestFile(part, statIfThere(part)?.size ?? 0)
  if (actual === digest) {
    renameSync(part, output)
    return undefined
  }
  const kept = part.replace(/part$/, "wrong")
  renameSync(part, kept)
  return { label, why: `another file: SHA-256 ${actual}`, isRefused: true, wrong: { expected: digest, actual, kept } }
}

interface Candidate {
  readonly label: string
  readonly digest: Digest
  /** A URL, or a path of this machine. */
  address(running: Running): Promise<string>
}

/** Upstream first, then the mirrors, then Debian; see `HASHMAKE_MIRRORS` in doc/recipes.md. */
function candidatesOf(locations: readonly Location[]): Candidate[] {
  const upstream = locations.flatMap((location) =>
    location.kind === "url"
      ? [{ label: location.url, digest: location.digest, address: async () => location.url }]
      : [],
  )
  const mirrors = (process.env.HASHMAKE_MIRRORS ?? "").split(/[\s,]+/).filter(Boolean)
  const mirrored = mirrors.flatMap((mirror) => locations.flatMap((location) => onMirror(mirror, location)))
  const debian = locations.flatMap((location) =>
    location.kind === "debian"
      ? [
          {
            label: `Debian ${location.suite}: ${location.package}`,
            digest: location.digest,
            address: (running: Running) => debianAddress(location, running),
          },
        ]
      : [],
  )
  return [...upstream, ...mirrored, ...debian]
}

function onMirror(mirror: string, location: Location): Candidate[] {
  const { digest } = location
  if (/^https?:/.test(mirror)) {
    if (location.kind === "debian") return []
    const address = `${mirror.replace(/\/$/, "")}/${basename(new URL(location.url).pathname)}`
    return [{ label: address, digest, address: async () => address }]
  }
  const names = ifThere(() => readdirSync(mirror)) ?? []
  const fits = (name: string) =>
    location.kind === "url"
      ? name === basename(location.url)
      : name.startsWith(`${location.package}_`) && name.includes(".orig")
  return names
    .filter(
      (name) => fits(name) && digestFile(join(mirror, name), statIfThere(join(mirror, name))?.size ?? 0) === digest,
    )
    .map((name) => ({ label: join(mirror, name), digest, address: async () => join(mirror, name) }))
}

async function fetchTo(address: string, part: string, running: Running): Promise<void> {
  if (address.startsWith("/")) return copyFileSync(address, part)
  const { host } = new URL(address)
  if (unreachable.has(host)) throw new Error("its host could not be reached a moment ago")
  for (let attempt = 1; ; attempt++) {
    try {
      return await transfer(address, part, running)
    } catch (thrown) {
      const refusal = thrown as Error
      if (running.signal.aborted || refusal instanceof Refused) throw refusal
      const code = errorCode(refusal.cause) ?? refusal.message
      if (
        ["ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ENETUNREACH", "UND_ERR_CONNECT_TIMEOUT"].includes(code) ||
        refusal.name === "TimeoutError"
      ) {
        unreachable.add(host)
        throw new Error(`its host cannot be reached (${code})`)
      }
      if (attempt === attempts) throw new Error(`${code}, ${attempts} times`)
      running.log(`${address}: ${code}; trying again`)
      await sleep(pauseMs * 2 ** attempt, undefined, { signal: running.signal })
    }
  }
}

async function transfer(address: string, part: string, { signal, progress }: Running): Promise<void> {
  const have = statIfThere(part)?.size ?? 0
  const stalled = new AbortController()
  let stall = setTimeout(() => stalled.abort(new DOMException("no answer", "TimeoutError")), connectMs)
  try {
    const headers: Record<string, string> = have > 0 ? { range: `bytes=${have}-` } : {}
    const response = await fetch(address, {
      headers,
      redirect: "follow",
      signal: AbortSignal.any([signal, stalled.signal]),
    })
    if (response.status === 416) {
      unlinkSync(part)
      throw new Error("what was there already is longer than the file")
    }
    if (!response.ok || response.body === null) throw new Refused(`the server answered ${response.status}`)
    const resumed = response.status === 206
    let bytes = resumed ? have : 0
    const whole = bytes + Number(response.headers.get("content-length") ?? 0)
    const file = createWriteStream(part, { flags: resumed ? "a" : "w" })
    try {
      for await (const piece of response.body) {
        clearTimeout(stall)
        stall = setTimeout(() => stalled.abort(new Error("stalled")), stallMs)
        bytes += piece.length
        if (!file.write(piece)) await new Promise((resolve) => file.once("drain", resolve))
        progress(whole > 0 ? bytes / whole : undefined, `${(bytes / 1e6).toFixed(1)} MB`)
      }
    } finally {
      file.end()
      await finished(file)
    }
    if (whole > bytes) throw new Error("the connection ended early")
  } finally {
    clearTimeout(stall)
  }
}
