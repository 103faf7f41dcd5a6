// Where upstream says which versions there are, by the address of one of its archives: a release's page at GitHub, or the listing of the
// directory that the archive lies in. Pure, but for `ask`.

import { compareVersions } from "../../base/version.ts"
import { Refused } from "../fetch.ts"

/** What to ask, and which versions an answer names. */
export interface Upstream {
  readonly address: string
  /** Where the next major version's would lie, if each has a directory of its own (`v6.x/`). */
  readonly next?: string | undefined
  /** `at` is where the answer came from, once redirections were followed. */
  versionsIn(text: string, at: string): readonly string[]
}

/** An archive of upstream's, and what the versions of releases are like beside it (a regular expression). */
interface Archive {
  readonly url: string
  readonly releases?: string
}

/** How upstream of an archive is asked; undefined where its address does not tell. */
export function upstreamOf({ url, releases = ".*" }: Archive, version: string): Upstream | undefined {
  const like = new RegExp(`^(?:${releases})$`)
  const isWanted = (version: string) => isRelease(version) && like.test(version)
  if (url.startsWith("https://github.com/")) return releasesOf(url, version, isWanted)
  const parts = url.split("/")
  const first = parts.findIndex((part, i) => i > 2 && part.includes(version))
  if (first < 0) return undefined
  const [before = "", ...after] = (parts[first] ?? "").split(version)
  const pattern = new RegExp(`${escaped(before)}(\\d[\\w.]*?)${escaped(after.join(version))}(?=[/"<\\s]|$)`, "g")
  const versionsIn = (text: string) => [...text.matchAll(pattern)].map(([, found = ""]) => found).filter(isWanted)
  const address = `${parts.slice(0, first).join("/")}/`
  return { address, next: nextMajor(address), versionsIn }
}

function nextMajor(address: string): string | undefined {
  const [end, before, major] = /(\/v?)(\d+)\.x\/$/.exec(address) ?? []
  return end === undefined ? undefined : `${address.slice(0, -end.length)}${before}${Number(major) + 1}.x/`
}

const escaped = (text: string): string => text.replace(/[^\w]/g, "\\$&")

const isRelease = (version: string): boolean => /^\d+(\.\d+)*[a-z]?$/.test(version)

/** The latest release at GitHub, if its tag is like ours: `v2.6.4`, `R_2_5_0`, `release-2.1.12-stable`. */
function releasesOf(url: string, version: string, isWanted: typeof isRelease): Upstream | undefined {
  const archived =
    /^(https:\/\/github\.com\/[^/]+\/[^/]+)\/(?:releases\/download\/([^/]+)\/|archive\/refs\/tags\/(.+?)\.(?:tar|zip))/
  const [, repository = "", released, tagged] = archived.exec(url) ?? []
  const tag = released ?? tagged ?? ""
  const form = [version, version.replaceAll(".", "_")].find((form) => tag.includes(form))
  if (form === undefined) return undefined
  const [before = "", after = ""] = tag.split(form)
  const pattern = new RegExp(`/releases/tag/${escaped(before)}([^/]+)${escaped(after)}$`)
  const versionsIn = (_: string, at: string) => {
    const [, found = ""] = pattern.exec(at) ?? []
    return [found.replaceAll("_", ".")].filter(isWanted)
  }
  return { address: `${repository}/releases/latest`, versionsIn }
}

/** The newest of some versions. */
export const newestOf = (versions: readonly string[]): string | undefined => [...versions].sort(compareVersions).at(-1)

const patienceMs = 15_000

/** Asks upstream for its newest version; undefined where the answer names none. Throws Refused, or an Error that says why there is no answer. */
export async function ask({ address, next, versionsIn }: Upstream, signal: AbortSignal): Promise<string | undefined> {
  const get = (address: string) =>
    fetch(address, { signal: AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]) })
  const response = await get(address)
  if (!response.ok) throw new Refused(`the server answered ${response.status}`)
  const versions = versionsIn(await response.text(), response.url)
  const later = next === undefined ? undefined : await get(next)
  return newestOf([...versions, ...(later?.ok === true ? versionsIn(await later.text(), later.url) : [])])
}
