// What a person can look at of a system: its sizes, its licences, its bill of materials, its kernel's configuration.

import type { Target } from "../../graph/target.ts"
import type { Packages } from "../package.ts"
import { licensesTarget } from "./licenses.ts"
import { menuconfigTarget } from "./menuconfig.ts"
import type { Looked } from "./parts.ts"
import { sbomTarget } from "./sbom.ts"
import { sizeTarget } from "./size.ts"

/** The targets of one system. */
export const lookingAt = (
  from: Packages,
  looked: Looked,
): Readonly<Record<"size" | "licenses" | "sbom" | "menuconfig", Target>> => ({
  size: sizeTarget(from, looked),
  licenses: licensesTarget(from, looked),
  sbom: sbomTarget(from, looked),
  menuconfig: menuconfigTarget(from, looked),
})
