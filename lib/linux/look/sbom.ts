// A system's bill of materials, for programs that look for vulnerabilities and licences: CycloneDX and SPDX. Both say what the recipes
// say. The same system gives the same bits: what has to be unique is made from the content, and there is no clock.

import { writeFileSync } from "node:fs"
import { command } from "../../graph/command.ts"
import { type Target, target } from "../../graph/target.ts"
import type { Packages } from "../package.ts"
import { billOf } from "./bill.ts"
import { cycloneDxOf } from "./cyclonedx.ts"
import type { Looked } from "./parts.ts"
import { spdxOf } from "./spdx.ts"

/** Writes both forms into image/TRIPLE, and says where. */
export function sbomTarget(from: Packages, looked: Looked): Target {
  const { triple } = from.machine
  const bill = billOf(from, looked)
  const [cycloneDx, spdx] = [`image/${triple}/sbom.cdx.json`, `image/${triple}/sbom.spdx.json`]
  const written = target({
    name: `${triple}/sbom-files`,
    about: `the bill of materials for ${triple}`,
    outputs: { cycloneDx, spdx },
    module: import.meta.url,
    parameters: JSON.stringify(bill),
    call: async (_, { cycloneDx, spdx }) => {
      writeFileSync(cycloneDx, await cycloneDxOf(bill))
      writeFileSync(spdx, spdxOf(bill))
    },
  })
  return target({
    name: `${triple}/sbom`,
    about: "the bill of materials (CycloneDX and SPDX) of the root file system and its kernel, in image/",
    inputs: { cycloneDx: written.outputs.cycloneDx, spdx: written.outputs.spdx },
    session: () => command("echo", `${cycloneDx} ${spdx}: ${bill.materials.length} packages`),
  })
}
