// What is said of a real program that is built for comparison.

import type { Location } from "../lib/linux/location.ts"

/** What is known of a program's sources, which all lie in `src`. */
export interface Project {
  readonly name: string
  readonly locations: readonly Location[]
  readonly compiler: "cc" | "c++"
  /** What a source's name ends with. */
  readonly extension: "c" | "cc"
  /** The flags that its own makefile has for a plain POSIX system. */
  readonly flags: readonly string[]
  readonly libraries: readonly string[]
  /** The sources, without extension, that hold a program's main. */
  readonly mains: readonly string[]
  /** The names of sources that are not part of the programs. */
  readonly besides: RegExp
  /** The source that is edited, and what is added to it each time. */
  readonly edited: string
  readonly edit: (round: number) => string
}
