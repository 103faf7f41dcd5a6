// What a bill of materials says, whatever its form: what the recipes say of each part of a system.

import { digestOf } from "../../base/digest.ts"
import type { Location } from "../location.ts"
import type { Packages } from "../package.ts"
import { type Looked, needsOfPart, type Part, partsOf } from "./parts.ts"

/** What a bill says of a package. */
export interface Material {
  readonly name: string
  readonly version: string
  readonly about: string
  /** An SPDX expression. */
  readonly license: string
  readonly role: Part["role"]
  /** Where its source comes from: one of these. */
  readonly locations: readonly Location[]
  readonly patches: readonly string[]
  /** The names of others that it was made with. */
  readonly needs: readonly string[]
}

/** A bill: of one root file system and its kernel. */
export interface Bill {
  readonly triple: string
  readonly materials: readonly Material[]
}

/** The bill of a system. */
export function billOf(from: Packages, looked: Looked): Bill {
  const parts = partsOf(from, looked)
  const materials = parts.map((part): Material => {
    const { name, version, about, license, source } = part.recipe
    const needs = needsOfPart(part, parts).map(({ recipe }) => recipe.name)
    const { locations = [], patches = [] } = source ?? {}
    return { name, version, about, license, role: part.role, locations, patches, needs }
  })
  return { triple: from.machine.triple, materials }
}

/** A UUID made from content: version 8 of RFC 9562, which leaves the digits to whoever makes it. */
export function uuidOf(content: string): string {
  const digits = digestOf(content)
  const variant = "89ab"[Number.parseInt(digits.slice(16, 17), 16) % 4]
  const parts = [
    digits.slice(0, 8),
    digits.slice(8, 12),
    `8${digits.slice(13, 16)}`,
    `${variant}${digits.slice(17, 20)}`,
  ]
  return [...parts, digits.slice(20, 32)].join("-")
}

/** A package's URL as the purl specification has it: what it is called where no registry knows it. */
export function purlOf({ name, version, locations }: Pick<Material, "name" | "version" | "locations">): string {
  const found = locations.find((location) => location.kind === "url")
  const qualifiers = found && `?checksum=sha256:${found.digest}&download_url=${encodeURIComponent(found.url)}`
  return `pkg:generic/${encodeURIComponent(name)}@${encodeURIComponent(version)}${qualifiers ?? ""}`
}

/** Where a source comes from, as an address. */
export const addressOf = (location: Location): string =>
  location.kind === "url"
    ? location.url
    : `pkg:deb/debian/${encodeURIComponent(location.package)}?arch=source&distro=${location.suite}`
