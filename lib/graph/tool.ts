// A program of the build machine that an action may run. An action sees the tools that it declares and no other program.
// How a tool is found, and what it is on this machine, is exec's business.

import { checkOptions, type Form } from "./options.ts"
import { checkText, isRecord } from "./shape.ts"

/** A tool: one or several programs that come together. */
export interface Tool {
  /** What it is. */
  readonly kind: "tool"
  /** How messages and manifests call it. */
  readonly name: string
  /** What an action calls → names to look for on the build machine, the first that is there is taken. */
  readonly programs: Readonly<Record<string, readonly string[]>>
  /** Files and directories of the build machine that the programs read, absolute. */
  readonly files: readonly string[]
  /** The Debian packages that bring it. */
  readonly debian: readonly string[]
}

/** What one writes to declare a tool. */
export interface ToolOptions {
  /** How messages and manifests call it. */
  readonly name: string
  /**
   * Its programs. As a list: their names, which are looked for in the system's directories and then in `PATH`. As a record: what an
   * action calls, and the names to look for, of which the first that is there is taken. Default: one program, called as the tool is.
   */
  readonly programs?: readonly string[] | Readonly<Record<string, readonly string[]>>
  /**
   * Files and directories of the build machine that the programs read besides their shared libraries, absolute; `*` stands for any
   * part of one name. Default: none.
   */
  readonly files?: readonly string[]
  /** Default: a package named as the tool is. */
  readonly debian?: readonly string[]
}

const areTexts = (value: unknown): boolean => Array.isArray(value) && value.every((one) => typeof one === "string")

const forms: Readonly<Record<keyof ToolOptions, Form>> = {
  name: [(value) => typeof value === "string", "a text"],
  programs: [
    (value) => areTexts(value) || (isRecord(value) && Object.values(value).every(areTexts)),
    'names: `["cc"]`; or what an action calls, and the names to look for: `{ cc: ["gcc"] }`',
  ],
  files: [
    (value) => areTexts(value) && (value as readonly string[]).every((path) => path.startsWith("/")),
    "absolute paths: `[…]`",
  ],
  debian: [areTexts, "names of packages: `[…]`"],
}

/**
 * Declares a tool. Its content counts for the key of every action that declares it: a single program by its digest, one of more files
 * by its package's version.
 *
 * @example
 * ```ts
 * const cc = tool({
 *   name: "gcc",
 *   programs: { cc: ["gcc"], as: ["as"], ld: ["ld"] },
 *   files: ["/usr/lib/gcc", "/usr/lib/*-linux-gnu", "/usr/include"],
 *   debian: ["gcc", "binutils", "libc6-dev"],
 * })
 * const python = tool({ name: "python", programs: { python: ["python3.13", "python3"] }, files: ["/usr/lib/python3"] })
 * ```
 */
export function tool(options: ToolOptions): Tool {
  checkOptions(options, forms, "tool", "a tool")
  checkText(options.name, () => "`name` of a tool")
  const { name, programs = [name], files = [], debian = [name] } = options
  const named = Array.isArray(programs)
    ? Object.fromEntries((programs as readonly string[]).map((program) => [program, [program]]))
    : (programs as Readonly<Record<string, readonly string[]>>)
  return { kind: "tool", name, programs: named, files, debian }
}

/** Where programs are looked for, in order, with this PATH. The system's own directories go first: elsewhere are often scripts that
 * choose a version. */
export const programDirectories = (path: string): readonly string[] => [
  ...new Set(["/usr/bin", "/usr/sbin", "/bin", "/sbin", ...path.split(":").filter(Boolean)]),
]
