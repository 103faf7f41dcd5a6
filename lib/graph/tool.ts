// A program of the build machine that an action may run. An action sees the tools that it declares and no other program.
// How a tool is found, and what it is on this machine, is exec's business.

/** A tool: one or several programs that come together. */
export interface Tool {
  readonly kind: "tool"
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
  readonly name: string
  /** Default: one program, called as the tool is. */
  readonly programs?: readonly string[] | Readonly<Record<string, readonly string[]>>
  readonly files?: readonly string[]
  /** Default: a package named as the tool is. */
  readonly debian?: readonly string[]
}

/** Declares a tool. */
export function tool({ name, programs = [name], files = [], debian = [name] }: ToolOptions): Tool {
  const named = Array.isArray(programs)
    ? Object.fromEntries((programs as readonly string[]).map((program) => [program, [program]]))
    : (programs as Readonly<Record<string, readonly string[]>>)
  return { kind: "tool", name, programs: named, files, debian }
}
