// A bill of materials in SPDX's JSON. Format: SPDX 2.3, clauses 6 (document), 7 (packages), 11 (relationships). No library for it is
// kept well: it is a record that JSON.stringify writes, and a test holds it against the rules of the specification.

import { epochSeconds } from "../../graph/command.ts"
import { addressOf, type Bill, type Material, purlOf, uuidOf } from "./bill.ts"

/** A document; only what is written here. */
export interface SpdxDocument {
  readonly spdxVersion: "SPDX-2.3"
  readonly dataLicense: "CC0-1.0"
  readonly SPDXID: "SPDXRef-DOCUMENT"
  readonly name: string
  /** What tells it from all others. */
  readonly documentNamespace: string
  readonly creationInfo: { readonly created: string; readonly creators: readonly string[] }
  readonly packages: readonly SpdxPackage[]
  readonly relationships: readonly SpdxRelationship[]
}

/** A package of a document. */
export interface SpdxPackage {
  readonly SPDXID: string
  readonly name: string
  readonly versionInfo?: string
  readonly summary?: string
  readonly primaryPackagePurpose: "APPLICATION" | "LIBRARY" | "OPERATING_SYSTEM"
  readonly downloadLocation: string
  readonly filesAnalyzed: false
  readonly licenseConcluded: "NOASSERTION"
  readonly licenseDeclared: string
  readonly copyrightText: "NOASSERTION"
  readonly checksums?: readonly { readonly algorithm: "SHA256"; readonly checksumValue: string }[]
  readonly externalRefs?: readonly {
    readonly referenceCategory: "PACKAGE-MANAGER"
    readonly referenceType: "purl"
    readonly referenceLocator: string
  }[]
  readonly sourceInfo?: string
}

/** That one element has to do with another. */
export interface SpdxRelationship {
  readonly spdxElementId: string
  readonly relationshipType: "DESCRIBES" | "CONTAINS" | "STATIC_LINK" | "DEPENDS_ON"
  readonly relatedSpdxElement: string
}

/** The bill as a text that ends with a newline. */
export function spdxOf(bill: Bill): string {
  const document = (documentNamespace: string): SpdxDocument => ({
    spdxVersion: "SPDX-2.3",
    dataLicense: "CC0-1.0",
    SPDXID: "SPDXRef-DOCUMENT",
    name: `rootfs-${bill.triple}`,
    documentNamespace,
    creationInfo: {
      // A document must bear a date: that of everything else that is built.
      created: `${new Date(epochSeconds * 1000).toISOString().slice(0, 19)}Z`,
      creators: ["Tool: hashmake"],
    },
    packages: [rootOf(bill), ...bill.materials.map(packageOf)],
    relationships: relationshipsOf(bill),
  })
  const namespace = `urn:uuid:${uuidOf(JSON.stringify(document("")))}`
  return `${JSON.stringify(document(namespace), null, 2)}\n`
}

const idOf = (name: string): string => `SPDXRef-Package-${name.replace(/[^A-Za-z0-9.-]/g, "-")}`
const rootId = "SPDXRef-RootFileSystem"

const unsaid = { filesAnalyzed: false, licenseConcluded: "NOASSERTION", copyrightText: "NOASSERTION" } as const

const rootOf = ({ triple }: Bill): SpdxPackage => ({
  SPDXID: rootId,
  name: `rootfs-${triple}`,
  primaryPackagePurpose: "OPERATING_SYSTEM",
  downloadLocation: "NOASSERTION",
  ...unsaid,
  licenseDeclared: "NOASSERTION",
})

const purposes = {
  chosen: "APPLICATION",
  needed: "LIBRARY",
  foundation: "LIBRARY",
  kernel: "OPERATING_SYSTEM",
  medium: "APPLICATION",
} as const satisfies Readonly<Record<Material["role"], SpdxPackage["primaryPackagePurpose"]>>

function packageOf(material: Material): SpdxPackage {
  const { name, version, about, license, role, locations, patches } = material
  const [main] = locations
  const others = locations.slice(1).map((location) => `${addressOf(location)} (SHA-256 ${location.digest})`)
  const notes = [
    ...(others.length > 0 ? [`also had from ${others.join(", ")}`] : []),
    ...(patches.length > 0 ? [`patched by ${patches.join(", ")}`] : []),
  ]
  return {
    SPDXID: idOf(name),
    name,
    versionInfo: version,
    summary: about,
    primaryPackagePurpose: purposes[role],
    downloadLocation: main?.kind === "url" ? main.url : "NOASSERTION",
    ...unsaid,
    licenseDeclared: license,
    ...(main === undefined ? {} : { checksums: [{ algorithm: "SHA256", checksumValue: main.digest }] }),
    externalRefs: [{ referenceCategory: "PACKAGE-MANAGER", referenceType: "purl", referenceLocator: purlOf(material) }],
    ...(notes.length === 0 ? {} : { sourceInfo: notes.join("; ") }),
  }
}

const isInside = (role: Material["role"]): boolean => role !== "kernel" && role !== "medium"

function relationshipsOf({ materials }: Bill): readonly SpdxRelationship[] {
  const relation = (from: string, relationshipType: SpdxRelationship["relationshipType"], to: string) => ({
    spdxElementId: from,
    relationshipType,
    relatedSpdxElement: to,
  })
  const foundation = new Set(materials.flatMap(({ name, role }) => (role === "foundation" ? [name] : [])))
  return [
    relation("SPDXRef-DOCUMENT", "DESCRIBES", rootId),
    ...materials.flatMap(({ name, role }) =>
      role === "foundation" ? [] : [relation(rootId, isInside(role) ? "CONTAINS" : "DEPENDS_ON", idOf(name))],
    ),
    ...materials.flatMap(({ name, needs }) =>
      needs.map((need) => relation(idOf(name), foundation.has(need) ? "STATIC_LINK" : "DEPENDS_ON", idOf(need))),
    ),
  ]
}
