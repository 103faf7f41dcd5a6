// What a function rule is given besides the paths of its inputs and outputs. How it is done is exec's business.

/** What a function rule can do besides computing. What it reads in other ways is not seen to change. */
export interface Running {
  /** Aborted when the build is cancelled. */
  readonly signal: AbortSignal
  /** A private directory, empty at the start. */
  readonly scratch: string
  /** A directory kept from run to run, for downloads that are not finished; shared with other engines. */
  readonly keep: string
  /** The path of a stored file of this SHA-256 (64 hexadecimal digits), if there is one; it must not be written to. */
  stored(digest: string): string | undefined
  /**
   * The absolute path of a workspace file that the rule reads besides its inputs; from then on it counts as one, also if it is not
   * there. `path` is relative to the workspace.
   * @throws Error for a path outside the workspace.
   */
  need(path: string): string
  /** Adds a line to the action's log. */
  log(line: string): void
  /** Says how far it is: a fraction of 1 where known, and a few words. */
  progress(fraction: number | undefined, words: string): void
  /** Tells a person something, in one line that stays. */
  notice(what: string): void
  /**
   * The path of a declared tool's program.
   * @throws Error if no declared tool has it.
   */
  program(name: string): string
  /**
   * The path of a program that is no declared tool, looked for as tools are; undefined if the build machine has none. Only for what tells a
   * person more: it is in no key, so no output may depend on it.
   */
  installed(name: string): string | undefined
  /** Starts a program; what of it is left when the function ends is ended with all its descendants. */
  start(argv: readonly string[], options?: StartOptions): Started
}

/** How a program is started. */
export interface StartOptions {
  /** Where, absolute. Default: the scratch directory. */
  readonly directory?: string
  /** What it finds in its environment besides `PATH` (the system's) and `LC_ALL=C`. */
  readonly environment?: Readonly<Record<string, string>>
  /** Where what it writes goes: to the log (default), or to the caller by `output` as well. */
  readonly capture?: boolean
}

/** A program that runs. */
export interface Started {
  /** What it writes, piece by piece, standard error included; empty unless captured. */
  readonly output: AsyncIterable<string>
  /** Writes to its standard input. */
  write(text: string): void
  /** Ends its standard input. */
  end(): void
  /** Ends it with all its descendants. */
  kill(): void
  /** Its exit status; null if a signal ended it. Rejects if it cannot be started. */
  readonly status: Promise<number | null>
}
