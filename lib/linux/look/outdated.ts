// Which recipes have a newer version: in Debian, which is asked by the system's own apt configuration, and upstream, where it can be
// reached. Asked anew each time; an index of Debian's is good for a day.

import { compareVersions, partsOf } from "../../base/version.ts"
import { command, write } from "../../graph/command.ts"
import { file, type Target, target } from "../../graph/target.ts"
import { type Asking, type DebianSource, debianSources } from "../debian.ts"
import { Refused } from "../fetch.ts"
import type { Location } from "../location.ts"
import type { Recipe } from "../recipe.ts"
import { programAt } from "./program.ts"
import { ask, newestOf, type Upstream, upstreamOf } from "./upstream.ts"

/** Packages that come from one source. */
export interface Sourced {
  readonly names: readonly string[]
  readonly version: string
  readonly locations: readonly Location[]
}

/** What is known of a source. `unknown`: it could not be asked; undefined: it has no such package, or names no version. */
export interface Newest extends Sourced {
  readonly debian: string | "unknown" | undefined
  readonly upstream: string | "unknown" | undefined
  /** The newest that is newer than ours. */
  readonly newer: string | undefined
}

/** All that was learnt; `unreachable` says for each that could not be asked why. */
export interface Outdated {
  readonly sources: readonly Newest[]
  readonly unreachable: readonly (readonly [who: string, why: string])[]
}

/** Lists the recipes that are outdated; `-- --json` gives everything that was learnt. */
export function outdatedTarget(recipes: readonly Recipe[]): Target {
  const listed = target({
    name: "outdated/recipes",
    about: "the versions of all recipes",
    outputs: { list: file() },
    run: (_, { list }) => write(list, JSON.stringify(sourcesOf(recipes))),
  })
  return target({
    name: "outdated",
    about: "the recipes of which Debian or upstream has a newer version; `-- --json` for programs",
    inputs: { list: listed.outputs.list },
    session: ({ list }, words) => command(process.execPath, programAt("outdated"), list, ...words),
  })
}

/** The sources of these recipes, each once. */
export function sourcesOf(recipes: readonly Recipe[]): readonly Sourced[] {
  const sources = new Map<string, { names: string[]; version: string; locations: readonly Location[] }>()
  for (const { name, version, source } of recipes) {
    if (source === undefined) continue
    const key = JSON.stringify(source.locations)
    const known = sources.get(key)
    if (known === undefined) sources.set(key, { names: [name], version, locations: source.locations })
    else known.names.push(name)
  }
  return [...sources.values()]
}

/** The suite in which Debian's newest are. */
const newestSuite = "sid"

/** Asks Debian and upstreams. */
export async function learn(sources: readonly Sourced[], asking: Asking): Promise<Outdated> {
  const unreachable = new Map<string, string>()
  const failed = (who: string) => (thrown: unknown) => {
    asking.signal.throwIfAborted()
    unreachable.set(who, reasonOf(thrown))
    return "unknown" as const
  }
  const debian = await askDebian(sources, asking, failed)
  const upstream = await askUpstreams(sources, asking, failed)
  const learnt = sources.map((source, i): Newest => {
    const [inDebian, atUpstream] = [newestInDebian(source, debian), upstream[i]]
    const isNewer = atUpstream !== undefined && atUpstream !== "unknown" && isNewerThan(atUpstream, source.version)
    const newer = newestOf([
      ...(inDebian?.isNewer === true ? [inDebian.version] : []),
      ...(isNewer ? [atUpstream] : []),
    ])
    const isUnknown = debian.get(newestSuite) === "unknown" && debianIn(source) !== undefined
    return { ...source, debian: isUnknown ? "unknown" : inDebian?.version, upstream: atUpstream, newer }
  })
  return { sources: learnt, unreachable: [...unreachable].sort() }
}

type Failed = (who: string) => (thrown: unknown) => "unknown"
type Suites = ReadonlyMap<string, readonly DebianSource[] | "unknown">

const debianIn = ({ locations }: Sourced) => locations.find((location) => location.kind === "debian")

async function askDebian(sources: readonly Sourced[], asking: Asking, failed: Failed): Promise<Suites> {
  const locations = sources.flatMap((source) => debianIn(source) ?? [])
  const names = [...new Set(locations.map((location) => location.package))].sort()
  const suites = [...new Set([newestSuite, ...locations.map(({ suite }) => suite)])]
  if (names.length === 0) return new Map()
  const asked = suites.map((suite) => debianSources(suite, names, asking).catch(failed(`Debian ${suite}`)))
  return new Map((await Promise.all(asked)).map((found, i) => [suites[i] ?? "", found]))
}

/** Debian's newest of a source, and whether that is newer than what Debian called the one that we have. */
function newestInDebian(source: Sourced, suites: Suites): { version: string; isNewer: boolean } | undefined {
  const location = debianIn(source)
  const all = [...suites.values()].flatMap((found) => (found === "unknown" ? [] : found))
  const own = all.filter((one) => one.package === location?.package)
  const newest = own.filter(({ version }) => !/~(rc|alpha|beta|pre|git)/.test(version)).map(({ version }) => version)
  const version = newestOf(newest)
  if (version === undefined) return undefined
  const ours = own.find(({ files }) => files.some(({ digest }) => digest === location?.digest))
  const upstream = upstreamPart(version)
  return {
    version: upstream,
    isNewer: isNewerThan(upstream, ours === undefined ? source.version : upstreamPart(ours.version)),
  }
}

/** The upstream version in one of Debian's: without epoch, revision, and what says that it was repacked. */
export const upstreamPart = (version: string): string =>
  partsOf(version)
    .upstream.replace(/^.*\+really/, "")
    .replace(/[.+~](dfsg|ds|repack)[\d.]*$/, "")

/** Whether it is newer than a recipe's version, in which `-` begins no revision. */
const isNewerThan = (version: string, ours: string): boolean => compareVersions(version, ours.replaceAll("-", ".")) > 0

/** One request at a time for each host. */
async function askUpstreams(
  sources: readonly Sourced[],
  asking: Asking,
  failed: Failed,
): Promise<readonly (string | undefined)[]> {
  const upstreams = sources.map(({ locations, version }) => {
    const found = locations.find((location) => location.kind === "url")
    return found === undefined ? undefined : upstreamOf(found, version)
  })
  const answers: (string | undefined)[] = sources.map(() => undefined)
  const hosts = Map.groupBy(
    upstreams.flatMap((upstream, i) => (upstream === undefined ? [] : [{ upstream, i }])),
    ({ upstream }) => new URL(upstream.address).host,
  )
  const askHost = async (host: string, questions: readonly { upstream: Upstream; i: number }[]) => {
    let isGone = false
    for (const { upstream, i } of questions) {
      asking.progress(undefined, host)
      const noAnswer = (thrown: unknown) => {
        // Of a host that cannot be reached nothing else is asked.
        isGone ||= !(thrown instanceof Refused)
        return failed(isGone ? host : upstream.address)(thrown)
      }
      answers[i] = isGone ? "unknown" : await ask(upstream, asking.signal).catch(noAnswer)
    }
  }
  await Promise.all([...hosts].map(([host, questions]) => askHost(host, questions)))
  return answers
}

function reasonOf(thrown: unknown): string {
  const { cause, message, name } = thrown as Error & { cause?: { code?: string; message?: string } }
  return name === "TimeoutError" ? "no answer" : (cause?.code ?? cause?.message ?? message)
}
