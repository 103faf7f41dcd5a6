// A bill of materials in CycloneDX's JSON, written by CycloneDX's own library, an optional peer of hashmake.

import type * as CycloneDx from "@cyclonedx/cyclonedx-library"
import { optional } from "../../base/optional.ts"
import { noLibraryError } from "../../graph/errors.ts"
import { addressOf, type Bill, type Material, purlOf, uuidOf } from "./bill.ts"

type Library = typeof CycloneDx

/** The bill as a text that ends with a newline. Throws a BuildError if the library is not installed. */
export async function cycloneDxOf(bill: Bill): Promise<string> {
  const library = await load()
  const { Serialize, Spec } = library
  const made = bomOf(library, bill)
  const serializer = new Serialize.JsonSerializer(new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6))
  const write = () => serializer.serialize(made, { sortLists: true, space: 2 })
  made.serialNumber = `urn:uuid:${uuidOf(write())}`
  return `${write()}\n`
}

function bomOf(library: Library, { triple, materials }: Bill): CycloneDx.Models.Bom {
  const { Enums, Models } = library
  const root = new Models.Component(Enums.ComponentType.OperatingSystem, `rootfs-${triple}`, { bomRef: triple })
  const components = new Map(materials.map((material) => [material.name, componentOf(library, material)]))
  for (const { name, needs, role } of materials) {
    const component = components.get(name)
    if (component === undefined) continue
    for (const need of needs) {
      const made = components.get(need)
      if (made !== undefined) component.dependencies.add(made.bomRef)
    }
    if (role === "chosen" || role === "kernel" || role === "medium") root.dependencies.add(component.bomRef)
  }
  const builder = new Models.Component(Enums.ComponentType.Application, "hashmake", { bomRef: "hashmake" })
  const tools = new Models.Tools({ components: new Models.ComponentRepository([builder]) })
  const lifecycles = new Models.LifecycleRepository([Enums.LifecyclePhase.Build])
  return new Models.Bom({
    metadata: new Models.Metadata({ component: root, tools, lifecycles }),
    components: new Models.ComponentRepository(components.values()),
  })
}

function componentOf(library: Library, material: Material): CycloneDx.Models.Component {
  const { Enums, Models } = library
  const { name, version, about: description, role, locations, patches } = material
  const { Application, Library: Linked, OperatingSystem } = Enums.ComponentType
  const types = {
    chosen: Application,
    needed: Linked,
    foundation: Linked,
    kernel: OperatingSystem,
    medium: Application,
  }
  const references = locations.map((location) => {
    const hashes = new Models.HashDictionary([[Enums.HashAlgorithm["SHA-256"], location.digest]])
    return new Models.ExternalReference(addressOf(location), Enums.ExternalReferenceType.SourceDistribution, { hashes })
  })
  return new Models.Component(types[role], name, {
    bomRef: name,
    version,
    description,
    purl: purlOf(material),
    licenses: new Models.LicenseRepository([licenseOf(library, material.license)]),
    externalReferences: new Models.ExternalReferenceRepository(references),
    properties: new Models.PropertyRepository([
      new Models.Property("hashmake:role", role),
      ...patches.map((path) => new Models.Property("hashmake:patch", path)),
    ]),
  })
}

function licenseOf({ Enums, Models, SPDX }: Library, expression: string): CycloneDx.Models.License {
  const license = SPDX.isSupportedSpdxId(expression)
    ? new Models.SpdxLicense(expression)
    : new Models.LicenseExpression(expression)
  license.acknowledgement = Enums.LicenseAcknowledgement.Declared
  return license
}

const load = (): Promise<Library> =>
  optional(
    () => import("@cyclonedx/cyclonedx-library"),
    () => noLibraryError("writes CycloneDX", "@cyclonedx/cyclonedx-library"),
  )
