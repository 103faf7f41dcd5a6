// Where Debian keeps the original archive of a source package. Asked through a private apt configuration, derived from the
// system's own: the same servers and keys, source packages of the suite that a recipe names. Needs no root.

import { mkdirSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { ifThere, readIfThere, writeWhole } from "../base/files.ts"
import { tryLock } from "../base/lock.ts"
import type { Running } from "../graph/running.ts"
import { Refused } from "./fetch.ts"
import type { Location } from "./location.ts"

type Debian = Extract<Location, { kind: "debian" }>

/** Index files older than this (in ms) are asked for again. */
const freshMs = 24 * 3600_000
const pollMs = 200

/** What is needed to ask: a directory that stays, and a way to start programs. */
export type Asking = Pick<Running, "keep" | "signal" | "progress" | "start">

/**
 * The address of the original with the location's digest. Throws Refused, which says what there is instead, or an Error that says why
 * Debian cannot be asked.
 */
export const debianAddress = (location: Debian, running: Asking): Promise<string> =>
  alone(location.suite, running, async (directory) => {
    const { package: name, suite } = location
    const known = isFresh(directory) ? await address(location, directory, running) : undefined
    if (known !== undefined) return known
    await update(suite, directory, running)
    const found = await address(location, directory, running)
    if (found !== undefined) return found
    const there = (await versions([name], directory, running)).flatMap(({ files }) => files).filter(isOriginal)
    if (there.length === 0) throw new Refused(`${suite} has no source package of this name`)
    const listed = there.map(({ name, digest }) => `${name}, SHA-256 ${digest}`)
    throw new Refused(`${suite} has ${[...new Set(listed)].join("\n")}`)
  })

/** One version of a source package, with its files. */
export interface DebianSource {
  readonly package: string
  readonly version: string
  readonly files: readonly DebianFile[]
}

interface DebianFile {
  readonly name: string
  readonly digest: string
}

/** What was not made for Debian: neither a description, nor its own part or changes, nor a signature. */
const isOriginal = ({ name }: DebianFile): boolean => !/\.(dsc|asc|debian\.tar\.\w+|diff\.gz)$/.test(name)

/** Every version of these source packages in a suite. Throws an Error that says why it cannot be asked. */
export const debianSources = (
  suite: string,
  names: readonly string[],
  running: Asking,
): Promise<readonly DebianSource[]> =>
  alone(suite, running, async (directory) => {
    if (!isFresh(directory) || !hasIndex(directory)) await update(suite, directory, running)
    return versions(names, directory, running)
  })

async function versions(
  names: readonly string[],
  directory: string,
  running: Asking,
): Promise<readonly DebianSource[]> {
  const { text } = await apt(["showsrc", "--only-source", ...names], directory, running, "apt-cache")
  return text.split(/\n\s*\n/).flatMap(sourceOf)
}

function sourceOf(stanza: string): readonly DebianSource[] {
  const fields = parseStanza(stanza)
  const [name, version] = [fields.get("Package"), fields.get("Version")]
  if (name === undefined || version === undefined) return []
  const lines = (fields.get("Checksums-Sha256") ?? "").matchAll(/\b([0-9a-f]{64}) \d+ (\S+)/g)
  return [{ package: name, version, files: [...lines].map(([, digest = "", name = ""]) => ({ name, digest })) }]
}

/** Works in a suite's directory while no other engine does. */
async function alone<T>(suite: string, running: Asking, work: (directory: string) => Promise<T>): Promise<T> {
  const directory = join(running.keep, "apt", suite)
  mkdirSync(directory, { recursive: true })
  for (let held = await tryLock(join(directory, "lock")); ; held = await tryLock(join(directory, "lock"))) {
    if (typeof held !== "function") {
      await sleep(pollMs, undefined, { signal: running.signal })
      continue
    }
    try {
      return await work(directory)
    } finally {
      held()
    }
  }
}

const stampIn = (directory: string): string => join(directory, "updated")
const isFresh = (directory: string): boolean => Date.now() - Number(readIfThere(stampIn(directory)) ?? 0) < freshMs

const hasIndex = (directory: string): boolean =>
  (ifThere(() => readdirSync(join(directory, "state", "lists"))) ?? []).some((name) => name.includes("_Sources"))

async function update(suite: string, directory: string, running: Asking): Promise<void> {
  configure(suite, directory)
  running.progress(undefined, `the index of Debian ${suite}`)
  const { status, text } = await apt(["update"], directory, running)
  if (status !== 0) throw new Error(`apt-get update exited with ${status}: ${text.trim().split("\n").at(-1)}`)
  // Not every index that cannot be had makes apt-get fail.
  if (!hasIndex(directory)) throw new Error("its index cannot be had")
  writeWhole(stampIn(directory), String(Date.now()))
}

/** apt-get prints 'ADDRESS' FILE SIZE SHA256:DIGEST for every file of every version that it is asked for. */
async function address(
  { package: name, digest }: Debian,
  directory: string,
  running: Asking,
): Promise<string | undefined> {
  const all = await versions([name], directory, running)
  const having = all.find(({ files }) => files.some((file) => file.digest === digest))
  if (having === undefined) return undefined
  const words = ["source", "--print-uris", "--only-source", `${name}=${having.version}`]
  const { text } = await apt(words, directory, running)
  const found = text.split("\n").find((line) => line.endsWith(`SHA256:${digest}`))
  return /^'([^']+)'/.exec(found ?? "")?.[1]
}

async function apt(
  args: readonly string[],
  directory: string,
  running: Asking,
  program = "apt-get",
): Promise<{ status: number | null; text: string }> {
  const environment = { APT_CONFIG: join(directory, "apt.conf") }
  const { output, status, end } = running.start([program, "-q", ...args], { environment, capture: true })
  end()
  let text = ""
  for await (const piece of output) text += piece
  return { status: await status, text }
}

function configure(suite: string, directory: string): void {
  for (const below of ["state/lists/partial", "cache/archives/partial", "sources.d"])
    mkdirSync(join(directory, below), { recursive: true })
  const stanzas = systemStanzas()
    .map((stanza) => sourceStanza(stanza, suite))
    .filter((stanza) => stanza !== undefined)
  if (stanzas.length === 0) throw new Error("this system has no Debian archive configured")
  writeWhole(join(directory, "sources.d", "debian.sources"), `${[...new Set(stanzas)].join("\n\n")}\n`)
  writeWhole(
    join(directory, "apt.conf"),
    [
      `Dir::Etc::sourcelist "/dev/null";`,
      `Dir::Etc::sourceparts "${join(directory, "sources.d")}";`,
      `Dir::State "${join(directory, "state")}";`,
      `Dir::State::status "/dev/null";`,
      `Dir::Cache "${join(directory, "cache")}";`,
      `APT::Sandbox::User "root";`,
      `Acquire::Languages "none";`,
      "",
    ].join("\n"),
  )
}

type Stanza = ReadonlyMap<string, string>

/** The system's archives: deb822 files, and one-line entries turned into the same. */
function systemStanzas(): readonly Stanza[] {
  const parts = "/etc/apt/sources.list.d"
  const names = (ifThere(() => readdirSync(parts)) ?? []).sort()
  const deb822 = names
    .filter((name) => name.endsWith(".sources"))
    .flatMap((name) => readFileSync(join(parts, name), "utf8").split(/\n\s*\n/))
  const lists = [
    ...names.filter((name) => name.endsWith(".list")).map((name) => join(parts, name)),
    "/etc/apt/sources.list",
  ]
  const lines = lists.flatMap((path) => (readIfThere(path) ?? "").split("\n"))
  return [...deb822.map(parseStanza), ...lines.map(parseLine)].filter((stanza) => stanza.has("URIs"))
}

const parseStanza = (text: string): Stanza =>
  new Map(
    [...text.matchAll(/^([\w-]+):[ \t]*(.*(?:\n[ \t].*)*)$/gm)].map(([, field = "", value = ""]) => [field, value]),
  )

function parseLine(line: string): Stanza {
  const [, options = "", uri, suite = ""] = /^deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)/.exec(line) ?? []
  if (uri === undefined) return new Map()
  const signedBy = /signed-by=(\S+)/.exec(options)?.[1]
  return new Map([
    ["URIs", uri],
    ["Suites", suite],
    ...(signedBy === undefined ? [] : [["Signed-By", signedBy] as const]),
  ])
}

/** The same archive with the source packages of another suite; sid has neither updates nor security. */
function sourceStanza(stanza: Stanza, suite: string): string | undefined {
  const suites = (stanza.get("Suites") ?? "").split(/\s+/)
  const isSecurity = suites.some((name) => name.endsWith("-security"))
  if (isSecurity && suite === "sid") return undefined
  const wanted = isSecurity ? `${suite}-security` : suite === "sid" ? suite : `${suite} ${suite}-updates`
  const signedBy = stanza.get("Signed-By")
  const lines = ["Types: deb-src", `URIs: ${stanza.get("URIs")}`, `Suites: ${wanted}`, "Components: main"]
  if (signedBy !== undefined) lines.push(`Signed-By: ${signedBy}`)
  if (suite === "sid") lines.push("Check-Valid-Until: no")
  return lines.join("\n")
}
