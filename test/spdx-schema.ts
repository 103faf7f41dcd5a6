// What the specification of SPDX 2.3 asks of the parts of a document that we write, in our words (clauses 6, 7, 11 and annex D): nothing
// may be there that is not named here. The official schema comes in no package that could be installed.

const text = { type: "string", minLength: 1 } as const
const id = { type: "string", pattern: "^SPDXRef-[A-Za-z0-9.-]+$" } as const
const object = <T extends object>(properties: T, optional: readonly (keyof T)[] = []) => ({
  type: "object",
  properties,
  required: Object.keys(properties).filter((name) => !optional.includes(name as keyof T)),
  additionalProperties: false,
})
const listOf = (items: object) => ({ type: "array", items, minItems: 1 })

/** A JSON schema (draft 7). */
export const spdxSchema = object({
  spdxVersion: { const: "SPDX-2.3" },
  dataLicense: { const: "CC0-1.0" },
  SPDXID: { const: "SPDXRef-DOCUMENT" },
  name: text,
  // An absolute URI without a fragment.
  documentNamespace: { type: "string", pattern: "^[a-z][a-z0-9+.-]*:[^#\\s]+$" },
  creationInfo: object({
    created: { type: "string", pattern: "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ$" },
    creators: listOf({ type: "string", pattern: "^(Person|Organization|Tool): \\S" }),
  }),
  packages: listOf(
    object(
      {
        SPDXID: id,
        name: text,
        versionInfo: text,
        summary: text,
        primaryPackagePurpose: { enum: ["APPLICATION", "LIBRARY", "OPERATING_SYSTEM"] },
        downloadLocation: { type: "string", pattern: "^(NOASSERTION|NONE|[a-z+]+://\\S+)$" },
        filesAnalyzed: { const: false },
        licenseConcluded: text,
        licenseDeclared: text,
        copyrightText: text,
        checksums: listOf(
          object({ algorithm: { const: "SHA256" }, checksumValue: { type: "string", pattern: "^[0-9a-f]{64}$" } }),
        ),
        externalRefs: listOf(
          object({
            referenceCategory: { const: "PACKAGE-MANAGER" },
            referenceType: { const: "purl" },
            referenceLocator: { type: "string", pattern: "^pkg:[a-z]+/[^\\s@]+(@[^\\s?]+)?(\\?\\S+)?$" },
          }),
        ),
        sourceInfo: text,
      },
      ["versionInfo", "summary", "checksums", "externalRefs", "sourceInfo"],
    ),
  ),
  relationships: listOf(
    object({
      spdxElementId: id,
      relationshipType: { enum: ["DESCRIBES", "CONTAINS", "STATIC_LINK", "DEPENDS_ON"] },
      relatedSpdxElement: id,
    }),
  ),
})
